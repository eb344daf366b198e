#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/sequence.h"

namespace dbtool::catalog::mending {
namespace {

/// Privileges, and whether each may be passed on.
using Grants = std::map<std::string, bool>;

Grants parse(std::string_view fact) {
  constexpr std::string_view option = " with grant option";
  Grants privileges;
  if (fact == "none") return privileges;
  for (const std::string& item : split_list(fact)) {
    const bool passes_on = item.ends_with(option);
    privileges[passes_on ? item.substr(0, item.size() - option.size()) : item] = passes_on;
  }
  return privileges;
}

/// What default privileges call the things of a kind; "" for kinds that have none.
std::string_view group_of(std::string_view kind) {
  if (kind == "table" || kind == "view" || kind == "materialized view" || kind == "foreign table")
    return "tables";
  if (kind == "function" || kind == "procedure" || kind == "aggregate") return "functions";
  if (kind == "enum" || kind == "domain" || kind == "composite type" || kind == "range type" ||
      kind == "multirange type" || kind == "base type")
    return "types";
  if (kind == "sequence") return "sequences";
  return kind == "schema" ? "schemas" : "";
}

Grants of_owner(std::string_view group, const Context& context) {
  if (group == "tables") {
    Grants all = parse("delete, insert, references, select, trigger, truncate, update");
    if (context.from(17)) all["maintain"] = false;
    return all;
  }
  if (group == "functions") return parse("execute");
  if (group == "sequences") return parse("select, update, usage");
  if (group == "schemas") return parse("create, usage");
  return group == "large objects" ? parse("select, update") : parse("usage");
}

Grants of_public(std::string_view group, std::string_view kind) {
  if (group == "functions") return parse("execute");
  return group == "types" || kind == "language" ? parse("usage") : Grants();
}

/// What is granted: "table public.t" taken apart.
struct Holder {
  std::string key;
  std::string kind;
  std::string identity;
  std::string maker{};  ///< what it comes with, and is no object without: a range's functions
};

Holder holder(const std::string& key) {
  for (const char* kind :
       {"table", "view", "materialized view", "foreign table", "sequence", "column", "function", "procedure",
        "aggregate", "enum", "domain", "composite type", "range type", "multirange type", "base type",
        "schema", "language", "foreign data wrapper", "server"}) {
    if (key.starts_with(std::string(kind) + " "))
      return {key, kind, key.substr(std::string_view(kind).size() + 1), ""};
  }
  return {key, "", key, ""};
}

std::size_t last_dot(std::string_view identity) {
  bool in_quotes = false;
  std::size_t last = 0;
  for (std::size_t i = 0; i < identity.size(); ++i) {
    if (identity[i] == '"') in_quotes = !in_quotes;
    if (identity[i] == '.' && !in_quotes) last = i;
  }
  return last;
}

std::string table_of_column(const Holder& column) {
  return column.identity.substr(0, last_dot(column.identity));
}

/// What `on` names, and for a column the names behind each privilege.
std::string target(const Holder& of) {
  if (of.kind == "column") return "table " + table_of_column(of);
  const std::string_view group = group_of(of.kind);
  if (group == "tables") return "table " + of.identity;
  if (group == "types") return "type " + of.identity;
  if (of.kind == "aggregate") return "function " + of.identity;
  return (of.kind == "server" ? "foreign server" : of.kind) + " " + of.identity;
}

std::string privilege(const Holder& of, const std::string& name) {
  return of.kind != "column" ? name : name + " (" + of.identity.substr(last_dot(of.identity) + 1) + ")";
}

/// The column whose identity a sequence is, which is no object then.
const Object* identity_column(std::span<const Object> catalog, const std::string& sequence) {
  const std::span<const Object> columns = of_kind_in(catalog, "column");
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Object& column) {
    return column.facts.contains("identity") &&
           parse_identity(column.facts.at("identity")).sequence == sequence;
  });
  return found == columns.end() ? nullptr : &*found;
}

bool is_made(const Holder& of, const Context& context) {
  if (!of.maker.empty()) return context.is_made(of.maker);
  if (of.kind == "sequence" && context.expected(of.key) == nullptr) {
    const Object* column = identity_column(context.all_expected(), of.identity);
    if (column == nullptr) return false;
    const Object* live = context.live(key(*column));
    return context.is_made(key(*column)) || live == nullptr || !live->facts.contains("identity");
  }
  if (of.kind != "column") return context.is_made(of.key);
  for (const char* kind : {"table ", "view ", "materialized view ", "foreign table "}) {
    if (context.is_made(kind + table_of_column(of))) return true;
  }
  return context.is_made(of.key);
}

bool is_column_dropped(const Holder& of, const Context& context) {
  if (context.is_dropped(of.key)) return true;
  for (const char* kind : {"table ", "view ", "materialized view ", "foreign table "}) {
    if (context.is_dropped(kind + table_of_column(of))) return true;
  }
  return false;
}

Grants usual(const Holder& of, const std::string& role, const Object* object, const Context& context) {
  if (of.kind == "column") return {};
  const std::string owner =
      object != nullptr && object->facts.contains("owner") ? object->facts.at("owner") : "$owner$";
  if (role == owner) return of_owner(group_of(of.kind), context);
  if (role != "PUBLIC") return {};
  if (of.key == "schema public") return context.from(15) ? parse("usage") : parse("create, usage");
  return of_public(group_of(of.kind), of.kind);
}

/// `ROLE[ in schema S] on GROUP to GRANTEE` apart.
struct Default {
  std::string role;
  std::string schema;
  std::string group;
  std::string grantee;
};

Default parse_default(const Object& object) {
  Default result;
  std::string rest = object.identity;
  for (const char* group : {"tables", "sequences", "functions", "types", "schemas", "large objects"}) {
    const std::size_t at = find_outside(rest, " on " + std::string(group) + " to ");
    if (at == std::string::npos) continue;
    result.group = group;
    result.grantee = rest.substr(at + 8 + result.group.size());
    rest.resize(at);
    break;
  }
  if (!object.part_of.empty()) {
    result.schema = object.part_of[0].substr(7);
    rest.resize(find_outside(rest, " in schema "));
  }
  result.role = rest;
  return result;
}

/// What a new thing gives a role by the default privileges of its maker.
Grants given_to_new(const Holder& of, const std::string& role, const Object* object, const Context& context) {
  Grants privileges = usual(of, role, object, context);
  const std::string_view group = group_of(of.kind);
  Grants added;
  for (const Object& entry : of_kind_in(context.all_live(), "default privileges")) {
    const Default given = parse_default(entry);
    if (given.role != "$owner$" || given.group != group || given.grantee != role) continue;
    if (given.schema.empty()) {
      privileges = parse(entry.facts.text("privileges"));
    } else if (given.schema == schema_of(of.identity)) {
      added.merge(parse(entry.facts.text("privileges")));
    }
  }
  privileges.merge(added);
  return privileges;
}

/// Statements from `from` to `to`; `before` and `object` and `role` as both verbs have them.
struct Words {
  std::string before;  ///< "" or `alter default privileges … `
  std::string on;
  std::string role;
  Holder of;
};

std::string revoke(const Words& words, const Grants& from, const Grants& to) {
  std::vector<std::string> gone;
  std::vector<std::string> options;
  for (const auto& [name, passes_on] : from) {
    const auto kept = to.find(name);
    if (kept == to.end()) gone.push_back(privilege(words.of, name));
    if (kept != to.end() && passes_on && !kept->second) options.push_back(privilege(words.of, name));
  }
  std::vector<std::string> statements;
  const std::string tail = " on " + words.on + " from " + words.role + ";";
  if (!gone.empty()) statements.push_back(words.before + "revoke " + join(gone, ", ") + tail);
  if (!options.empty())
    statements.push_back(words.before + "revoke grant option for " + join(options, ", ") + tail);
  return join(statements, "\n");
}

std::string grant(const Words& words, const Grants& from, const Grants& to) {
  std::vector<std::string> plain;
  std::vector<std::string> passed_on;
  for (const auto& [name, passes_on] : to) {
    const auto had = from.find(name);
    if (had != from.end() && (had->second || !passes_on)) continue;
    (passes_on ? passed_on : plain).push_back(privilege(words.of, name));
  }
  std::vector<std::string> statements;
  const std::string tail = " on " + words.on + " to " + words.role;
  if (!plain.empty()) statements.push_back(words.before + "grant " + join(plain, ", ") + tail + ";");
  if (!passed_on.empty())
    statements.push_back(words.before + "grant " + join(passed_on, ", ") + tail + " with grant option;");
  return join(statements, "\n");
}

/// Who gives what to whom.
struct Task {
  std::string holder;
  std::string role;
  std::string grantor;  ///< empty: the owner
  std::string maker{};  ///< of the holder, as `Holder` has it
  auto operator<=>(const Task&) const = default;
};

std::string identity(const Task& task) {
  return task.role + " on " + task.holder + (task.grantor.empty() ? "" : " by " + task.grantor);
}

Task task(const Object& object) {
  Task result{object.part_of.at(0), "", "", object.part_of.size() > 1 ? object.part_of[1] : ""};
  const std::string middle = " on " + result.holder;
  const std::size_t at = object.identity.find(middle);
  result.role = object.identity.substr(0, at);
  const std::string rest = object.identity.substr(at + middle.size());
  if (rest.starts_with(" by ")) result.grantor = rest.substr(4);
  return result;
}

void add_step(const Task& task, std::string sql, int phase, Context& context) {
  if (sql.empty()) return;
  Step step;
  step.mend.object = "grant " + identity(task);
  if (!task.grantor.empty())
    sql = "set local role " + context.role(task.grantor) + ";\n" + sql + "\nreset role;";
  step.uses = sql;
  step.mend.sql = std::move(sql);
  step.phase = phase;
  context.add(std::move(step));
}

Holder holder(const Task& task) {
  Holder of = holder(task.holder);
  of.maker = task.maker;
  return of;
}

Words words_of(const Task& task, const Context& context) {
  const Holder of = holder(task);
  return {"", target(of), context.role(task.role), of};
}

/// Taking a privilege on a table from a role takes it from all columns as well.
void give_columns_again(const Task& taken, Context& context) {
  const Holder of = holder(taken.holder);
  if (group_of(of.kind) != "tables") return;
  for (const Object& object : of_kind_in(context.all_expected(), "grant")) {
    const Task other = task(object);
    const Holder column = holder(other.holder);
    if (other.role != taken.role || column.kind != "column" || table_of_column(column) != of.identity)
      continue;
    add_step(other, grant(words_of(other, context), {}, parse(object.facts.text("privileges"))),
             phase_pass_on, context);
  }
}

void mend_task(const Task& task, Context& context) {
  const Holder of = holder(task);
  const std::string name = "grant " + identity(task);
  const Object* expected = context.expected(name);
  const Object* live = is_made(of, context) ? nullptr : context.live(name);
  const Object* object = context.expected(of.maker.empty() ? task.holder : of.maker);
  const bool is_identity = of.kind == "sequence" && object == nullptr &&
                           identity_column(context.all_expected(), of.identity) != nullptr;
  const bool goes = of.kind == "column" ? is_column_dropped(of, context) : object == nullptr && !is_identity;
  if (goes && expected == nullptr && of.kind != "language") return;
  const auto privileges = [&](const Object* given) {
    if (given != nullptr) return parse(given->facts.text("privileges"));
    if (!task.grantor.empty()) return Grants();
    return usual(of, task.role, object, context);
  };
  const Grants to = privileges(expected);
  const Grants from = task.grantor.empty() && is_made(of, context)
                          ? given_to_new(of, task.role, object, context)
                          : privileges(live);
  const Words words = words_of(task, context);
  const bool is_owners = task.grantor.empty();
  const std::string taken = revoke(words, from, to);
  add_step(task, taken, is_owners ? phase_grant : phase_take_back, context);
  if (!taken.empty() && is_owners) give_columns_again(task, context);
  add_step(task, grant(words, from, to), is_owners ? phase_grant : phase_pass_on, context);
}

Words words_of(const Object& object, const Context& context) {
  const Default given = parse_default(object);
  std::string before = "alter default privileges for role " + context.role(given.role);
  if (!given.schema.empty()) before += " in schema " + given.schema;
  return {before + " ", given.group, context.role(given.grantee), {}};
}

Grants usual(const Object& object, const Context& context) {
  const Default given = parse_default(object);
  if (!given.schema.empty()) return {};
  if (given.grantee == given.role) return of_owner(given.group, context);
  return given.grantee == "PUBLIC" ? of_public(given.group, "") : Grants();
}

std::string change_default(const Object& object, const Grants& from, const Grants& to,
                           const Context& context) {
  const Words words = words_of(object, context);
  const std::string taken = revoke(words, from, to);
  const std::string given = grant(words, from, to);
  return taken + (taken.empty() || given.empty() ? "" : "\n") + given;
}

std::string create_default(const Object& object, Context& context) {
  return change_default(object, usual(object, context), parse(object.facts.text("privileges")), context);
}
std::string drop_default(const Object& object, Context& context) {
  return change_default(object, parse(object.facts.text("privileges")), usual(object, context), context);
}
void alter_default(Alteration& change) {
  if (change.take("privileges"))
    change.run(change_default(change.expected, parse(change.found("privileges")),
                              parse(change.wanted("privileges")), change.context));
}

}  // namespace

std::span<const Object> of_kind_in(std::span<const Object> catalog, std::string_view kind) {
  const auto before = [](const Object& object, std::string_view name) { return object.kind < name; };
  const auto begin = std::lower_bound(catalog.begin(), catalog.end(), kind, before);
  const auto end =
      std::find_if(begin, catalog.end(), [&](const Object& object) { return object.kind != kind; });
  return {begin, end};
}

void mend_grants(const std::vector<Difference>& differences, Context& context) {
  std::set<Task> tasks;
  for (const Difference& difference : differences) {
    const Object& object = difference.expected != nullptr ? *difference.expected : *difference.found;
    if (object.kind == "grant") tasks.insert(task(object));
  }
  for (const Object& object : of_kind_in(context.all_expected(), "grant")) {
    const Task given = task(object);
    if (is_made(holder(given), context)) tasks.insert(given);
  }
  for (const Object& entry : of_kind_in(context.all_live(), "default privileges")) {
    const Default given = parse_default(entry);
    for (const Object& object : context.all_expected()) {
      if (group_of(object.kind) == given.group && context.is_made(key(object)))
        tasks.insert({key(object), given.grantee, "", ""});
    }
  }
  for (const Task& each : tasks) mend_task(each, context);
}

const std::vector<Kind>& grant_kinds() {
  static const std::vector<Kind> kinds{
      {"grant", phase_grant, nullptr, nullptr, nullptr},
      // Last, so that they say nothing of what was made before.
      {"default privileges", phase_last, create_default, drop_default, alter_default}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
