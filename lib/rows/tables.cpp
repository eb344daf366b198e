#include "rows/tables.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "catalog/array.h"
#include "rows/equations.h"
#include "sql/tree.h"

namespace dbtool::rows {
namespace {

using catalog::parse_array;
using nlohmann::json;
using pg::Result;

std::string of_scope(const std::string& query) {
  return std::string(
             "with recursive scope as materialized (select c.*, n.nspname from pg_class c "
             "join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and ") +
         in_scope + ")\n" + query;
}

const char* const relations = R"(
select c.oid, quote_ident(c.nspname) || '.' || quote_ident(c.relname) as sql_name, quote_ident(c.relname) as plain_name,
       case when c.nspname = 'public' then '' else c.nspname || '.' end || c.relname as name, c.relkind,
       case when c.relispartition then pg_partition_root(c.oid)::oid end as root,
       case when c.relispartition then pg_get_partition_constraintdef(c.oid) end as condition
from scope c
order by c.nspname collate "C", c.relname collate "C")";

const char* const columns = R"(
select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod) as type,
       a.attnotnull, a.attgenerated <> '' as generated, a.attidentity <> '' as identity,
       pg_get_expr(d.adbin, d.adrelid) as expression
from scope c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where not c.relispartition
order by a.attrelid, a.attnum)";

const char* const checks = R"(
select k.conrelid, k.conname, pg_get_expr(k.conbin, k.conrelid) as expression
from scope c
join pg_constraint k on k.conrelid = c.oid and k.contype = 'c'
where not c.relispartition
order by k.conrelid, k.conname collate "C")";

const char* const foreign_keys = R"(
select k.conrelid, k.conkey, k.confrelid, t.relkind = 'p' as partitioned, k.confmatchtype = 'f' as full,
       quote_ident(n.nspname) || '.' || quote_ident(t.relname) as target,
       array(select a.attname::text
             from unnest(k.confkey) with ordinality u(number, place)
             join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number
             order by u.place) as target_columns
from scope c
join pg_constraint k on k.conrelid = c.oid and k.contype = 'f'
join pg_class t on t.oid = k.confrelid
join pg_namespace n on n.oid = t.relnamespace
where not c.relispartition and not t.relispartition
order by k.conrelid, k.conname collate "C")";

const char* const unique_keys = R"(
select i.indrelid, (string_to_array(i.indkey::text, ' '))[1:i.indnkeyatts] as columns
from scope c
join pg_index i on i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null
where not c.relispartition
order by i.indrelid, i.indexrelid)";

// Those of columns, and those that they are made of.
const char* const types = R"(, needed as (
  select a.atttypid as oid from scope c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  union
  select part
  from needed u
  join pg_type t on t.oid = u.oid
  left join pg_range r on r.rngtypid = t.oid
  left join pg_range m on m.rngmultitypid = t.oid,
  unnest(array[t.typbasetype, t.typelem, r.rngsubtype, m.rngtypid]
         || array(select a.atttypid from pg_attribute a
                  where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)) part
  where part <> 0
)
select t.oid, t.typname, format_type(t.oid, null) as text, t.typtype, t.typcategory, n.nspname = 'pg_catalog' as system,
       t.typnotnull, t.typbasetype, t.typtypmod,
       case t.typtype when 'r' then r.rngsubtype when 'm' then m.rngtypid else t.typelem end as element,
       case when t.typtype = 'e' then array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid
                                            order by e.enumsortorder) end as labels,
       case when t.typtype = 'c'
            then array(select a.atttypid::text || ' ' || a.atttypmod || ' ' || format_type(a.atttypid, a.atttypmod)
                       from pg_attribute a
                       where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped order by a.attnum)
            end as attributes,
       case when t.typtype = 'd' then array(select pg_get_expr(k.conbin, 0) from pg_constraint k
                                            where k.contypid = t.oid and k.contype = 'c'
                                            order by k.conname collate "C") end as checks
from needed u
join pg_type t on t.oid = u.oid
join pg_namespace n on n.oid = t.typnamespace
left join pg_range r on r.rngtypid = t.oid
left join pg_range m on m.rngmultitypid = t.oid)";

/// A row of a result whose columns are called by name.
class Row {
 public:
  using Places = std::map<std::string, int, std::less<>>;

  Row(const Result& result, const Places& places, int row) : result_(result), places_(places), row_(row) {}
  std::string text(const char* name) const { return std::string(result_.text(row_, place(name))); }
  bool flag(const char* name) const { return result_.boolean(row_, place(name)); }
  bool is_null(const char* name) const { return result_.is_null(row_, place(name)); }
  unsigned oid(const char* name) const {
    return is_null(name) ? 0 : static_cast<unsigned>(result_.integer(row_, place(name)));
  }
  int number(const char* name) const { return static_cast<int>(result_.integer(row_, place(name))); }
  std::vector<std::string> list(const char* name) const { return parse_array(text(name)); }

 private:
  int place(const char* name) const { return places_.find(std::string_view(name))->second; }

  const Result& result_;
  const Places& places_;
  int row_;
};

template <typename Use>
void each(const Result& result, const Use& use) {
  Row::Places places;
  for (int i = 0; i < result.columns(); ++i) places[result.column_name(i)] = i;
  for (int i = 0; i < result.rows(); ++i) use(Row(result, places, i));
}

/// What a default's expression does: takes numbers from a sequence, or gives one value at any time.
void judge_default(const std::string& expression, Column& column) {
  const json tree = sql::parse_tree("select " + expression);
  bool calls = tree.empty() || expression.find("'now'") != std::string::npos;
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (node.is_object() && node.contains("FuncCall")) {
      calls = true;
      if (expression.rfind("nextval(", 0) == 0) column.from_sequence = true;
    }
    if (node.is_object() && node.contains("SQLValueFunction")) calls = true;
    for (const json& child : node) open.push_back(&child);
  }
  column.has_fixed_default = !calls;
}

/// Puts what the queries give into tables.
class Builder {
 public:
  explicit Builder(Tables& result) : result_(result) {}

  void relation(const Row& row) {
    if (row.is_null("root")) {
      Table table;
      table.oid = row.oid("oid");
      table.name = row.text("name");
      table.sql_name = row.text("sql_name");
      table.plain_name = row.text("plain_name");
      table.is_partitioned = row.text("relkind") == "p";
      places_[table.oid] = result_.tables.size();
      result_.tables.push_back(std::move(table));
    } else if (row.text("relkind") == "r") {
      // A default partition without neighbours takes everything.
      const std::string condition = row.is_null("condition") ? "true" : row.text("condition");
      partitions_.emplace_back(row.oid("root"),
                               Table::Partition{row.text("name"), row.text("sql_name"), condition});
    }
  }
  void partitions() {
    for (auto& [root, partition] : partitions_) {
      if (Table* table = find(root)) table->partitions.push_back(std::move(partition));
    }
  }
  void column(const Row& row) {
    Table* table = find(row.oid("attrelid"));
    if (table == nullptr) return;
    Column column;
    column.name = row.text("attname");
    column.type = row.oid("atttypid");
    column.modifier = row.number("atttypmod");
    column.type_text = row.text("type");
    column.not_null = row.flag("attnotnull");
    column.is_generated = row.flag("generated");
    if (row.flag("identity")) column.from_sequence = true;
    if (!column.is_generated && !row.is_null("expression")) judge_default(row.text("expression"), column);
    numbers_[{table->oid, row.text("attnum")}] = table->columns.size();
    table->columns.push_back(std::move(column));
  }
  void check(const Row& row) {
    Table* table = find(row.oid("conrelid"));
    if (table == nullptr) return;
    table->checks.push_back({row.text("conname"), row.text("expression")});
    for (const Equation& equation : read_equations(row.text("expression"))) {
      Derived derived{place_of(*table, equation.column), equation.expression, {}};
      for (const std::string& other : equation.others) derived.others.push_back(place_of(*table, other));
      table->derived.push_back(std::move(derived));
    }
  }
  void foreign_key(const Row& row) {
    Table* table = find(row.oid("conrelid"));
    if (table == nullptr) return;
    ForeignKey key;
    key.columns = numbered(*table, row.list("conkey"));
    key.target = row.text("target");
    key.target_oid = row.oid("confrelid");
    key.target_is_partitioned = row.flag("partitioned");
    key.target_columns = row.list("target_columns");
    key.match_full = row.flag("full");
    table->foreign_keys.push_back(std::move(key));
  }
  void unique_key(const Row& row) {
    if (Table* table = find(row.oid("indrelid")))
      table->unique_keys.push_back(numbered(*table, row.list("columns")));
  }
  void type(const Row& row) {
    Type type;
    type.name = row.text("typname");
    type.text = row.text("text");
    type.kind = row.text("typtype").at(0);
    type.category = row.text("typcategory").at(0);
    type.is_system = row.flag("system");
    type.not_null = row.flag("typnotnull");
    type.base = row.oid("typbasetype");
    type.base_modifier = row.number("typtypmod");
    type.element = row.oid("element");
    type.labels = row.list("labels");
    type.checks = row.list("checks");
    for (const std::string& attribute : row.list("attributes")) {
      const std::size_t first = attribute.find(' ');
      const std::size_t second = attribute.find(' ', first + 1);
      type.attributes.push_back({static_cast<unsigned>(std::stoul(attribute.substr(0, first))),
                                 std::stoi(attribute.substr(first + 1, second - first - 1)),
                                 attribute.substr(second + 1)});
    }
    result_.types.emplace(row.oid("oid"), std::move(type));
  }

 private:
  Table* find(unsigned oid) {
    const auto found = places_.find(oid);
    return found == places_.end() ? nullptr : &result_.tables[found->second];
  }
  /// Of a column that an expression of the table's names.
  static std::size_t place_of(const Table& table, const std::string& column) {
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const Column& one) { return one.name == column; });
    return static_cast<std::size_t>(found - table.columns.begin());
  }
  std::vector<std::size_t> numbered(const Table& table, const std::vector<std::string>& numbers) {
    std::vector<std::size_t> places;
    places.reserve(numbers.size());
    for (const std::string& number : numbers) places.push_back(numbers_.at({table.oid, number}));
    return places;
  }

  Tables& result_;
  std::map<unsigned, std::size_t> places_;
  std::map<std::pair<unsigned, std::string>, std::size_t> numbers_;
  std::vector<std::pair<unsigned, Table::Partition>> partitions_;
};

}  // namespace

Tables read_tables(pg::Connection& connection, const Scope& scope) {
  const std::vector<pg::Parameter> excluded = scope_parameters(scope);
  const std::vector<Result> results =
      connection.batch({{"select set_config('dbtool.before_path', current_setting('search_path'), true), "
                         "set_config('search_path', 'pg_catalog', true)"},
                        {of_scope(relations), excluded},
                        {of_scope(columns), excluded},
                        {of_scope(checks), excluded},
                        {of_scope(foreign_keys), excluded},
                        {of_scope(unique_keys), excluded},
                        {of_scope(types), excluded},
                        {"select set_config('search_path', current_setting('dbtool.before_path'), true)"}});
  Tables tables;
  Builder builder(tables);
  each(results[1], [&](const Row& row) { builder.relation(row); });
  builder.partitions();
  each(results[2], [&](const Row& row) { builder.column(row); });
  each(results[3], [&](const Row& row) { builder.check(row); });
  each(results[4], [&](const Row& row) { builder.foreign_key(row); });
  each(results[5], [&](const Row& row) { builder.unique_key(row); });
  each(results[6], [&](const Row& row) { builder.type(row); });
  return tables;
}

}  // namespace dbtool::rows
