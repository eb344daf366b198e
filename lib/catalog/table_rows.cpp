#include "catalog/table_rows.h"

#include <algorithm>
#include <cctype>

namespace dbtool::catalog {

namespace {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

std::map<std::string, std::int64_t> read_table_rows(pg::Connection& connection) {
  const pg::Result rows = connection.query(R"(
      select c.relname, greatest(c.reltuples::bigint, s.n_live_tup, 0)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_stat_user_tables s on s.relid = c.oid
       where n.nspname = 'public' and c.relkind in ('r', 'p'))");
  std::map<std::string, std::int64_t> table_rows;
  for (int row = 0; row < rows.rows(); ++row)
    table_rows[std::string(rows.text(row, 0))] = rows.integer(row, 1);
  return table_rows;
}

std::string largest_named(std::string_view script, const std::map<std::string, std::int64_t>& table_rows) {
  auto largest = table_rows.end();
  std::size_t at = 0;
  while (at < script.size()) {
    if (!is_word_character(script[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < script.size() && is_word_character(script[end])) ++end;
    const auto found = table_rows.find(std::string(script.substr(at, end - at)));
    if (found != table_rows.end() && (largest == table_rows.end() || found->second > largest->second))
      largest = found;
    at = end;
  }
  return largest == table_rows.end() ? "" : largest->first;
}

std::optional<std::int64_t> rows_named(std::string_view script,
                                       const std::map<std::string, std::int64_t>& table_rows) {
  const auto found = table_rows.find(largest_named(script, table_rows));
  return found == table_rows.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace dbtool::catalog
