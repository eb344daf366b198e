#pragma once

#include <exception>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "cli/terminal.h"
#include "model/place.h"

namespace dbtool::cli {

/// An error as people and programs are told of it; what is not known stays empty.
struct ErrorReport {
  ExitCode exit_code = ExitCode::failed;
  std::string message;
  std::string advice;       ///< what to do
  Place place;              ///< in the YAML or SQL file
  std::string source_line;  ///< the line at `place`
  std::string sqlstate, detail, hint, context;
  std::string state;  ///< "DATABASE IS AT 19."
};

/// Everything that an exception tells; also of one that is not ours.
ErrorReport describe(const std::exception& error);

/// For people; ends with a line break.
std::string to_text(const ErrorReport& report, const Style& style);

/// One JSON object on one line: {"event": "error", …}; ends with a line break. `exit_status`: what the
/// program ends with, which tells of a signal as well.
std::string to_json_line(const ErrorReport& report, int exit_status, Clock::Wall time);

}  // namespace dbtool::cli
