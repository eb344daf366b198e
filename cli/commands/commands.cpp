#include "cli/commands/commands.h"

namespace dbtool::cli {

std::vector<Command> all_commands() {
  return {
      upgrade_command(),
      downgrade_command(),
      plan_command(),
      status_command(),
      check_command(),
      history_command(),
      call_command(),
      completion_command(),
      version_command(),
  };
}

}  // namespace dbtool::cli
