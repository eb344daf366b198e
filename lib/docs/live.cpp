#include "docs/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "catalog/array.h"
#include "ledger/ledger.h"

namespace dbtool::docs {

namespace {

// Names are printed as seen with search_path public. Of partitions nothing is told.
constexpr const char* columns_query = R"(
select c.relname, a.attname,
       case when a.attgenerated <> '' then 'generated always as ' || pg_get_expr(d.adbin, d.adrelid)
                 || case a.attgenerated when 's' then ' stored' else ' virtual' end
            when a.attidentity = 'a' then 'identity, always'
            when a.attidentity = 'd' then 'identity, by default'
            else 'default ' || pg_get_expr(d.adbin, d.adrelid) end,
       col_description(c.oid, a.attnum)
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname, a.attnum)";

constexpr const char* indexes_query = R"(
select c.relname, x.relname, i.indisunique, pg_get_indexdef(x.oid)
from pg_class c
join pg_index i on i.indrelid = c.oid
join pg_class x on x.oid = i.indexrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and not exists (select from pg_constraint k where k.conindid = x.oid and k.contype in ('p', 'u', 'x'))
order by c.relname, x.relname)";

constexpr const char* constraints_query = R"(
select c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid),
       case when k.contype = 'f' then k.confrelid::regclass::text end,
       (select array_agg(a.attname order by u.position)
        from unnest(k.conkey) with ordinality u (number, position)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
       (select array_agg(a.attname order by u.position)
        from unnest(k.confkey) with ordinality u (number, position)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number)
from pg_class c
join pg_constraint k on k.conrelid = c.oid and k.contype in ('p', 'u', 'x', 'c', 'f') and k.conparentid = 0
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname, k.contype <> 'p', k.conname)";

constexpr const char* comments_query = R"(
select c.relname, obj_description(c.oid, 'pg_class')
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and obj_description(c.oid, 'pg_class') is not null)";

/// Puts what the server says into the pages of the tables.
class Live {
 public:
  explicit Live(Reference& reference) {
    for (TableEntry& table : reference.tables) tables_[table.name] = &table;
  }

  void add_columns(const pg::Result& rows) {
    std::map<TableEntry*, std::vector<std::string>> order;
    for (int row = 0; row < rows.rows(); ++row) {
      TableEntry* table = find(rows.text(row, 0));
      if (table == nullptr) continue;
      const std::string name(rows.text(row, 1));
      order[table].push_back(name);
      for (ColumnEntry& column : table->columns) {
        if (column.name != name) continue;
        column.value = rows.text(row, 2);
        column.comment = rows.text(row, 3);
      }
    }
    for (auto& [table, names] : order) {
      const auto place = [&names = names](const ColumnEntry& column) {
        return std::find(names.begin(), names.end(), column.name) - names.begin();
      };
      std::stable_sort(table->columns.begin(), table->columns.end(),
                       [&](const ColumnEntry& a, const ColumnEntry& b) { return place(a) < place(b); });
    }
  }

  void add_indexes(const pg::Result& rows) {
    const auto before = taken<IndexEntry>(&TableEntry::indexes);
    for (int row = 0; row < rows.rows(); ++row) {
      TableEntry* table = find(rows.text(row, 0));
      if (table == nullptr) continue;
      const std::string name(rows.text(row, 1));
      table->indexes.push_back(
          {name, {}, rows.boolean(row, 2), std::string(rows.text(row, 3)), since(before, table, name)});
    }
  }

  void add_constraints(const pg::Result& rows) {
    const auto before = taken<ConstraintEntry>(&TableEntry::constraints);
    for (auto& [name, table] : tables_) {
      table->foreign_keys.clear();
      table->referenced_by.clear();
      table->primary_key.clear();
    }
    for (int row = 0; row < rows.rows(); ++row) {
      TableEntry* table = find(rows.text(row, 0));
      if (table == nullptr) continue;
      const std::string name(rows.text(row, 1));
      const std::vector<std::string> columns = catalog::parse_array(rows.text(row, 5));
      if (rows.text(row, 2) == "f") {
        add_foreign_key({name, table->name, columns, std::string(rows.text(row, 4)),
                         catalog::parse_array(rows.text(row, 6))});
        continue;
      }
      if (rows.text(row, 2) == "p") table->primary_key = columns;
      table->constraints.push_back({name, std::string(rows.text(row, 3)), since(before, table, name)});
    }
  }

  void add_comments(const pg::Result& rows) {
    for (int row = 0; row < rows.rows(); ++row)
      if (TableEntry* table = find(rows.text(row, 0))) table->comment = rows.text(row, 1);
  }

 private:
  template <typename Part>
  using PartsOfTables = std::map<const TableEntry*, std::vector<Part>>;

  TableEntry* find(std::string_view name) const {
    const auto found = tables_.find(name);
    return found == tables_.end() ? nullptr : found->second;
  }

  /// Takes the parts that the scripts told of out of the pages, for their versions.
  template <typename Part>
  PartsOfTables<Part> taken(std::vector<Part> TableEntry::*parts) {
    PartsOfTables<Part> before;
    for (auto& [name, table] : tables_) before[table].swap(table->*parts);
    return before;
  }

  template <typename Part>
  static int since(const PartsOfTables<Part>& before, const TableEntry* table, const std::string& name) {
    for (const Part& part : before.at(table))
      if (part.name == name) return part.since;
    return 0;
  }

  void add_foreign_key(ForeignKey key) {
    if (TableEntry* referenced = find(key.referenced)) referenced->referenced_by.push_back(key);
    find(key.table)->foreign_keys.push_back(std::move(key));
  }

  std::map<std::string, TableEntry*, std::less<>> tables_;
};

}  // namespace

void add_live_facts(Reference& reference, pg::Connection& connection, const Settings& settings) {
  const int version = ledger::read_state(connection, settings).version;
  if (version != reference.newest)
    throw Error(ExitCode::failed,
                fmt::format("the database is at version {}, and the pages are about version {}", version,
                            reference.newest),
                "upgrade it, or leave it out: the files alone are enough");
  connection.query("set search_path to public");
  Live live(reference);
  live.add_columns(connection.query(columns_query));
  live.add_indexes(connection.query(indexes_query));
  live.add_constraints(connection.query(constraints_query));
  live.add_comments(connection.query(comments_query));
  reference.live = true;
}

}  // namespace dbtool::docs
