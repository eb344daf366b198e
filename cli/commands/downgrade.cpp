#include "cli/commands/commands.h"
#include "cli/commands/move.h"

namespace dbtool::cli {

Command downgrade_command() {
  Command command;
  command.name = "downgrade";
  command.summary = "take the database back to a version";
  command.description =
      "Runs the downgrade scripts down to GOAL. Where files are missing, changed or broken, the copies that "
      "the "
      "database's ledger keeps are used. Asks before it loses data.";
  command.operands = {{"GOAL", "the version to go down to", false, false, {}, Completes::versions}};
  command.options = move_options();
  command.options.push_back({"force", 0, "",
                             "go down although services that need more are connected, or it is not expected "
                             "to fit the window or the disk"});
  command.examples = {"dbtool downgrade 19", "dbtool downgrade --to-release v33.0.0 --yes firefox-ci"};
  command.handles_interrupts = true;
  command.run = [](Context& context, const Arguments& arguments) {
    return move(context, arguments, Direction::downgrade);
  };
  return command;
}

}  // namespace dbtool::cli
