#include <algorithm>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

/// `of PARENT FOR VALUES … (detach pending)` apart.
struct Partition {
  std::string parent;
  std::string bounds;
  bool is_going = false;
};

Partition partition(std::string_view fact) {
  constexpr std::string_view pending = " (detach pending)";
  Partition result;
  if (fact.ends_with(pending)) {
    fact.remove_suffix(pending.size());
    result.is_going = true;
  }
  fact.remove_prefix(3);
  const std::size_t end = find_outside(fact, " ");
  result.parent = fact.substr(0, end);
  result.bounds = fact.substr(end + 1);
  return result;
}

std::string attach(const Object& table) {
  const Partition of = partition(table.facts.at("partition"));
  return "alter table " + of.parent + " attach partition " + table.identity + " " + of.bounds + ";";
}

Step attaching(const Object& table) {
  Step step;
  step.mend.object = key(table);
  step.mend.sql = attach(table);
  step.phase = phase_attach;
  step.uses = step.mend.sql;
  return step;
}

/// Comes with the parent, and is declared there alone.
bool is_inherited(const Object& table, const Object& column) {
  return table.facts.contains("inherits") && column.part_of.size() > 1 && !column.facts.contains("declared");
}

std::vector<const Object*> columns(const Object& table, const Context& context) {
  std::vector<const Object*> list;
  for (const std::string& name : split_list(table.facts.text("columns"))) {
    if (const Object* column = context.expected("column " + table.identity + "." + name))
      list.push_back(column);
  }
  return list;
}

std::string column_list(const Object& table, const Context& context) {
  std::vector<std::string> list;
  for (const Object* column : columns(table, context)) {
    if (!is_inherited(table, *column)) list.push_back("  " + column_definition(*column));
  }
  return list.empty() ? " ()" : " (\n" + join(list, ",\n") + "\n)";
}

/// What the list of columns could not say.
void add_column_settings(const Object& table, const Context& context, std::vector<std::string>& statements) {
  for (const Object* column : columns(table, context)) {
    const Object* parent = is_inherited(table, *column) ? context.expected(column->part_of[1]) : nullptr;
    const std::string sql = parent == nullptr
                                ? column_settings(*column, said_by_definition(column->facts), context)
                                : column_settings(*column, parent->facts, context);
    if (!sql.empty()) statements.push_back(sql);
    if (parent != nullptr && column->facts.contains("not null") && !parent->facts.contains("not null"))
      statements.push_back("alter " + std::string(whole(*column)) + " alter column " +
                           std::string(own_name(*column)) + " set not null;");
    if (column->facts.contains("comment"))
      statements.push_back("comment on " + noun(*column) + " is " +
                           pg::quote_literal(column->facts.at("comment")) + ";");
  }
}

std::string row_security(const Object& table, std::string_view from, std::string_view to) {
  std::vector<std::string> actions;
  const auto has = [](std::string_view fact, std::string_view word) {
    return fact.find(word) != std::string_view::npos;
  };
  if (has(from, "enabled") != has(to, "enabled"))
    actions.push_back(std::string(has(to, "enabled") ? "enable" : "disable") + " row level security");
  if (has(from, "forced") != has(to, "forced"))
    actions.push_back(std::string(has(to, "forced") ? "force" : "no force") + " row level security");
  return "alter table " + table.identity + " " + join(actions, ", ") + ";";
}

std::string with_options(const Facts& facts) {
  std::vector<std::string> options;
  if (facts.contains("options")) options.push_back(storage_options(facts.at("options")));
  if (facts.contains("toast options"))
    options.push_back(storage_options(facts.at("toast options"), "toast."));
  return options.empty() ? "" : " with (" + join(options, ", ") + ")";
}

/// Columns of parents come first, however the expected ones came about.
void tell_of_order(const Object& table, Context& context) {
  if (!table.facts.contains("inherits")) return;
  std::vector<std::string> order;
  const auto add = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
    }
  };
  for (const std::string& parent : split_list(table.facts.at("inherits"))) {
    const Object* object = context.expected("table " + parent);
    if (object != nullptr) add(split_list(object->facts.text("columns")));
  }
  const std::vector<std::string> wanted = split_list(table.facts.text("columns"));
  add(wanted);
  if (order == wanted) return;
  Step step;
  step.mend.object = key(table);
  step.mend.impossible =
      "the columns that it inherits come first, in another order than expected; nothing but "
      "`select *` and `insert` without names sees it";
  step.phase = phase_last;
  context.add(std::move(step));
}

std::string create_table(const Object& table, Context& context) {
  tell_of_order(table, context);
  const Facts& facts = table.facts;
  std::string sql = facts.contains("persistence") ? "create unlogged table " : "create table ";
  sql += table.identity + column_list(table, context);
  if (facts.contains("inherits")) sql += " inherits (" + facts.at("inherits") + ")";
  if (facts.contains("partitioned by")) sql += " partition by " + facts.at("partitioned by");
  if (facts.contains("access method")) sql += " using " + facts.at("access method");
  sql += with_options(facts);
  if (facts.contains("tablespace")) sql += " tablespace " + facts.at("tablespace");
  std::vector<std::string> statements{sql + ";"};
  const std::string head = "alter table " + table.identity;
  if (facts.contains("of type")) statements.push_back(head + " of " + facts.at("of type") + ";");
  if (facts.contains("replica identity"))
    statements.push_back(head + " replica identity " + facts.at("replica identity") + ";");
  if (facts.contains("row security")) statements.push_back(row_security(table, "", facts.at("row security")));
  add_column_settings(table, context, statements);
  // Its own keys, indexes and checks are there before, so that they are taken and none is made.
  if (facts.contains("partition")) context.add(attaching(table));
  return join(statements, "\n");
}

void alter_partition(Alteration& change) {
  if (!change.take("partition")) return;
  const std::string wanted = change.wanted("partition");
  const std::string found = change.found("partition");
  if (!found.empty()) {
    const Partition of = partition(found);
    change.run("alter table " + of.parent + " detach partition " + change.live.identity +
               (of.is_going ? " finalize;" : ";"));
    change.warn("takes the strongest lock on the whole table");
  }
  if (wanted.empty()) return;
  if (partition(wanted).is_going)
    change.give_up(
        "a detaching that was broken off is nothing to be made; end it in the other database with "
        "`detach partition … finalize`");
  Step step = attaching(change.expected);
  step.mend.warning = "reads the whole partition, unless a validated check says what its bounds say";
  step.frees = found;
  change.steps.push_back(std::move(step));
}

/// Columns that a table had before it inherits them stay its own as well.
void tell_of_own_columns(Alteration& change) {
  for (const Object* column : columns(change.expected, change.context)) {
    const bool is_new = change.context.is_made(key(*column));
    if (!is_new && column->part_of.size() > 1 && !column->facts.contains("declared") &&
        change.context.live(key(*column))->part_of.size() < 2)
      return change.give_up(
          "a column that a table has before it inherits counts as its own as well; that matters only "
          "when the parent's is dropped");
  }
}

void alter_inherits(Alteration& change) {
  if (!change.take("inherits")) return;
  tell_of_own_columns(change);
  const std::vector<std::string> wanted = split_list(change.wanted("inherits"));
  const std::vector<std::string> found = split_list(change.found("inherits"));
  const std::string head = "alter " + noun(change.expected);
  const auto has = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const std::string& parent : found) {
    if (!has(wanted, parent)) change.run(head + " no inherit " + parent + ";");
  }
  std::vector<std::string> order;
  std::copy_if(found.begin(), found.end(), std::back_inserter(order),
               [&](const std::string& parent) { return has(wanted, parent); });
  for (const std::string& parent : wanted) {
    if (has(found, parent)) continue;
    order.push_back(parent);
    Step step;
    step.mend.object = key(change.expected);
    step.mend.sql = head + " inherit " + parent + ";";
    step.phase = phase_attach;
    step.uses = step.mend.sql;
    change.steps.push_back(std::move(step));
  }
  if (order == wanted) return;
  // From the first that stands elsewhere on, all inherit anew.
  change.sql.clear();
  change.steps.clear();
  for (const std::string& parent : found) change.run(head + " no inherit " + parent + ";");
  for (const std::string& parent : wanted) change.run(head + " inherit " + parent + ";");
  change.warn("columns that it inherits count as its own then");
}

void alter_where(Alteration& change, const std::string& head) {
  if (change.take("access method")) {
    const std::string wanted = change.wanted("access method");
    if (change.context.from(15)) {
      change.run(head + " set access method " + (wanted.empty() ? "heap" : wanted) + ";");
      change.warn("rewrites the table while nobody can use it");
    } else {
      change.give_up("before server 15 a table keeps its access method; copy it into a new one");
    }
  }
  if (change.take("tablespace")) {
    const std::string wanted = change.wanted("tablespace");
    change.run(head + " set tablespace " + (wanted.empty() ? "pg_default" : wanted) + ";");
    change.warn("copies the table while nobody can use it");
  }
  if (change.take("persistence")) {
    const bool is_logged = change.wanted("persistence").empty();
    change.run(head + (is_logged ? " set logged;" : " set unlogged;"));
    change.warn(is_logged
                    ? "rewrites the table while nobody can use it"
                    : "rewrites the table while nobody can use it, and a crash empties it from then on");
  }
}

bool has_identity_index(const Alteration& change) {
  const std::string table = key(change.expected);
  return std::any_of(change.context.all_expected().begin(), change.context.all_expected().end(),
                     [&](const Object& object) {
                       return !object.part_of.empty() && object.part_of[0] == table &&
                              (object.kind == "index" || object.kind == "constraint") &&
                              object.facts.contains("replica identity");
                     });
}

void alter_table(Alteration& change) {
  const std::string head = "alter table " + change.expected.identity;
  if (change.take("columns"))
    change.give_up(
        "columns keep their order; only a new table, filled from this one, has another (and nothing but "
        "`select *` and `insert` without names sees it)");
  if (change.take("partitioned by"))
    change.give_up(
        "how a table is partitioned is decided when it is made; make a new one beside it, move the rows, "
        "and rename both");
  alter_partition(change);
  alter_inherits(change);
  if (change.take("of type")) {
    const std::string type = change.wanted("of type");
    change.run(head + (type.empty() ? " not of;" : " of " + type + ";"));
  }
  alter_where(change, head);
  if (change.take("options"))
    change.run(change_storage_options(head, change.found("options"), change.wanted("options")));
  if (change.take("toast options"))
    change.run(change_storage_options(head, change.found("toast options"), change.wanted("toast options"),
                                      "toast."));
  if (change.take("replica identity")) {
    const std::string wanted = change.wanted("replica identity");
    if (!wanted.empty() || !has_identity_index(change))
      change.run(head + " replica identity " + (wanted.empty() ? "default" : wanted) + ";");
  }
  if (change.take("row security"))
    change.run(row_security(change.expected, change.found("row security"), change.wanted("row security")));
}

std::string create_foreign_table(const Object& table, Context& context) {
  const Facts& facts = table.facts;
  std::string sql = "create foreign table " + table.identity + column_list(table, context);
  if (facts.contains("inherits")) sql += " inherits (" + facts.at("inherits") + ")";
  sql += " server " + facts.at("server") + foreign_options(facts.text("options")) + ";";
  std::vector<std::string> statements{sql};
  add_column_settings(table, context, statements);
  if (facts.contains("partition")) context.add(attaching(table));
  return join(statements, "\n");
}

void alter_foreign_table(Alteration& change) {
  if (change.differs("server")) return change.remake();
  if (change.take("columns"))
    change.give_up("columns keep their order; drop the foreign table and make it anew, which loses no rows");
  alter_partition(change);
  alter_inherits(change);
  if (change.take("options"))
    change.run("alter foreign table " + change.expected.identity + " " +
               change_foreign_options(change.found("options"), change.wanted("options")) + ";");
}

}  // namespace

const std::vector<Kind>& table_kinds() {
  static const std::vector<Kind> kinds{
      {"table", phase_table, create_table, nullptr, alter_table},
      {"foreign table", phase_table, create_foreign_table, nullptr, alter_foreign_table}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
