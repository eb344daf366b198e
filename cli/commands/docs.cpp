#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "docs/graphviz.h"
#include "docs/live.h"
#include "docs/page.h"
#include "docs/reference.h"
#include "docs/write.h"

namespace dbtool::cli {

namespace {

namespace fs = std::filesystem;
using docs::PageState;

/// What is to be written, and where.
struct Wanted {
  fs::path directory;  ///< of the Markdown pages; empty: none are wanted
  std::vector<docs::WantedPage> targets;
};

Wanted wanted_pages(Context& context, const Arguments& arguments) {
  docs::Reference reference = docs::read_reference(context.project());
  if (arguments.has("url") || arguments.has("target") || arguments.has("local")) {
    pg::Connection connection = context.connect();
    docs::add_live_facts(reference, connection, context.settings());
  }
  const std::string svg = arguments.has("svg") ? docs::draw_svg(reference) : "";
  const auto html = arguments.text("html");
  Wanted wanted;
  // --html alone is for one page that goes somewhere by itself.
  if (!html || arguments.has("output")) {
    wanted.directory = fs::path(arguments.text("output").value_or((context.directory() / "docs").string()))
                           .lexically_normal();
    for (docs::Page& page : docs::markdown_pages(reference, {!html, !svg.empty()}))
      wanted.targets.push_back({wanted.directory / page.file, std::move(page.contents)});
    if (!svg.empty()) wanted.targets.push_back({wanted.directory / "diagram.svg", docs::svg_file(svg)});
  }
  const fs::path page = html ? fs::path(*html) : wanted.directory / "index.html";
  wanted.targets.push_back({page, docs::html_page(reference, svg)});
  return wanted;
}

/// What the result calls a state: of pages that were written, what was done.
std::string shown_state(PageState state, bool checked) {
  if (checked) return to_text(state);
  if (state == PageState::surplus) return "removed";
  return state == PageState::current ? "unchanged" : "written";
}

std::string as_json(const std::vector<docs::PageOnDisk>& pages, bool checked, bool clean) {
  auto files = nlohmann::ordered_json::array();
  for (const docs::PageOnDisk& page : pages)
    files.push_back({{"file", page.path.string()}, {"state", shown_state(page.state, checked)}});
  const nlohmann::ordered_json json{{"checked", checked}, {"clean", clean}, {"files", files}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string as_text(const std::vector<docs::PageOnDisk>& pages, bool checked, const Style& style) {
  std::string text;
  std::size_t unchanged = 0;
  std::size_t differing = 0;
  for (const docs::PageOnDisk& page : pages) {
    if (page.state == PageState::current) {
      ++unchanged;
      continue;
    }
    ++differing;
    text += pad(shown_state(page.state, checked), 7) + "  " + one_line(page.path.string()) + "\n";
  }
  if (!checked) return text + fmt::format("{} of {} pages changed\n", differing, pages.size());
  if (differing == 0) return text + style.green(fmt::format("{} pages are up to date", unchanged)) + "\n";
  return text + style.red(fmt::format("{} of {} pages are not up to date", differing, pages.size())) +
         "; dbtool docs writes them\n";
}

ExitCode run_docs(Context& context, const Arguments& arguments) {
  const bool checked = arguments.has("check");
  const Wanted wanted = wanted_pages(context, arguments);
  const auto pages = docs::compare(wanted.directory, wanted.targets);
  bool clean = true;
  for (const docs::PageOnDisk& page : pages) clean = clean && page.state == PageState::current;
  if (!checked) docs::carry_out(pages, wanted.targets);
  context.finish_progress();
  context.print(context.json() ? as_json(pages, checked, clean || !checked)
                               : as_text(pages, checked, context.style()));
  return checked && !clean ? ExitCode::findings : ExitCode::done;
}

}  // namespace

Command docs_command() {
  Command command;
  command.name = "docs";
  command.summary = "write reference pages of tables, functions, versions and releases";
  command.description =
      "Reads the project's files alone; no server is needed. Markdown pages, and index.html: one page with a "
      "search, "
      "which needs no network. --url, --target or --local add what only a database knows: the columns' "
      "order, defaults, "
      "indexes and comments in the server's words. Pages of what is no more are removed; files that dbtool "
      "did not write "
      "are left alone.";
  command.options = {
      {"output",
       'o',
       "DIR",
       "directory of the pages (default: docs in the project)",
       false,
       {},
       Completes::directories},
      {"html", 0, "FILE", "the HTML page alone, as FILE; with --output both", false, {}, Completes::files},
      {"svg", 0, "", "draw the tables with Graphviz (dot), for diagram.md and the HTML page"},
      {"check", 0, "", "write nothing; name each page that is stale, missing or surplus, and end with 3"},
  };
  command.examples = {"dbtool docs --output website/database", "dbtool docs --check"};
  command.run = run_docs;
  return command;
}

}  // namespace dbtool::cli
