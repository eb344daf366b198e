#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/context.h"

namespace dbtool::cli {

std::string program_version() {
  return "dbtool " DBTOOL_VERSION "\n";
}

Command version_command() {
  Command command;
  command.name = "version";
  command.summary = "dbtool's own version";
  command.examples = {"dbtool version", "dbtool version --format json"};
  command.run = [](Context& context, const Arguments&) {
    context.print(context.json() ? nlohmann::json{{"dbtool", DBTOOL_VERSION}}.dump() + "\n"
                                 : program_version());
    return ExitCode::done;
  };
  return command;
}

}  // namespace dbtool::cli
