#include "online/split.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace dbtool::online {

namespace {

constexpr double sampled_blocks = 400;
constexpr std::int64_t blocks_to_split = 64;  // a table of half a megabyte is walked in a few batches
constexpr int rows_to_cut = 16;               // in the sample of a range, that its middle may be trusted

std::int64_t blocks_of(pg::Connection& connection, const Key& key) {
  // Of a partitioned table the size is that of its partitions; the function knows of no others.
  return connection
      .query(
          R"(select (coalesce(sum(pg_relation_size(relid)), 0) / current_setting('block_size')::int)::bigint
                  from (select $1::oid as relid union select relid from pg_partition_tree($1::oid::regclass)) tables)",
          {std::to_string(key.oid)})
      .integer(0, 0);
}

/// A sample of the rows for which `condition` holds, numbered in the order of the key, with their count.
/// Every column has a name of its own here, since the key's may be called anything: key_1, key_2, …, number,
/// total.
std::string sample_of(const Key& key, double percent, const std::string& condition) {
  std::string names;
  for (std::size_t i = 0; i < key.columns.size(); ++i) names += fmt::format("key_{}, ", i + 1);
  return fmt::format(
      R"((select {0}, row_number() over (order by {0}), count(*) over ()
            from {1} tablesample system ({2:.6f}) where {3}) as s ({4}number, total))",
      key.columns_text(), key.table, std::clamp(percent, 0.0001, 100.0), condition, names);
}

std::string sampled_values(const Key& key) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < key.columns.size(); ++i) values.push_back(fmt::format("key_{}::text", i + 1));
  return join(values, ", ");
}

KeyValue read_key_value(const pg::Result& rows, int row, std::size_t columns) {
  KeyValue value;
  for (std::size_t i = 0; i < columns; ++i) value.emplace_back(rows.text(row, static_cast<int>(i)));
  return value;
}

}  // namespace

std::vector<KeyRange> split(pg::Connection& connection, const Key& key, int count) {
  std::vector<KeyRange> ranges(1);
  const std::int64_t blocks = blocks_of(connection, key);
  if (count < 2 || blocks < blocks_to_split) return ranges;
  const pg::Result bounds = connection.query(fmt::format(
      R"(select {0} from {1}
          where number * {2} / total > (number - 1) * {2} / total and number < total
          order by number)",
      sampled_values(key), sample_of(key, 100 * sampled_blocks / static_cast<double>(blocks), "true"),
      count));
  for (int row = 0; row < bounds.rows(); ++row) {
    const KeyValue bound = read_key_value(bounds, row, key.columns.size());
    ranges.back().high = bound;
    ranges.push_back({bound, std::nullopt});
  }
  return ranges;
}

std::optional<KeyValue> middle_of(pg::Connection& connection, const Key& key, const KeyRange& range) {
  const std::int64_t blocks = blocks_of(connection, key);
  // A small part of the table has few rows in a sample of all of it: that one is larger.
  const double percent = 100 * 10 * sampled_blocks / static_cast<double>(std::max<std::int64_t>(blocks, 1));
  const pg::Statement query =
      bind_range(fmt::format("select {} from {} where number = total / 2 and total >= {}",
                             sampled_values(key), sample_of(key, percent, "$range$"), rows_to_cut),
                 key, range);
  const pg::Result row = connection.query(query.sql, query.parameters);
  if (row.rows() == 0) return std::nullopt;
  return read_key_value(row, 0, key.columns.size());
}

std::optional<std::int64_t> estimate_rows(pg::Connection& connection, const Key& key) {
  const pg::Result row = connection.query(
      R"(select sum(case when c.reltuples >= 0 and c.relpages > 0
                         then c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int)
                         when pg_relation_size(c.oid) = 0 then 0
                         else coalesce(nullif(s.n_live_tup, 0), 'nan'::float8) end)::float8
           from (select $1::oid as relid union select relid from pg_partition_tree($1::oid::regclass)) p
           join pg_class c on c.oid = p.relid and c.relkind <> 'p'
           left join pg_stat_all_tables s on s.relid = c.oid)",
      {std::to_string(key.oid)});
  if (row.rows() == 0 || row.is_null(0, 0) || row.text(0, 0) == "NaN") return std::nullopt;
  return static_cast<std::int64_t>(row.number(0, 0));
}

}  // namespace dbtool::online
