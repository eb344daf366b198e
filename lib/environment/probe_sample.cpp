#include "environment/probe_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pg/quote.h"
#include "sql/token.h"

namespace dbtool::environment {

namespace {

std::string condition(const PageRange& pages) {
  return fmt::format("ctid >= '({},0)'::tid and ctid < '({},0)'::tid", pages.first, pages.last);
}

std::string quoted(const LargeTable& table) {
  return "public." + pg::quote_identifier(table.name);
}

}  // namespace

std::map<std::string, LargeTable> read_large_tables(pg::Connection& connection, std::int64_t least) {
  constexpr double thought_rows_a_page = 40;  // of a table that nobody has analyzed
  constexpr std::int64_t many_pages = 1000;   // however few rows are thought to be there
  const pg::Result rows = connection.query(R"(
      select c.relname,
             greatest((case when c.relpages > 0 then c.reltuples / c.relpages * x.pages else 0 end)::bigint,
                      s.n_live_tup, 0),
             x.pages
        from pg_class c left join pg_stat_all_tables s on s.relid = c.oid
       cross join lateral (select pg_relation_size(c.oid) / current_setting('block_size')::bigint as pages) x
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r')");
  std::map<std::string, LargeTable> tables;
  for (int row = 0; row < rows.rows(); ++row) {
    LargeTable table{std::string(rows.text(row, 0)), rows.integer(row, 1), rows.integer(row, 2)};
    if (table.rows == 0)
      table.rows = static_cast<std::int64_t>(thought_rows_a_page * static_cast<double>(table.pages));
    if ((table.rows > least && table.pages > 1) || table.pages > many_pages)
      tables.emplace(table.name, table);
  }
  return tables;
}

const LargeTable* sampled_table(const ProbeWork& work, const std::map<std::string, LargeTable>& tables) {
  const LargeTable* largest = nullptr;
  for (const auto* names : {&work.changes, &work.reads}) {
    for (const std::string& name : *names) {
      const auto table = tables.find(name);
      if (table == tables.end()) continue;
      if (largest == nullptr || table->second.rows > largest->rows) largest = &table->second;
    }
    if (largest != nullptr) break;
  }
  return largest;
}

PageRange pages_at(const LargeTable& table, std::int64_t rows, int index, int count) {
  const auto wanted = static_cast<std::int64_t>(std::ceil(static_cast<double>(rows) / table.rows_a_page()));
  // Where few rows are thought to be in a page there may be many.
  const std::int64_t width = std::clamp<std::int64_t>(std::min(wanted, rows), 1, table.pages);
  const double place = (index + 0.5) / count;
  const auto first = static_cast<std::int64_t>(place * static_cast<double>(table.pages - width));
  return {first, first + width};
}

std::string view_of(const LargeTable& table, const PageRange& pages) {
  return fmt::format("create temporary view {} as select * from {} where {}",
                     pg::quote_identifier(table.name), quoted(table), condition(pages));
}

std::string drop_view_of(const LargeTable& table) {
  return "drop view pg_temp." + pg::quote_identifier(table.name);
}

std::string count_of(const LargeTable& table, const PageRange& pages) {
  return fmt::format("select count(*) from {} where {}", quoted(table), condition(pages));
}

std::string without_schema(const std::string& text, const std::string& table) {
  std::string changed = text;
  const std::vector<sql::Token> tokens = sql::tokenize(text);
  const auto names = [&](std::size_t at, const std::string& name) {
    const bool is_name =
        tokens[at].kind == sql::TokenKind::word || tokens[at].kind == sql::TokenKind::quoted_identifier;
    return is_name && sql::identifier(text, tokens[at]) == name;
  };
  for (std::size_t at = 0; at + 2 < tokens.size(); ++at) {
    if (!names(at, "public") || !tokens[at + 1].is(".") || !names(at + 2, table)) continue;
    std::fill(changed.begin() + static_cast<std::ptrdiff_t>(tokens[at].offset),
              changed.begin() + static_cast<std::ptrdiff_t>(tokens[at + 1].end()), ' ');
  }
  return changed;
}

}  // namespace dbtool::environment
