#pragma once

#include <cstdint>
#include <optional>

#include "model/rehearsal.h"

namespace dbtool::window {

/// Seconds that analyze of a table takes which a step has filled or changed: as rehearsed, where that is
/// known, else as is usual. `rows`: that it has here; nullopt: not known. Pure.
double analyze_seconds(const TableCost& table, std::optional<std::int64_t> rows);

/// Whether a step has left the table's statistics wrong.
bool needs_analyze(const TableCost& table);

}  // namespace dbtool::window
