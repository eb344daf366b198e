#include "catalog/public_columns.h"

#include <algorithm>
#include <string_view>

#include "pg/quote.h"
#include "sql/type.h"

namespace dbtool::catalog {

namespace {

constexpr const char* columns_query = R"(
select c.relname, a.attname, a.atttypid || ' ' || a.atttypmod, a.attnotnull
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = (select oid from pg_namespace where nspname = 'public')
  and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> $1::name
  and a.attnum > 0 and not a.attisdropped)";

constexpr const char* spellings_query = R"(
select w.number, format_type(t.oid, split_part(w.number, ' ', 2)::integer)
from unnest($1::text[]) w (number) join pg_type t on t.oid = split_part(w.number, ' ', 1)::oid)";

/// Rows of columns in the order of their tables and names. Those of a table mostly come one after the other,
/// so that few names of tables need to be compared.
std::vector<int> by_table_and_name(const pg::Result& columns) {
  struct Run {
    std::string_view table;
    int first;
    int end;
  };
  std::vector<Run> runs;
  for (int row = 0; row < columns.rows(); ++row) {
    if (runs.empty() || columns.text(row, 0) != runs.back().table)
      runs.push_back({columns.text(row, 0), row, row});
    runs.back().end = row + 1;
  }
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.table < b.table; });
  std::vector<int> order;
  order.reserve(static_cast<std::size_t>(columns.rows()));
  std::size_t first_of_table = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (int row = runs[i].first; row < runs[i].end; ++row) order.push_back(row);
    if (i + 1 < runs.size() && runs[i + 1].table == runs[i].table) continue;
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(first_of_table), order.end(),
              [&](int a, int b) { return columns.text(a, 1) < columns.text(b, 1); });
    first_of_table = order.size();
  }
  return order;
}

}  // namespace

pg::Statement PublicColumns::rows(const pg::Parameter& left_out) {
  pg::Statement statement{columns_query, {left_out}};
  statement.use_early = [this](const pg::Result& answer) { make(answer); };
  return statement;
}

void PublicColumns::make(const pg::Result& rows) {
  const auto count = static_cast<std::size_t>(rows.rows());
  objects_.reserve(count + count / 4);  // all other objects are fewer, and come behind
  type_of_.reserve(count);
  for (const int row : by_table_and_name(rows)) {
    type_of_.push_back(types_.try_emplace(std::string(rows.text(row, 2)), types_.size()).first->second);
    Object& object = objects_.emplace_back();
    object.kind = "column";
    object.identity.append(rows.text(row, 0)).append(".").append(rows.text(row, 1));
    object.facts.reserve(2);
    object.facts.emplace("null", rows.boolean(row, 3) ? "not null" : "nullable");
  }
}

pg::Statement PublicColumns::spellings() const {
  std::vector<std::string> numbers;
  for (const auto& [number, place] : types_) numbers.push_back(number);
  return {spellings_query, {pg::array_literal(numbers)}};
}

Catalog PublicColumns::spelled(const pg::Result& spellings) && {
  std::vector<std::string> spelling(types_.size());
  for (int row = 0; row < spellings.rows(); ++row)
    spelling[types_.at(std::string(spellings.text(row, 0)))] = sql::canonical_type(spellings.text(row, 1));
  for (std::size_t i = 0; i < objects_.size(); ++i) objects_[i].facts.emplace("type", spelling[type_of_[i]]);
  // Of a type that is gone: dropped between the two questions.
  std::erase_if(objects_, [](const Object& column) { return column.facts.text("type").empty(); });
  return std::move(objects_);
}

}  // namespace dbtool::catalog
