#include <algorithm>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"
#include "catalog/mend/sequence.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

bool has_rows(const Object& column) {
  return whole(column).starts_with("table ") || whole(column).starts_with("foreign table ");
}

std::string head(const Object& column, bool only) {
  std::string table(whole(column));
  if (only && has_rows(column)) table.insert(table.find("table ") + 6, "only ");
  return "alter " + table + " alter column " + std::string(own_name(column));
}

/// ` constraint "x" not null`, from server 18 on with what such a constraint may have.
std::string not_null(std::string_view fact) {
  std::string sql;
  for (const std::string& item : split_list(fact)) {
    if (item.starts_with("constraint ")) sql += " " + item;
  }
  sql += " not null";
  return fact.find("no inherit") == std::string_view::npos ? sql : sql + " no inherit";
}

/// Of the constraint, from server 18 on: the one that the column names, or that the server gives.
std::string not_null_name(const Object& column) {
  for (const std::string& item : split_list(column.facts.text("not null"))) {
    if (item.starts_with("constraint ")) return item.substr(11);
  }
  const std::string_view table = whole_name(column);
  const std::string_view schema = schema_of(table);
  return pg::quote_identifier(bare_name(table.substr(schema.empty() ? 0 : schema.size() + 1)) + "_" +
                              bare_name(own_name(column)) + "_not_null");
}

std::string literal_or_null(std::string_view text) {
  return text.empty() ? "null" : pg::quote_literal(std::string(text));
}

std::string identity_clause(std::string_view fact) {
  const Identity identity = parse_identity(fact);
  return "generated " + identity.mode + " as identity (sequence name " + identity.sequence + " " +
         counting(identity.facts) + ")";
}

/// Before server 16 the usual storage of a type has no word of its own.
std::string usual_storage(const Object& column, const Context& context) {
  if (context.from(16)) return "default";
  const std::string_view type = column.facts.text("type");
  for (const std::string_view name : {"numeric", "inet", "cidr"}) {
    if (type.starts_with(name) && !type.ends_with("[]")) return "main";
  }
  return "extended";
}

const Object* parent(const Object& column, const Context& context, bool is_expected) {
  if (column.part_of.size() < 2) return nullptr;
  return is_expected ? context.expected(column.part_of[1]) : context.live(column.part_of[1]);
}

/// What the statement for the parent's column does here as well.
bool follows_parent(const Alteration& change, const std::string& fact) {
  static const std::set<std::string> handed_down{"type", "collation", "not null", "generated", "identity"};
  if (!handed_down.contains(fact)) return false;
  const Object* wanted = parent(change.expected, change.context, true);
  const Object* found = parent(change.live, change.context, false);
  if (wanted == nullptr || found == nullptr) return false;
  return wanted->facts.text(fact) == change.expected.facts.text(fact) &&
         wanted->facts.text(fact) != found->facts.text(fact);
}

std::string base_type(std::string_view type) {
  std::string text(type.substr(0, type.find('(')));
  return type.ends_with("[]") ? text + "[]" : text;
}

bool is_text(const std::string& type) {
  return type == "text" || type == "character varying" || type == "character";
}

/// A cast that is written cuts what does not fit; one that the server finds fails.
std::string conversion(const Object& column, const std::string& from, const std::string& to) {
  if (base_type(from) == base_type(to) || (is_text(base_type(from)) && is_text(base_type(to)))) return "";
  // From one type of the project to another there is rarely a cast, and always the text.
  const bool by_text = from.find('.') != std::string::npos && to.find('.') != std::string::npos;
  return " using " + std::string(own_name(column)) + (by_text ? "::text::" : "::") + to;
}

/// Views, and rules, that show the column stand in the way of another type.
void take_views_along(Alteration& change) {
  const std::string table(whole_name(change.live));
  const std::string column(own_name(change.live));
  for (const Object& object : change.context.all_live()) {
    if (object.kind != "view" && object.kind != "materialized view" && object.kind != "rule") continue;
    const std::set<std::string> names = names_in(object.facts.text("definition"));
    if (!names.contains(table)) continue;
    const bool shows = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return name == column || name.ends_with("." + column);
    });
    if (shows) change.also_remade.push_back(key(object));
  }
}

void alter_type(Alteration& change) {
  const bool has_other_type = change.take("type");
  if (!change.take("collation") && !has_other_type) return;
  const std::string type = change.wanted("type");
  const std::string change_it = head(change.expected, false);
  const bool sets_default_anew = has_other_type && !change.found("default").empty();
  if (sets_default_anew) {
    change.take("default");
    change.run(change_it + " drop default;");
  }
  std::string sql = change_it + " type " + type;
  if (!change.wanted("collation").empty()) sql += " collate " + change.wanted("collation");
  if (has_other_type && has_rows(change.live) && !whole(change.live).starts_with("foreign"))
    sql += conversion(change.expected, change.found("type"), type);
  change.run(sql + ";");
  if (sets_default_anew && !change.wanted("default").empty())
    change.run(change_it + " set default " + change.wanted("default") + ";");
  change.warn(has_other_type ? "rewrites the table while nobody can use it, unless every value stays as it "
                               "is (a longer varchar); "
                               "values that do not fit make it fail, and digits that do not fit are rounded"
                             : "builds the indexes on it anew while nobody can use the table");
  take_views_along(change);
}

/// A column becomes computed only by being made anew.
void alter_generated(Alteration& change) {
  if (!change.take("generated")) return;
  const std::string wanted = change.wanted("generated");
  const std::string found = change.found("generated");
  if (wanted.empty() && found.ends_with(" stored"))
    return change.run(head(change.expected, false) + " drop expression;");
  const std::size_t last = wanted.rfind(' ');
  if (!wanted.empty() && !found.empty() && change.context.from(17) &&
      wanted.substr(last) == found.substr(found.rfind(' ')))
    return change.run(head(change.expected, false) + " set expression as (" + wanted.substr(0, last) + ");");
  const std::string table = "alter " + std::string(whole(change.expected));
  for (const std::string& fact : std::set<std::string>(change.rest())) change.take(fact);
  change.sql.clear();
  change.run(table + " drop column " + std::string(own_name(change.live)) + ";");
  change.run(table + " add column " + column_definition(change.expected) + ";");
  if (const std::string more =
          column_settings(change.expected, said_by_definition(change.expected.facts), change.context);
      !more.empty())
    change.run(more);
  if (change.expected.facts.contains("comment"))
    change.run("comment on " + noun(change.expected) + " is " +
               pg::quote_literal(change.expected.facts.at("comment")) + ";");
  change.loses_data = true;
  change.warn(
      "the column is made anew, behind all others; indexes, constraints and grants on it go with the old "
      "one, "
      "so check again afterwards");
}

std::string persist(const Object& column, const Identity& identity, const Context& context) {
  std::string how = identity.persistence;
  const Object* table = context.expected(std::string(whole(column)));
  if (how.empty()) how = table != nullptr && table->facts.contains("persistence") ? "unlogged" : "logged";
  return "alter sequence " + identity.sequence + " set " + how + ";";
}

void alter_identity(Alteration& change) {
  if (!change.take("identity")) return;
  const std::string change_it = head(change.expected, false);
  const std::string wanted = change.wanted("identity");
  const std::string found = change.found("identity");
  if (wanted.empty()) return;  // dropped before the column may hold nulls
  const Identity to = parse_identity(wanted);
  if (found.empty()) {
    const std::string table(whole_name(change.expected));
    change.run(change_it + " add " + identity_clause(wanted) + ";" +
               catch_up(to.sequence, std::string(own_name(change.expected)), table, to.facts));
    return;
  }
  const Identity from = parse_identity(found);
  if (from.mode != to.mode) change.run(change_it + " set generated " + to.mode + ";");
  if (from.sequence != to.sequence) {
    const std::string schema(schema_of(to.sequence));
    if (schema_of(from.sequence) == schema) {
      change.run("alter sequence " + from.sequence + " rename to " + to.sequence.substr(schema.size() + 1) +
                 ";");
    } else {
      change.give_up("the sequence of an identity stands in its table's schema; move it by hand");
    }
  }
  if (from.persistence != to.persistence) change.run(persist(change.expected, to, change.context));
  if (from.facts == to.facts) return;
  std::string as;
  if (from.facts.text("type") != to.facts.text("type"))
    as = " as " + (to.facts.contains("type") ? to.facts.at("type") : change.wanted("type"));
  change.run("alter sequence " + to.sequence + as + " " + counting(to.facts) + ";");
}

void alter_not_null(Alteration& change) {
  if (!change.take("not null")) return;
  const std::string wanted = change.wanted("not null");
  const std::string change_it = head(change.expected, false);
  const std::string table = "alter " + std::string(whole(change.expected));
  // That it is the key's, or the identity's, keeps it.
  if (!change.found("not null").empty()) change.run(change_it + " drop not null;");
  if (wanted.empty()) return;
  if (wanted == "yes") {
    change.run(change_it + " set not null;");
    change.warn("reads the whole table while nobody can use it, unless a validated check says the same");
  } else {
    std::string sql = table + " add constraint " + not_null_name(change.expected) + " not null " +
                      std::string(own_name(change.expected));
    if (wanted.find("no inherit") != std::string::npos) sql += " no inherit";
    if (wanted.find("not valid") != std::string::npos) sql += " not valid";
    change.run(sql + ";");
  }
}

void alter_declared(Alteration& change) {
  if (!change.take("declared")) return;
  const Object* found = change.context.live(std::string(whole(change.live)));
  const Object* wanted = change.context.expected(std::string(whole(change.live)));
  // It follows from what the table inherits.
  if (found == nullptr || wanted == nullptr ||
      found->facts.text("inherits") != wanted->facts.text("inherits"))
    return;
  const std::string_view parents = wanted->facts.text("inherits");
  if (change.expected.facts.contains("declared") && !parents.empty()) {
    const std::string table = "alter " + std::string(whole(change.live));
    for (const std::string& each : split_list(parents)) change.run(table + " no inherit " + each + ";");
    for (const std::string& each : split_list(parents)) change.run(table + " inherit " + each + ";");
    change.warn("all its columns count as its own then");
  } else {
    change.give_up(
        "a column that a table has of its own, and inherits as well, cannot become one that it only "
        "inherits; it matters only when the parent's is dropped");
  }
}

void alter_column(Alteration& change) {
  for (const std::string& fact : std::set<std::string>(change.rest())) {
    if (follows_parent(change, fact)) change.take(fact);
  }
  alter_generated(change);
  if (change.rest().empty()) return;
  const bool loses_identity = change.differs("identity") && change.wanted("identity").empty();
  if (loses_identity) change.run(head(change.expected, false) + " drop identity;");
  alter_type(change);
  alter_not_null(change);
  alter_identity(change);
  alter_declared(change);
  const std::string settings = column_settings(change.expected, change.live.facts, change.context);
  bool differs = false;
  for (const char* fact : {"default", "storage", "compression", "statistics", "options", "foreign options",
                           "comment on sequence", "comment on not null"})
    differs = change.take(fact) || differs;
  if (differs && !settings.empty()) change.run(settings);
}

/// A new column comes last; that it should stand elsewhere is no statement's to say.
void tell_its_place(const Object& column, Context& context) {
  const Object* wanted = context.expected(std::string(whole(column)));
  const Object* found = context.live(std::string(whole(column)));
  if (wanted == nullptr || found == nullptr) return;
  const std::vector<std::string> there = split_list(found->facts.text("columns"));
  bool is_before = true;
  for (const std::string& name : split_list(wanted->facts.text("columns"))) {
    if (name == own_name(column)) is_before = false;
    if (is_before || std::find(there.begin(), there.end(), name) == there.end()) continue;
    Step step;
    step.mend.object = key(column);
    step.mend.impossible = "a new column comes behind all others, and this one is expected before " + name +
                           "; nothing but `select *` and `insert` without names sees it";
    step.phase = phase_last;
    return context.add(std::move(step));
  }
}

std::string create_column(const Object& column, Context& context) {
  if (!has_rows(column)) return column_settings(column, {}, context);
  tell_its_place(column, context);
  const std::string sql =
      "alter " + std::string(whole(column)) + " add column " + column_definition(column) + ";";
  const std::string more = column_settings(column, said_by_definition(column.facts), context);
  return more.empty() ? sql : sql + "\n" + more;
}

void adjust_column(const Object& column, Context&, Step& step) {
  if (!has_rows(column)) {
    step.phase = phase_trigger;
    return;
  }
  const Facts& facts = column.facts;
  if (facts.contains("generated")) {
    step.mend.warning = "rewrites the table while nobody can use it";
  } else if (facts.contains("identity")) {
    step.mend.warning = "rewrites the table while nobody can use it, and numbers all rows";
  } else if (facts.contains("not null") && !facts.contains("default")) {
    step.mend.warning =
        "fails where there are rows already; give it a default, or fill it before it is not null";
  }
}

/// What an object was given that has no column to drop: everything back to what is usual.
std::string drop_column(const Object& column, Context& context) {
  if (has_rows(column))
    return "alter " + std::string(whole(column)) + " drop column " + std::string(own_name(column)) + ";";
  Object plain = column;
  plain.facts = {};
  std::string sql = column_settings(plain, column.facts, context);
  if (column.facts.contains("comment"))
    sql += (sql.empty() ? "" : "\n") + ("comment on " + noun(column) + " is null;");
  return sql;
}

}  // namespace

std::string column_definition(const Object& column) {
  const Facts& facts = column.facts;
  std::string sql = std::string(own_name(column)) + " " + std::string(facts.text("type"));
  sql += foreign_options(facts.text("foreign options"));
  if (facts.contains("collation")) sql += " collate " + facts.at("collation");
  if (facts.contains("default")) sql += " default " + facts.at("default");
  if (const std::string_view generated = facts.text("generated"); !generated.empty()) {
    const std::size_t last = generated.rfind(' ');
    sql += " generated always as (" + std::string(generated.substr(0, last)) + ")" +
           std::string(generated.substr(last));
  }
  if (facts.contains("identity")) sql += " " + identity_clause(facts.at("identity"));
  if (facts.contains("not null")) sql += not_null(facts.at("not null"));
  return sql;
}

Facts said_by_definition(const Facts& column) {
  Facts facts;
  for (const char* fact : {"default", "foreign options"}) {
    if (column.contains(fact)) facts.emplace(fact, column.at(fact));
  }
  return facts;
}

std::string column_settings(const Object& column, const Facts& from, const Context& context) {
  std::vector<std::string> statements;
  const Facts& facts = column.facts;
  const auto differs = [&](const char* fact) { return facts.text(fact) != from.text(fact); };
  const std::string only = head(column, true);
  const auto set = [&](const std::string& what) { statements.push_back(only + " " + what + ";"); };
  if (differs("default"))
    set(facts.contains("default") ? "set default " + facts.at("default") : "drop default");
  if (differs("storage"))
    set("set storage " + (facts.contains("storage") ? facts.at("storage") : usual_storage(column, context)));
  if (differs("compression"))
    set("set compression " +
        std::string(facts.contains("compression") ? facts.text("compression") : "default"));
  if (differs("statistics"))
    set("set statistics " + std::string(facts.contains("statistics") ? facts.text("statistics") : "-1"));
  if (differs("options"))
    statements.push_back(change_storage_options(only, from.text("options"), facts.text("options")));
  if (facts.contains("identity") && !from.contains("identity")) {
    const Identity identity = parse_identity(facts.at("identity"));
    if (!identity.persistence.empty()) statements.push_back(persist(column, identity, context));
  }
  if (differs("comment on sequence") && facts.contains("identity"))
    statements.push_back("comment on sequence " + parse_identity(facts.at("identity")).sequence + " is " +
                         literal_or_null(facts.text("comment on sequence")) + ";");
  if (differs("comment on not null") && facts.contains("not null"))
    statements.push_back("comment on constraint " + not_null_name(column) + " on " +
                         std::string(whole_name(column)) + " is " +
                         literal_or_null(facts.text("comment on not null")) + ";");
  if (differs("foreign options"))
    statements.push_back(head(column, false) + " " +
                         change_foreign_options(from.text("foreign options"), facts.text("foreign options")) +
                         ";");
  return join(statements, "\n");
}

const std::vector<Kind>& column_kinds() {
  static const std::vector<Kind> kinds{
      {"column", phase_column, create_column, drop_column, alter_column, adjust_column}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
