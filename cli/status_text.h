#pragma once

#include <string>

#include "cli/terminal.h"
#include "status/status.h"

namespace dbtool::cli {

/// A status for people, several lines.
std::string to_text(const status::Status& status, const Style& style);

/// One JSON object on one line.
std::string to_json_line(const status::Status& status);

/// The online migration that is under way, several lines.
std::string online_details(const status::Status& status, const Style& style);
/// {"online": …} on one line; null when there is none.
std::string online_json_line(const status::Status& status);

/// "done", "2 pending, 1 finding", "online 20 RUNNING": the shortest way to say what is to do.
std::string state_in_short(const status::Status& status);

}  // namespace dbtool::cli
