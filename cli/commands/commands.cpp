#include "cli/commands/commands.h"

namespace dbtool::cli {

std::vector<Command> all_commands() {
  std::vector<Command> commands;
  commands.push_back(upgrade_command());
  commands.push_back(downgrade_command());
  commands.push_back(plan_command());
  commands.push_back(status_command());
  commands.push_back(check_command());
  commands.push_back(lint_command());
  commands.push_back(docs_command());
  commands.push_back(online_command());
  commands.push_back(environment_command());
  commands.push_back(rehearse_command());
  commands.push_back(window_command());
  commands.push_back(history_command());
  commands.push_back(report_command());
  commands.push_back(new_command());
  commands.push_back(call_command());
  commands.push_back(local_command());
  commands.push_back(completion_command());
  commands.push_back(version_command());
  return commands;
}

}  // namespace dbtool::cli
