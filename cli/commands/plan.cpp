#include "cli/commands/commands.h"
#include "cli/commands/move.h"

namespace dbtool::cli {

Command plan_command() {
  Command command;
  command.name = "plan";
  command.summary = "print what upgrade or downgrade would do, and the exact SQL";
  command.description = "The same as upgrade --dry-run or downgrade --dry-run, whichever way GOAL lies.";
  command.operands = {
      {"GOAL", "the version to reach; the newest when not given", false, false, {}, Completes::versions}};
  for (OptionSpec& option : move_options()) {
    if (option.name == "dry-run" || option.name == "yes") continue;
    if (option.name == "from") option.help = "plan from version N, without a database";
    command.options.push_back(std::move(option));
  }
  command.examples = {"dbtool plan 20", "dbtool plan 20 --from 18"};
  command.run = [](Context& context, const Arguments& arguments) {
    return print_plan(context, arguments, std::nullopt);
  };
  return command;
}

}  // namespace dbtool::cli
