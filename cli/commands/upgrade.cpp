#include "cli/commands/commands.h"
#include "cli/commands/move.h"

namespace dbtool::cli {

Command upgrade_command() {
  Command command;
  command.name = "upgrade";
  command.summary = "upgrade the database to a version, or to the newest";
  command.description =
      "Runs the versions up to GOAL, each in its own transaction, then checks what is live against what is "
      "declared. "
      "An online migration that is under way is finished first. Safe to stop and to run again at any moment.";
  command.operands = {
      {"GOAL", "the version to reach; the newest when not given", false, false, {}, Completes::versions}};
  command.options = move_options();
  command.options.push_back({"accept-changed",
                             0,
                             "N",
                             "record that the file of applied version N has changed",
                             true,
                             {},
                             Completes::versions});
  command.options.push_back({"force", 0, "",
                             "begin versions although they are not expected to fit the window or the disk, "
                             "or something speaks against it"});
  command.examples = {"dbtool upgrade",
                      "dbtool --target firefox-ci upgrade 20 --until '08:00 UTC' --reserve 45min"};
  command.handles_interrupts = true;
  command.run = [](Context& context, const Arguments& arguments) {
    return move(context, arguments, Direction::upgrade);
  };
  return command;
}

}  // namespace dbtool::cli
