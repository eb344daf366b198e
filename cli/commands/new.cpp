#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/address.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "ledger/ledger.h"
#include "new/new_version.h"

namespace dbtool::cli {

namespace {

/// The version of the database that is named; only needed where versions move.
std::optional<int> applied_version(Context& context, const NewVersion& wanted) {
  if (!wanted.before) return std::nullopt;
  if (!find_database(context.arguments(), context.environment())) {
    context.note(
        "note: no database is named, so nobody has looked whether a version that moves is applied somewhere");
    return std::nullopt;
  }
  pg::Connection connection = context.connect();
  return ledger::read_state(connection, context.settings()).version;
}

std::string as_json(const std::vector<FileChange>& changes) {
  auto array = nlohmann::ordered_json::array();
  for (const FileChange& change : changes)
    array.push_back({{"file", change.file}, {"replaces", change.replaces}, {"new", change.is_new}});
  return array.dump() + "\n";
}

std::string as_text(const std::vector<FileChange>& changes) {
  std::string text;
  for (const FileChange& change : changes) {
    if (change.is_new)
      text += "new      " + change.file + "\n";
    else if (!change.replaces.empty())
      text += "renamed  " + change.replaces + " → " + change.file + "\n";
    else
      text += "changed  " + change.file + "\n";
  }
  return text;
}

void read_online_options(Context& context, const Arguments& arguments, NewVersion& wanted) {
  for (const char* option : {"pattern", "table", "copy"}) {
    if (wanted.kind != VersionKind::online && arguments.has(option))
      throw Error(ExitCode::usage, fmt::format("--{} is for --kind online", option), "add --kind online");
  }
  if (const auto pattern = arguments.text("pattern")) wanted.pattern = *parse_online_pattern(*pattern);
  if (wanted.pattern == OnlinePattern::functions && (arguments.has("table") || arguments.has("copy")))
    throw Error(ExitCode::usage, "--table and --copy are for declared online migrations",
                "choose another --pattern, or leave them out");
  if (const auto table = arguments.text("table"))
    wanted.source = read_source_table(context.project(), *table);
  wanted.copy = arguments.text("copy").value_or("");
}

ExitCode run_new(Context& context, const Arguments& arguments) {
  NewVersion wanted;
  wanted.title = join(arguments.texts("TITLE"), " ");
  wanted.kind = *parse_version_kind(arguments.text("kind").value_or("table"));
  wanted.service = arguments.text("service").value_or("");
  wanted.before = arguments.integer("before");
  read_online_options(context, arguments, wanted);
  wanted.applied = applied_version(context, wanted);
  const auto changes = plan_new_version(wanted, read_project_texts(context.directory()));
  carry_out(context.directory(), changes);
  context.print(context.json() ? as_json(changes) : as_text(changes));
  return ExitCode::done;
}

}  // namespace

Command new_command() {
  Command command;
  command.name = "new";
  command.summary = "write the next version file from a template";
  command.description =
      "With --before, later versions that are not applied yet move up by one, for an emergency fix; name the "
      "database, and dbtool sees that none of them is applied there. An online migration is declared: "
      "dual-write "
      "has functions that write both forms, and in a second version drops the old one; trigger leaves that "
      "to a "
      "trigger on the old table; move keeps each row in one of two tables, and whoever writes it moves it "
      "first; "
      "column fills a column in place; functions is the form of old directories, not declared.";
  command.operands = {{"TITLE", "what the version does, in a few words", true, true}};
  command.options = {
      {"kind", 0, "KIND", "which template (default table)", false, version_kind_names()},
      {"pattern", 0, "PATTERN",
       "of an online migration: how rows that services write meanwhile end right (default dual-write)", false,
       online_pattern_names()},
      {"table", 0, "TABLE",
       "whose rows move: fills in its columns, key, users and functions, as far as the project's files know "
       "them"},
      {"copy", 0, "NAME", "the table that they move to, or with --pattern column the column that is filled"},
      {"service", 0, "NAME", "the service that owns what is made"},
      {"before", 0, "N", "take the number N; versions from N on move up", false, {}, Completes::versions},
  };
  command.examples = {
      "dbtool new --kind online --table queue_artifacts --copy artifacts 'artifacts get a table of their "
      "own'",
      "dbtool --target firefox-ci new --kind methods --before 31 'fix get_task'"};
  command.run = run_new;
  return command;
}

}  // namespace dbtool::cli
