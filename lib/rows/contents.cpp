#include "rows/contents.h"

#include <fmt/format.h>

#include <utility>

#include "catalog/array.h"
#include "pg/quote.h"
#include "pg/transaction.h"

namespace dbtool::rows {
namespace {

using pg::Result;

const char* const begin_snapshot = "isolation level repeatable read, read only";

std::string tables_query() {
  return std::string(R"(
select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname as name,
       case c.relkind when 'r' then 'only ' else '' end || quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
       array(select format_type(a.atttypid, a.atttypmod) from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
       array(select a.attname::text from pg_index i, unnest(i.indkey) with ordinality k(number, place)
             join pg_attribute a on a.attnum = k.number
             where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid
             order by k.place)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and )") +
         in_scope + "\norder by n.nspname, c.relname";
}

std::string sequences_query() {
  return std::string(R"(
select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname as name, s.seqincrement,
       pg_sequence_last_value(c.oid)
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
where )") +
         in_scope;
}

std::string columns_of(const TableContents& table) {
  std::string list;
  for (const TableContents::Column& column : table.columns)
    list += (list.empty() ? "" : ", ") + pg::quote_identifier(column.name);
  return list;
}

bool is_in_key(const TableContents& table, std::size_t column) {
  for (const std::size_t place : table.key) {
    if (place == column) return true;
  }
  return false;
}

void add_rows(const Result& result, TableContents& table) {
  for (int row = 0; row < result.rows(); ++row) {
    std::vector<Cell> cells;
    cells.reserve(table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      Cell cell = result.optional_text(row, static_cast<int>(i));
      if (table.is_hashed && cell && !is_in_key(table, i)) cell = kept_hash(*cell);
      cells.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(cells));
  }
  table.row_count += result.rows();
}

void read_large(pg::Connection& connection, TableContents& table) {
  table.is_hashed = true;
  connection.exec("declare dbtool_rows no scroll cursor for select " + columns_of(table) + " from " +
                  table.sql_name);
  while (true) {
    const Result part = connection.exec("fetch 5000 from dbtool_rows");
    if (part.rows() == 0) break;
    add_rows(part, table);
  }
  connection.exec("close dbtool_rows");
}

TableContents described(const Result& result, int row) {
  TableContents table;
  table.sql_name = result.text(row, 1);
  const std::vector<std::string> names = catalog::parse_array(result.text(row, 2));
  const std::vector<std::string> types = catalog::parse_array(result.text(row, 3));
  for (std::size_t i = 0; i < names.size(); ++i) table.columns.push_back({names[i], types[i]});
  for (const std::string& name : catalog::parse_array(result.text(row, 4))) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) table.key.push_back(i);
    }
  }
  return table;
}

}  // namespace

std::string kept_hash(std::string_view value) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : value) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return fmt::format("{:016x}", hash);
}

Contents contents(pg::Connection& connection, const ContentsRequest& request) {
  const std::vector<pg::Parameter> excluded = scope_parameters(request.scope);
  pg::Transaction transaction(connection, begin_snapshot, {plain_settings(true)});
  const std::vector<Result> known =
      connection.batch({{tables_query(), excluded}, {sequences_query(), excluded}});
  Contents all;
  std::vector<pg::Statement> queries;
  std::vector<TableContents*> order;
  for (int row = 0; row < known[0].rows(); ++row) {
    TableContents& table = all.tables[std::string(known[0].text(row, 0))] = described(known[0], row);
    queries.push_back({"select " + columns_of(table) + " from " + table.sql_name + " limit " +
                       std::to_string(request.most_rows + 1)});
    order.push_back(&table);
  }
  for (int row = 0; row < known[1].rows(); ++row) {
    SequenceState& sequence = all.sequences[std::string(known[1].text(row, 0))];
    sequence.increment = known[1].integer(row, 1);
    if (!known[1].is_null(row, 2)) sequence.last_value = known[1].integer(row, 2);
  }
  const std::vector<Result> rows = queries.empty() ? std::vector<Result>() : connection.batch(queries);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].rows() > request.most_rows) {
      read_large(connection, *order[i]);
    } else {
      add_rows(rows[i], *order[i]);
    }
  }
  transaction.commit();
  return all;
}

std::vector<Cell> fetch_row(pg::Connection& connection, const TableContents& table,
                            const std::vector<Cell>& key) {
  std::string condition;
  std::vector<pg::Parameter> parameters;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    const TableContents::Column& column = table.columns[table.key[i]];
    condition += fmt::format("{}{} = ${}::{}", i == 0 ? "" : " and ", pg::quote_identifier(column.name),
                             i + 1, column.type);
    parameters.emplace_back(key[i]);
  }
  pg::Transaction transaction(connection, begin_snapshot, {plain_settings(true)});
  const Result result = connection.query(
      "select " + columns_of(table) + " from " + table.sql_name + " where " + condition, parameters);
  std::vector<Cell> cells;
  for (int i = 0; result.rows() > 0 && i < result.columns(); ++i) cells.push_back(result.optional_text(0, i));
  transaction.commit();
  return cells;
}

}  // namespace dbtool::rows
