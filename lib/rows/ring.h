#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rows/row_maker.h"

namespace dbtool::rows {

/// A table of a ring of foreign keys none of which may be null; the maker leaves those keys alone.
struct RingTable {
  const Table* table = nullptr;
  RowMaker maker;
};

/// One statement that puts a row into each table, each row referring to its fellow: foreign keys are looked
/// at when the statement ends, deferrable or not. nullopt when chance gave none that fit.
std::optional<std::string> ring_sql(std::vector<RingTable>& ring);

}  // namespace dbtool::rows
