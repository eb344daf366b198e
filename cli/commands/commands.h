#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace dbtool::cli {

/// Every command, in the order of the help. To add one: its file in this folder, a line here, a line in
/// commands.cpp.
std::vector<Command> all_commands();

Command upgrade_command();
Command downgrade_command();
Command plan_command();
Command status_command();
Command check_command();
Command lint_command();
Command docs_command();
Command online_command();
Command environment_command();
Command history_command();
Command rehearse_command();
Command window_command();
Command history_command();
Command report_command();
Command new_command();
Command call_command();
Command local_command();
Command completion_command();
Command version_command();

/// "dbtool 0.1.0", with a line break.
std::string program_version();

}  // namespace dbtool::cli
