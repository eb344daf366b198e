#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/terminal.h"
#include "ledger/window.h"

namespace dbtool::cli {

/// Seconds as people read them: "11 h 15 min".
std::string length_text(double seconds);

/// The clock of an open window, a few lines; `now` is the server's. Ends with a line break.
std::string open_window_text(const ledger::WindowRecord& window, Clock::Wall now, const Style& style);
/// How a window ended.
std::string closed_window_text(const ledger::WindowRecord& window, const Style& style);

/// `null` for none.
nlohmann::ordered_json window_json(const std::optional<ledger::WindowRecord>& window);

}  // namespace dbtool::cli
