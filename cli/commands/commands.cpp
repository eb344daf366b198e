#include "cli/commands/commands.h"

namespace dbtool::cli {

std::vector<Command> all_commands() {
  return {
      version_command(),
  };
}

}  // namespace dbtool::cli
