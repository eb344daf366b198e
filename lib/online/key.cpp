#include "online/key.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "pg/quote.h"

namespace dbtool::online {

namespace {

// One row for each unique index of the table: its columns, and why it cannot be walked (empty: it can).
constexpr const char* unique_indexes = R"(
  select k.columns, array_to_string(array_remove(array[
           case when am.amname <> 'btree' then 'is no btree' end,
           case when not i.indisvalid or not i.indisready then 'is not valid' end,
           case when not i.indimmediate then 'is deferrable' end,
           case when i.indpred is not null then 'is partial' end,
           case when i.indexprs is not null then 'has expressions' end,
           case when k.nullable then 'has columns that may be null' end,
           case when k.descending then 'is not ascending throughout' end,
           case when k.other_class then 'has an operator class of its own' end,
           case when k.other_collation then 'has a collation of its own' end], null), ', ')
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am am on am.oid = c.relam
    cross join lateral (
      select coalesce(jsonb_agg(a.attname order by n.position), '[]') as columns,
             bool_or(a.attnum is null) as expressions, bool_or(not a.attnotnull) as nullable,
             bool_or(i.indoption[n.position] <> 0) as descending,
             bool_or(not oc.opcdefault) as other_class,
             bool_or(i.indcollation[n.position] <> a.attcollation) as other_collation
        from generate_series(0, i.indnkeyatts - 1) as n(position)
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[n.position] and a.attnum > 0
        left join pg_opclass oc on oc.oid = i.indclass[n.position]) k
   where i.indrelid = $1::oid and i.indisunique and k.columns = $2::jsonb)";

std::string list_of(const std::vector<std::string>& names) {
  return "(" + join(names, ", ") + ")";
}

std::string json_list(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ",";
    text += '"';
    for (const char c : name) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "]";
}

}  // namespace

std::string Key::columns_text(std::string_view alias) const {
  std::vector<std::string> names;
  for (const KeyColumn& column : columns) {
    names.push_back((alias.empty() ? "" : std::string(alias) + ".") + pg::quote_identifier(column.name));
  }
  return join(names, ", ");
}

std::string Key::values_text() const {
  std::vector<std::string> values;
  for (const KeyColumn& column : columns) values.push_back(pg::quote_identifier(column.name) + "::text");
  return join(values, ", ");
}

Key read_key(pg::Connection& connection, const OnlineDeclaration& declaration) {
  const auto fail = [&](const std::string& what, const std::string& advice) {
    return Error(ExitCode::failed, fmt::format("{}: {}", to_text(declaration.place), what), advice);
  };
  const std::string wanted = list_of(declaration.key);
  const std::string advice = fmt::format(
      "name the columns of a primary key, or make one in the migration script: create unique index on {} {}",
      declaration.table, wanted);
  Key key;
  key.table = pg::quote_qualified(declaration.table);
  const pg::Result table = connection.query(
      "select c.oid from pg_class c where c.oid = to_regclass($1) and c.relkind in ('r', 'p')", {key.table});
  if (table.rows() == 0)
    throw fail(fmt::format("there is no table {}", declaration.table),
               "name a table that the version's script, which runs before its online part, leaves there; an "
               "earlier version makes what a way back walks");
  key.oid = static_cast<unsigned>(table.integer(0, 0));
  const std::string oid = std::to_string(key.oid);
  const pg::Result indexes = connection.query(unique_indexes, {oid, json_list(declaration.key)});
  std::string why;
  bool usable = false;
  for (int row = 0; row < indexes.rows(); ++row) {
    usable = usable || indexes.text(row, 1).empty();
    why = indexes.text(row, 1);
  }
  if (!usable) {
    throw fail(indexes.rows() == 0
                   ? fmt::format("{} has no unique index on {} in this order", declaration.table, wanted)
                   : fmt::format("the unique index of {} on {} {}: it cannot be walked", declaration.table,
                                 wanted, why),
               advice);
  }
  for (const std::string& name : declaration.key) {
    const pg::Result type = connection.query(
        "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = $1::oid and attname = $2",
        {oid, name});
    key.columns.push_back({name, std::string(type.text(0, 0))});
  }
  return key;
}

namespace {

/// Writes conditions, and collects their parameters on the way: the same for every mark of a statement.
class Condition {
 public:
  Condition(const Key& key, const KeyRange& range) : key_(key) {
    for (const auto* end : {&range.low, &range.high}) {
      if (!*end) {
        ends_.emplace_back();
        continue;
      }
      std::vector<std::string> values;
      for (std::size_t i = 0; i < key.columns.size(); ++i) {
        parameters.emplace_back((**end)[i]);
        values.push_back(fmt::format("${}::{}", parameters.size(), key.columns[i].type));
      }
      ends_.push_back(std::move(values));
    }
  }

  std::string text(std::string_view alias) const {
    std::vector<std::string> terms;
    add(terms, alias, ends_[0], ">");
    add(terms, alias, ends_[1], "<=");
    return terms.empty() ? "true" : "(" + join(terms, " and ") + ")";
  }

  std::vector<pg::Parameter> parameters;

 private:
  void add(std::vector<std::string>& terms, std::string_view alias, const std::vector<std::string>& values,
           const char* comparison) const {
    if (values.empty()) return;
    const std::string columns = key_.columns_text(alias);
    if (values.size() == 1) {
      terms.push_back(fmt::format("{} {} {}", columns, comparison, values[0]));
      return;
    }
    // The planner takes a comparison of rows for a third of the table, and two of them for a ninth; with
    // plain comparisons of the first column it knows how few rows a range has.
    const std::string first = Key{{}, 0, {key_.columns.front()}}.columns_text(alias);
    terms.push_back(fmt::format("{} {} {}", first, comparison[0] == '>' ? ">=" : "<=", values[0]));
    terms.push_back(fmt::format("({}) {} ({})", columns, comparison, join(values, ", ")));
  }

  const Key& key_;
  std::vector<std::vector<std::string>> ends_;
};

}  // namespace

pg::Statement bind_range(std::string_view sql, const Key& key, const KeyRange& range) {
  constexpr std::string_view opening = "$range";
  Condition condition(key, range);
  std::string text;
  bool bound = false;
  std::size_t from = 0;
  for (std::size_t at = sql.find(opening); at != std::string_view::npos; at = sql.find(opening, from)) {
    const std::size_t end = sql.find('$', at + opening.size());
    std::string_view alias = sql.substr(at + opening.size(), end - at - opening.size());
    if (alias.starts_with(':')) alias.remove_prefix(1);
    text += sql.substr(from, at - from);
    text += condition.text(alias);
    bound = true;
    from = end + 1;
  }
  text += sql.substr(from);
  return {text, bound ? condition.parameters : std::vector<pg::Parameter>{}};
}

std::string without_ranges(std::string_view sql) {
  return bind_range(sql, {}, {}).sql;
}

std::string to_text(const Key& key, const KeyValue& value) {
  std::vector<std::string> names;
  for (const KeyColumn& column : key.columns) names.push_back(column.name);
  return fmt::format("({}) = {}", join(names, ", "), list_of(value));
}

}  // namespace dbtool::online
