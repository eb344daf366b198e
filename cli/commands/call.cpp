#include "call/call.h"

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/table.h"
#include "ledger/ledger.h"

namespace dbtool::cli {

namespace {

std::vector<call::NamedValue> given_values(const Arguments& arguments) {
  std::vector<call::NamedValue> values;
  for (const std::string& word : arguments.texts("NAME=VALUE")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ExitCode::usage, "'" + word + "' is not NAME=VALUE", "write e.g. task_id_in=" + word);
    values.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  for (const std::string& name : arguments.texts("null")) values.push_back({name, std::nullopt});
  return values;
}

std::string as_table(const pg::Result& result, const Style& style) {
  std::vector<std::string> headers;
  for (int column = 0; column < result.columns(); ++column) headers.push_back(result.column_name(column));
  std::vector<std::vector<std::string>> rows;
  for (int row = 0; row < result.rows(); ++row) {
    rows.emplace_back();
    for (int column = 0; column < result.columns(); ++column)
      rows.back().push_back(result.optional_text(row, column).value_or("∅"));
  }
  return render_table(headers, rows, style) +
         (result.rows() == 1 ? "1 row\n" : std::to_string(result.rows()) + " rows\n");
}

ExitCode run_call(Context& context, const Arguments& arguments) {
  const std::vector<call::NamedValue> values = given_values(arguments);
  const Project& project = context.project();
  pg::Connection connection = context.connect();
  const ledger::State state = ledger::read_state(connection, context.settings());
  const call::Call call = call::make_call(project, state.version, *arguments.text("FUNCTION"), values);
  if (call.deprecated) context.note("note: " + call.name + " is deprecated");
  const std::string& role = context.settings().role;
  context.print(context.json() ? call::run_json(connection, call, role) + "\n"
                               : as_table(call::run_table(connection, call, role), context.style()));
  return ExitCode::done;
}

}  // namespace

Command call_command() {
  Command command;
  command.name = "call";
  command.summary = "call a stored function with named arguments";
  command.description =
      "Arguments stand in any order and are checked against those that the version files declare. A `read` "
      "method runs "
      "in a read-only transaction. In tables ∅ is null.";
  command.operands = {{"FUNCTION", "a method of the version files", true, false, {}, Completes::functions},
                      {"NAME=VALUE", "arguments; an empty value is the empty text", false, true}};
  command.options = {{"null", 0, "NAME", "give null for this argument", true}};
  command.examples = {
      "dbtool --local call get_task task_id_in=fN1SbArXTPSVFNUvaOlinQ",
      "dbtool --target community --format json call get_worker_pools page_size_in=10 page_offset_in=0"};
  command.run = run_call;
  return command;
}

}  // namespace dbtool::cli
