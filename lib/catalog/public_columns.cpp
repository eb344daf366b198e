#include "catalog/public_columns.h"

#include <algorithm>
#include <string_view>

#include "pg/quote.h"
#include "sql/type.h"

namespace dbtool::catalog {

namespace {

constexpr const char* columns_query = R"(
select c.relname, a.attname, a.atttypid, a.atttypmod, a.attnotnull
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = (select oid from pg_namespace where nspname = 'public')
  and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> $1::name
  and a.attnum > 0 and not a.attisdropped)";

constexpr const char* spellings_query = R"(
select w.number, w.modifier, format_type(t.oid, w.modifier)
from unnest($1::oid[], $2::integer[]) w (number, modifier) join pg_type t on t.oid = w.number)";

/// Sorts by table and name. The columns of a table mostly come one after the other, so that few names of
/// tables need to be compared.
template <typename Found>
void sort_in_runs(std::vector<Found>& found) {
  const auto table = [](const Found& one) { return one.column.table; };
  struct Run {
    std::string_view table;
    std::size_t first = 0, end = 0;
  };
  std::vector<Run> runs;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (runs.empty() || table(found[i]) != runs.back().table) runs.push_back({table(found[i]), i, i});
    runs.back().end = i + 1;
  }
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.table < b.table; });
  std::vector<Found> sorted;
  sorted.reserve(found.size());
  auto first_of_table = sorted.begin();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    sorted.insert(sorted.end(), found.begin() + static_cast<std::ptrdiff_t>(runs[i].first),
                  found.begin() + static_cast<std::ptrdiff_t>(runs[i].end));
    if (i + 1 < runs.size() && runs[i + 1].table == runs[i].table) continue;
    std::sort(first_of_table, sorted.end(),
              [](const Found& a, const Found& b) { return a.column.name < b.column.name; });
    first_of_table = sorted.end();
  }
  found = std::move(sorted);
}

}  // namespace

pg::Statement PublicColumns::rows(const pg::Parameter& left_out) {
  pg::Statement statement{columns_query, {left_out}};
  statement.use_early = [this](const pg::Result& answer) { make(answer); };
  return statement;
}

void PublicColumns::make(const pg::Result& rows) {
  columns_.answers.push_back(rows);
  found_.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) {
    const Type type(rows.text(row, 2), rows.text(row, 3));
    found_.push_back({{rows.text(row, 0), rows.text(row, 1), {}, rows.boolean(row, 4)},
                      types_.try_emplace(type, types_.size()).first->second});
  }
  sort_in_runs(found_);
}

pg::Statement PublicColumns::spellings() const {
  std::vector<std::string> numbers, modifiers;
  for (const auto& [type, place] : types_) {
    numbers.emplace_back(type.first);
    modifiers.emplace_back(type.second);
  }
  return {spellings_query, {pg::array_literal(numbers), pg::array_literal(modifiers)}};
}

Columns PublicColumns::spelled(const pg::Result& spellings) && {
  std::vector<std::string_view> spelling(types_.size());
  for (int row = 0; row < spellings.rows(); ++row) {
    spelling[types_.at({spellings.text(row, 0), spellings.text(row, 1)})] =
        columns_.keep(sql::canonical_type(spellings.text(row, 2)));
  }
  columns_.list.reserve(found_.size());
  for (Found& found : found_) {
    found.column.type = spelling[found.type];
    // Of a type that is gone: dropped between the two questions.
    if (!found.column.type.empty()) columns_.list.push_back(found.column);
  }
  return std::move(columns_);
}

}  // namespace dbtool::catalog
