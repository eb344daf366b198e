#include "base/text.h"
#include "catalog/mend/index.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

bool is_foreign_key(const Object& object) {
  return object.facts.text("definition").starts_with("FOREIGN KEY");
}
bool is_check(const Object& object) {
  return object.facts.text("definition").starts_with("CHECK");
}
bool has_index(const Object& object) {
  return !is_foreign_key(object) && !is_check(object);
}

/// An index of a partition is attached by its own statement, so that keys are made table by table.
std::string constraint_head(const Object& object) {
  std::string table = table_of(object);
  if (has_index(object) && table.starts_with("table ")) table.insert(6, "only ");
  return "alter " + table;
}

std::string deferrable(const Object& object) {
  const std::string_view fact = object.facts.text("deferrable");
  if (fact.empty()) return "";
  return fact == "yes" ? " deferrable" : " deferrable initially deferred";
}

/// How the server's own triggers of a key fire: their names have numbers that are others in each database.
std::string fire(const Object& object, const std::string& how, const std::string& table) {
  const std::string of = "conrelid = " + pg::quote_literal(std::string(whole_name(object))) +
                         "::regclass and conname = " + pg::quote_literal(bare_name(own_name(object)));
  return "do $$\ndeclare\n  t record;\nbegin\n"
         "  for t in\n"
         "    select tgrelid::regclass as name, tgname from pg_trigger\n"
         "    where tgisinternal" +
         (table.empty() ? " and tgenabled <> 'O'"
                        : " and tgrelid = " + pg::quote_literal(table) + "::regclass") +
         " and tgconstraint in (\n"
         "      select oid from pg_constraint where " +
         of +
         "\n      union all\n"
         "      select c.oid from pg_constraint c join pg_constraint p on p.oid = c.conparentid and "
         "p.conrelid = "
         "c.conrelid\n"
         "      where p." +
         of.substr(0, of.find(" and conname")) + " and p." + of.substr(of.find("conname")) +
         ")\n  loop\n    execute format('alter table only %s " + how +
         " trigger %I', t.name, t.tgname);\n  end loop;\nend $$;";
}

/// `disabled in public.a, replica in public.b`
std::vector<std::string> fire_as(const Object& object) {
  std::vector<std::string> statements;
  for (const std::string& item : split_list(object.facts.text("triggers"))) {
    const std::size_t in = item.find(" in ");
    const std::string state = item.substr(0, in);
    statements.push_back(
        fire(object, state == "disabled" ? "disable" : "enable " + state, item.substr(in + 4)));
  }
  return statements;
}

std::string constraint_settings(const Object& object, Context& context) {
  std::vector<std::string> statements;
  if (object.facts.contains("options"))
    statements.push_back("alter index " + index_name(object) + " set (" +
                         storage_options(object.facts.at("options")) + ");");
  if (const std::string more = index_settings(object, context); !more.empty()) statements.push_back(more);
  if (object.facts.contains("comment on index"))
    statements.push_back("comment on index " + index_name(object) + " is " +
                         pg::quote_literal(object.facts.at("comment on index")) + ";");
  return join(statements, "\n");
}

std::string validate(const Object& object) {
  return "alter " + table_of(object) + " validate constraint " + std::string(own_name(object)) + ";";
}

/// Rows are read after the transaction, under a lock that lets others work.
bool is_validated_later(const Object& object, const Context& context) {
  const bool is_enforced = !object.facts.text("definition").ends_with(" NOT ENFORCED");
  return is_enforced && !has_index(object) && !object.facts.contains("validated") &&
         stands_on_rows(object, context) && table_of(object).starts_with("table ") &&
         !is_partitioned(table_of(object), context);
}

std::string create_constraint(const Object& object, Context& context) {
  const bool later = is_validated_later(object, context);
  std::string sql = constraint_head(object) + " add constraint " + std::string(own_name(object)) + " " +
                    object.facts.at("definition") + deferrable(object) +
                    (later || object.facts.contains("validated") ? " not valid;" : ";");
  if (later) {
    Step step;
    step.mend.object = key(object);
    step.mend.sql = validate(object);
    step.mend.warning = "reads the whole table, while others go on working with it";
    step.mend.part = Mend::Part::after;
    step.phase = phase_foreign_key;
    context.add(std::move(step));
  }
  if (object.facts.contains("triggers")) {
    // Partitions that are attached later have their part of it.
    Step step;
    step.mend.object = key(object);
    step.mend.sql = join(fire_as(object), "\n");
    step.uses = step.mend.sql;
    step.phase = phase_view;
    context.add(std::move(step));
  }
  const std::string more = constraint_settings(object, context);
  return more.empty() ? sql : sql + "\n" + more;
}

void adjust_constraint(const Object& object, Context& context, Step& step) {
  step.phase = is_foreign_key(object) ? phase_foreign_key : phase_constraint;
  if (has_index(object) && stands_on_rows(object, context))
    step.mend.warning = "builds its index while nobody can use the table";
}

std::string drop_constraint(const Object& object, Context&) {
  return "alter " + table_of(object) + " drop constraint " + std::string(own_name(object)) + ";";
}

/// Foreign keys that stand on a key go and come with it.
void take_foreign_keys_along(Alteration& change) {
  const std::string definition = change.found("definition");
  const std::size_t open = definition.find('(');
  if (!has_index(change.live) || open == std::string::npos) return;
  const std::string columns = definition.substr(open, definition.find(')', open) - open + 1);
  const std::string target = "REFERENCES " + std::string(whole_name(change.live)) + columns;
  for (const Object& other : change.context.all_live()) {
    if (other.kind == "constraint" && is_foreign_key(other) &&
        other.facts.text("definition").find(target) != std::string_view::npos)
      change.also_remade.push_back(key(other));
  }
}

void alter_whether_declared(Alteration& change) {
  if (!change.take("declared")) return;
  const Object* table = change.context.live(table_of(change.live));
  const Object* wanted = change.context.expected(table_of(change.live));
  // It follows from what the table inherits.
  if (table == nullptr || wanted == nullptr ||
      table->facts.text("inherits") != wanted->facts.text("inherits"))
    return;
  if (change.expected.facts.contains("declared")) {
    change.run(constraint_head(change.expected) + " add constraint " +
               std::string(own_name(change.expected)) + " " + change.wanted("definition") + ";");
  } else {
    change.give_up(
        "a constraint that a table has of its own, and inherits as well, cannot become one that it only "
        "inherits; it matters only when the parent's is dropped");
  }
}

void alter_constraint(Alteration& change) {
  const Object& object = change.expected;
  const bool must_be_new = change.differs("definition") ||
                           (change.differs("validated") && object.facts.contains("validated")) ||
                           (change.differs("deferrable") && !is_foreign_key(object));
  if (must_be_new) {
    take_foreign_keys_along(change);
    return change.remake();
  }
  if (change.take("deferrable"))
    change.run("alter " + table_of(object) + " alter constraint " + std::string(own_name(object)) +
               (object.facts.contains("deferrable") ? deferrable(object) : " not deferrable") + ";");
  if (change.take("validated")) {
    Step step;
    step.mend.object = key(object);
    step.mend.sql = validate(object);
    step.mend.warning = "reads the whole table, while others go on working with it";
    step.mend.part = Mend::Part::after;
    step.phase = phase_foreign_key;
    change.steps.push_back(std::move(step));
  }
  if (change.take("triggers")) {
    change.run(fire(object, "enable", ""));
    for (std::string& sql : fire_as(object)) change.run(std::move(sql));
    change.warn(
        "asks for a superuser; what was written meanwhile is not checked: dropping the constraint, adding it "
        "as `not valid` and validating it would");
  }
  if (change.take("options"))
    change.run(change_storage_options("alter index " + index_name(object), change.found("options"),
                                      change.wanted("options")));
  if (change.take("comment on index")) {
    const std::string text = change.wanted("comment on index");
    change.run("comment on index " + index_name(object) + " is " +
               (text.empty() ? "null" : pg::quote_literal(text)) + ";");
  }
  alter_whether_declared(change);
  alter_index_settings(change);
}

}  // namespace

const std::vector<Kind>& constraint_kinds() {
  static const std::vector<Kind> kinds{{"constraint", phase_constraint, create_constraint, drop_constraint,
                                        alter_constraint, adjust_constraint}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
