#include "online/range_lane.h"

#include <fmt/format.h>

#include <algorithm>

#include "online/split.h"

namespace dbtool::online {

namespace {

// Counting costs little, but not nothing: a plan that scans shows itself in the first batches, or when it
// changes.
constexpr std::int64_t batches_counted_first = 12;
constexpr std::int64_t counted_one_in = 16;

// The counters of this backend that are not yet flushed hold earlier batches too: what counts is the
// difference.
pg::Statement rows_read_of(const Key& key) {
  return {"select pg_stat_get_xact_tuples_returned($1::oid) + pg_stat_get_xact_tuples_fetched($1::oid)",
          {std::to_string(key.oid)}};
}

}  // namespace

KeyRange RangeLane::left() const {
  const ledger::RangeRecord& range = record();
  return {range.last.at ? range.last.at : range.low, range.high};
}

pg::Statement RangeLane::bound_query(const KeyRange& left, int size) const {
  std::string nulls;
  for (std::size_t i = 0; i < key_.columns.size(); ++i) nulls += "null, ";
  return bind_range(
      fmt::format(
          R"(with bound as materialized (select {1} from {2} where $range$ order by {1} offset {3} limit 1)
                                   select {0}, {4} from bound
                                   union all
                                   select {5}(select count(*) from {2} where $range$) where not exists (select from bound))",
          key_.values_text(), key_.columns_text(), key_.table, size - 1, size, nulls),
      key_, left);
}

RangeLane::Bound RangeLane::to_bound(const pg::Result& row, std::size_t columns) {
  Bound bound;
  bound.rows = row.integer(0, static_cast<int>(columns));
  if (row.is_null(0, 0)) return bound;
  bound.high.emplace();
  for (std::size_t i = 0; i < columns; ++i) bound.high->emplace_back(row.text(0, static_cast<int>(i)));
  return bound;
}

void RangeLane::find_bound(pg::Connection& connection, int size) {
  const pg::Statement query = bound_query(left(), size);
  bound_ = to_bound(connection.query(query.sql, query.parameters), key_.columns.size());
}

std::vector<pg::Statement> RangeLane::statements(int size) {
  const KeyRange range = left();
  batch_ = {range.low, bound_->high ? bound_->high : range.high};
  asks_next_ = bound_->high.has_value();
  const ledger::Checkpoint& last = record().last;
  pending() = last;
  pending().batch = last.batch + 1;
  pending().size = size;
  pending().rows += bound_->rows;
  pending().at = batch_.high;
  pending().done = !asks_next_;
  std::vector<pg::Statement> statements = work(batch_);
  work_statements_ = statements.size();
  counts_ = last.batch < batches_counted_first || last.batch % counted_one_in == 0;
  if (counts_) {
    statements.insert(statements.begin(), rows_read_of(key_));
    statements.push_back(rows_read_of(key_));
  }
  statements.push_back(ledger::checkpoint_statement(version(), record().range, pending()));
  if (asks_next_) statements.push_back(bound_query({batch_.high, range.high}, size));
  return statements;
}

BatchResult RangeLane::read(pg::Connection& connection, const std::vector<pg::Result>& results) {
  BatchResult result;
  result.rows = bound_->rows;
  result.done = !asks_next_;
  const std::size_t first = counts_ ? 1 : 0;
  const auto begin = results.begin() + static_cast<std::ptrdiff_t>(first);
  read_work(connection, {begin, begin + static_cast<std::ptrdiff_t>(work_statements_)}, batch_, result);
  if (counts_) result.read = results[first + work_statements_].integer(0, 0) - results[0].integer(0, 0);
  next_bound_ = asks_next_ ? std::optional(to_bound(results.back(), key_.columns.size())) : std::nullopt;
  return result;
}

void RangeLane::moved_on() {
  bound_ = next_bound_;
}

std::optional<std::string> RangeLane::next_row() const {
  const KeyRange range = left();
  if (bound_ && bound_->high) return to_text(key_, *bound_->high);
  if (range.high) return to_text(key_, *range.high);
  return range.low ? std::optional("the row behind " + to_text(key_, *range.low)) : std::nullopt;
}

std::optional<ledger::RangeRecord> RangeLane::split(pg::Connection& connection, int range) {
  const std::optional<KeyValue> middle = middle_of(connection, key_, left());
  if (!middle) return std::nullopt;
  return ledger::RangeRecord{range, middle, record().high, {}};
}

std::vector<pg::Statement> MoveLane::work(const KeyRange& batch) {
  return {bind_range(statement_, key(), batch)};
}

void MoveLane::read_work(pg::Connection&, const std::vector<pg::Result>& results, const KeyRange&,
                         BatchResult& result) {
  result.moved = results.front().affected();
}

}  // namespace dbtool::online
