#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "online/key.h"

namespace dbtool::online {

/// Cuts the key space of a table into at most `count` adjacent ranges of about equally many rows, in the
/// order of the keys, the first open below and the last open above. Reads a sample of blocks, so that it
/// takes milliseconds however large the table is; a small table stays whole.
std::vector<KeyRange> split(pg::Connection& connection, const Key& key, int count);

/// A key that has about half of the rows of `range` on either side, by a sample; nullopt: the range is too
/// small to be cut.
std::optional<KeyValue> middle_of(pg::Connection& connection, const Key& key, const KeyRange& range);

/// About how many rows the table has, by its size now and the density that the planner knows; nullopt:
/// unknown.
std::optional<std::int64_t> estimate_rows(pg::Connection& connection, const Key& key);

}  // namespace dbtool::online
