#include <fmt/format.h>

#include "base/text.h"
#include "docs/diagram.h"
#include "docs/markdown_parts.h"

namespace dbtool::docs {

namespace {

std::string links_to_services(const std::vector<std::string>& services) {
  std::vector<std::string> links;
  for (const std::string& service : services) links.push_back(markdown_code(service, Where::cell));
  return join(links, ", ");
}

std::string index_of_tables(const Reference& reference) {
  std::string text =
      "## Tables\n\n" + markdown_head({"table", "columns", "may write", "may read", "made in", "changed in"});
  for (const TableEntry& table : reference.tables)
    text += markdown_row({link_to_table(table.name, reference, "", Where::cell),
                          std::to_string(table.columns.size()), links_to_services(table.writers),
                          links_to_services(table.readers), link_to_version(table.made_in, ""),
                          link_to_version(table.changed_in, "")});
  return text + "\n";
}

std::string index_of_services(const Reference& reference) {
  std::string text =
      "## Functions by service\n\n" + markdown_head({"service", "functions", "of them deprecated"});
  for (const std::string& service : reference.services) {
    const auto functions = reference.functions_of(service);
    if (functions.empty()) continue;
    std::size_t deprecated = 0;
    for (const FunctionEntry* function : functions) deprecated += function->deprecated_in != 0 ? 1U : 0U;
    text +=
        markdown_row({fmt::format("[{}]({})", markdown(shown_service(service)), service_file(service)),
                      std::to_string(functions.size()), deprecated == 0 ? "" : std::to_string(deprecated)});
  }
  return text + "\n";
}

}  // namespace

std::string table_file(const std::string& table) {
  return "tables/" + plain_name(table) + ".md";
}

std::string service_file(const std::string& service) {
  return "functions/" + plain_name(service) + ".md";
}

std::string link_to_table(const std::string& table, const Reference& reference, const std::string& from,
                          Where where) {
  std::string name = markdown_code(table, where);
  if (reference.table(table) == nullptr) return name;
  return fmt::format("[{}]({}{})", name, from, table_file(table));
}

std::string link_to_function(const std::string& function, const Reference& reference, const std::string& from,
                             Where where) {
  std::string name = markdown_code(function, where);
  const FunctionEntry* page = reference.function(function);
  if (page == nullptr) return name;
  return fmt::format("[{}]({}{}#{})", name, from, service_file(page->service), anchor("function", function));
}

std::string link_to_version(int version, const std::string& from) {
  return version == 0 ? "" : fmt::format("[{}]({}versions.md#version-{})", version, from, version);
}

std::string markdown_row(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

std::string markdown_head(const std::vector<std::string>& cells) {
  return markdown_row(cells) + "|" + join(std::vector<std::string>(cells.size(), "---"), "|") + "|\n";
}

std::string markdown_index(const Reference& reference, const Beside& beside) {
  std::string text = "# " + markdown(shown_name(reference)) + "\n\n";
  text +=
      fmt::format("{}, {}, [{}](versions.md)", count(reference.tables.size(), "table"),
                  count(reference.functions.size(), "function"), count(reference.versions.size(), "version"));
  if (!reference.releases.empty())
    text += fmt::format(", [{}](releases.md)", count(reference.releases.size(), "release"));
  text += fmt::format(". As of version {}. [Diagram](diagram.md).", reference.newest);
  if (beside.html) text += " [All in one page with a search](index.html).";
  text += "\n\n";
  return text + index_of_tables(reference) + index_of_services(reference);
}

std::string markdown_diagram(const Reference& reference, const Beside& beside) {
  std::string text = "# Diagram\n\n";
  if (beside.svg) text += "![The tables by service, with their foreign keys](diagram.svg)\n\n";
  const std::string keys = mermaid_keys(reference);
  if (keys.empty())
    text += "The scripts name no foreign keys between these tables.\n\n";
  else
    text += "## Foreign keys\n\n" + markdown_fence(keys, "mermaid") + "\n";
  text += "## Tables by the service that may write them\n\n";
  return text + markdown_fence(mermaid_services(reference), "mermaid");
}

std::string markdown_releases(const Reference& reference) {
  std::string text = "# Releases\n\n";
  if (reference.releases.empty()) return text + "The project lists none.\n";
  text += fmt::format(
      "A release runs on the database version that it needs and on later ones, until {} later.\n\n",
      count(static_cast<std::size_t>(reference.release_support), "major release"));
  text += markdown_head({"release", "needs version", "may run on"});
  for (const ReleaseEntry& release : reference.releases)
    text += markdown_row({fmt::format("<a id=\"{}\"></a>", anchor("release", release.name)) +
                              markdown_code(release.name, Where::cell),
                          link_to_version(release.version, ""), database_versions(release)});
  return text;
}

std::vector<Page> markdown_pages(const Reference& reference, const Beside& beside) {
  std::vector<Page> pages{
      {"README.md", markdown_index(reference, beside)},
      {"diagram.md", markdown_diagram(reference, beside)},
      {"versions.md", markdown_versions(reference)},
      {"releases.md", markdown_releases(reference)},
  };
  for (const TableEntry& table : reference.tables)
    pages.push_back({table_file(table.name), markdown_table(table, reference)});
  for (const std::string& service : reference.services)
    if (!reference.functions_of(service).empty())
      pages.push_back({service_file(service), markdown_service(service, reference)});
  for (Page& page : pages) page.contents = fmt::format("<!-- {} -->\n\n{}", marker, page.contents);
  return pages;
}

}  // namespace dbtool::docs
