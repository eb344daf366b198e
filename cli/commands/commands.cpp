#include "cli/commands/commands.h"

namespace dbtool::cli {

std::vector<Command> all_commands() {
  return {
      history_command(),
      call_command(),
      completion_command(),
      version_command(),
  };
}

}  // namespace dbtool::cli
