#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "environment/probe_rules.h"
#include "pg/connection.h"

namespace dbtool::environment {

/// A table of which a probe takes some pages only.
struct LargeTable {
  std::string name;       ///< in schema public
  std::int64_t rows = 0;  ///< as the planner knows; where it knows none, by the table's size
  std::int64_t pages = 0;

  double rows_a_page() const { return static_cast<double>(rows) / static_cast<double>(pages); }
};

/// Adjacent pages, the last one left out.
struct PageRange {
  std::int64_t first = 0, last = 0;
};

/// The ordinary tables of schema public with more than `least` rows, by name.
std::map<std::string, LargeTable> read_large_tables(pg::Connection& connection, std::int64_t least);

/// The one that the work goes through: whose rows it changes, else the largest that it reads; nullptr: none.
const LargeTable* sampled_table(const ProbeWork& work, const std::map<std::string, LargeTable>& tables);

/// About `rows` rows at place `index` of `count`, which are spread evenly over the table.
PageRange pages_at(const LargeTable& table, std::int64_t rows, int index, int count);

/// A view that has the table's name, is found before it, and shows those pages alone. What is updated or
/// deleted there is so in the table. A range of TIDs, since the planner then reads these pages and no others.
std::string view_of(const LargeTable& table, const PageRange& pages);
std::string drop_view_of(const LargeTable& table);
std::string count_of(const LargeTable& table, const PageRange& pages);

/// The text with `public.` blanked out before the table's name, so that the view is found.
std::string without_schema(const std::string& text, const std::string& table);

}  // namespace dbtool::environment
