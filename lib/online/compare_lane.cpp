#include "online/compare_lane.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr int most_looks = 3;
constexpr auto between_stop_looks = 100ms;
constexpr std::size_t most_narrowed = 20;  // of one batch: a copy that differs throughout is told soon
constexpr std::size_t longest_row = 200;

bool is_same(const pg::Result& row) {
  return row.boolean(0, 0);
}

}  // namespace

pg::Statement CompareLane::comparison(const KeyRange& range) const {
  constexpr const char* sums =
      "select count(*) as rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) as hash from ({}\n) "
      "as r";
  return bind_range(fmt::format("select s.rows = c.rows and s.hash = c.hash from ({}) s, ({}) c",
                                fmt::format(fmt::runtime(sums), declaration_.verify_source->text),
                                fmt::format(fmt::runtime(sums), declaration_.verify_copy->text)),
                    key(), range);
}

std::vector<pg::Statement> CompareLane::work(const KeyRange& batch) {
  return {comparison(batch)};
}

bool CompareLane::differs(pg::Connection& connection, const KeyRange& range) const {
  const pg::Statement query = comparison(range);
  return !is_same(connection.query(query.sql, query.parameters));
}

void CompareLane::read_work(pg::Connection& connection, const std::vector<pg::Result>& results,
                            const KeyRange& batch, BatchResult& result) {
  if (is_same(results.front())) return;
  for (int look = 1; look < most_looks; ++look) {
    clock_.sleep(between_stop_looks);
    result.idle += between_stop_looks;
    if (!differs(connection, batch)) return;
  }
  narrow(connection, batch, result.differing);
  if (result.differing.empty()) return;
  pending().differing += static_cast<std::int64_t>(result.differing.size());
  connection.query(
      "update dbtool.checkpoints set differing = $4 where version = $1 and range = $2 and batch = $3",
      {std::to_string(version()), std::to_string(record().range), std::to_string(pending().batch),
       std::to_string(pending().differing)});
}

// By halves: a copy has few faults, and most halves are the same.
void CompareLane::narrow(pg::Connection& connection, const KeyRange& range,
                         std::vector<std::string>& found) const {
  if (found.size() >= most_narrowed || !differs(connection, range)) return;
  const pg::Statement count =
      bind_range(fmt::format("select count(*) from {} where $range$", key().table), key(), range);
  const std::int64_t rows = connection.query(count.sql, count.parameters).integer(0, 0);
  if (rows <= 1) {
    found.push_back(example(connection, range));
    return;
  }
  const pg::Statement query =
      // By the columns, not by the texts that bear their names.
      bind_range(fmt::format("select {} from {} as walked where $range:walked$ order by {} offset {} limit 1",
                             key().values_text(), key().table, key().columns_text("walked"), rows / 2 - 1),
                 key(), range);
  const pg::Result row = connection.query(query.sql, query.parameters);
  if (row.rows() == 0) return;  // deleted meanwhile
  KeyValue middle;
  for (int column = 0; column < row.columns(); ++column) middle.emplace_back(row.text(0, column));
  narrow(connection, {range.low, middle}, found);
  narrow(connection, {middle, range.high}, found);
}

std::string CompareLane::example(pg::Connection& connection, const KeyRange& range) const {
  const auto rows_of = [&](const SqlText& sql) {
    const pg::Statement query =
        bind_range(fmt::format("select r::text from ({}\n) as r limit 2", sql.text), key(), range);
    const pg::Result rows = connection.query(query.sql, query.parameters);
    if (rows.rows() == 0) return std::string("no row");
    std::string text = excerpt(rows.text(0, 0), longest_row);
    return rows.rows() > 1 ? text + " and more" : text;
  };
  const pg::Statement query = bind_range(
      fmt::format("select {} from {} where $range$ limit 1", key().values_text(), key().table), key(), range);
  const pg::Result row = connection.query(query.sql, query.parameters);
  std::string where = "a key that is no longer there";
  if (row.rows() > 0) {
    KeyValue value;
    for (int column = 0; column < row.columns(); ++column) value.emplace_back(row.text(0, column));
    where = to_text(key(), value);
  } else if (range.high) {
    where = "beside " + to_text(key(), *range.high);
  }
  return fmt::format("{}: source {}, copy {}", where, rows_of(*declaration_.verify_source),
                     rows_of(*declaration_.verify_copy));
}

}  // namespace dbtool::online
