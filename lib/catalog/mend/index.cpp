#include "catalog/mend/index.h"

#include <algorithm>

#include "base/text.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

/// The index of the whole that this one is a part of; nullptr when it is none.
const std::string* parent_of(const Object& object) {
  for (std::size_t i = 1; i < object.part_of.size(); ++i) {
    if (object.part_of[i].starts_with(object.kind + " ")) return &object.part_of[i];
  }
  return nullptr;
}

bool another_has(const Context& context, const Object& object, const char* fact) {
  return std::any_of(context.all_expected().begin(), context.all_expected().end(), [&](const Object& other) {
    return (other.kind == "index" || other.kind == "constraint") && other.facts.contains(fact) &&
           table_of(other) == table_of(object);
  });
}

std::string set_tablespace(const Object& object) {
  const std::string_view name = object.facts.text("tablespace");
  return "alter index " + index_name(object) + " set tablespace " +
         (name.empty() ? "pg_default" : std::string(name)) + ";";
}

/// `2: 100, 3: 500`: the column's number and its target.
std::vector<std::string> statistics(const Object& index, std::string_view from, std::string_view to) {
  std::vector<std::string> statements;
  const auto number = [](const std::string& item) { return item.substr(0, item.find(':')); };
  const auto set = [&](const std::string& column, const std::string& target) {
    statements.push_back("alter index " + index.identity + " alter column " + column + " set statistics " +
                         target + ";");
  };
  const std::vector<std::string> wanted = split_list(to);
  for (const std::string& item : split_list(from)) {
    if (std::none_of(wanted.begin(), wanted.end(),
                     [&](const std::string& other) { return number(other) == number(item); }))
      set(number(item), "-1");
  }
  for (const std::string& item : wanted) set(number(item), item.substr(item.find(": ") + 2));
  return statements;
}

/// The definition under another name, concurrently where asked for.
std::string definition(const Object& index, const std::string& name, bool concurrently) {
  const std::string& text = index.facts.at("definition");
  const std::size_t word = text.find("INDEX ") + 6;
  const std::string old(own_name(index));
  return text.substr(0, word) + (concurrently ? "CONCURRENTLY " : "") + name +
         text.substr(word + old.size()) + ";";
}

/// A foreign key that is made as well may stand on it.
bool may_be_referenced(const Object& index, const Context& context) {
  if (!index.facts.text("definition").starts_with("CREATE UNIQUE")) return false;
  return std::any_of(context.all_expected().begin(), context.all_expected().end(), [&](const Object& object) {
    return object.kind == "constraint" && context.is_made(key(object)) &&
           std::find(object.part_of.begin() + 1, object.part_of.end(), table_of(index)) !=
               object.part_of.end();
  });
}

bool can_be_concurrent(const Object& index, const Context& context) {
  return !may_be_referenced(index, context) && stands_on_rows(index, context) &&
         !is_partitioned(table_of(index), context);
}

void tell_that_it_is_valid(const Object& index, Context& context) {
  if (!index.facts.contains("valid") || is_partitioned(table_of(index), context)) return;
  Step step;
  step.mend.object = key(index);
  step.mend.impossible =
      "it is expected not to be valid, and will be; rather look after the one that is expected";
  step.phase = phase_last;
  context.add(std::move(step));
}

std::string create_index(const Object& index, Context& context) {
  tell_that_it_is_valid(index, context);
  const bool concurrently = can_be_concurrent(index, context);
  std::string sql = definition(index, std::string(own_name(index)), concurrently);
  const std::string settings = index_settings(index, context);
  if (settings.empty()) return sql;
  if (!concurrently) return sql + "\n" + settings;
  Step step;
  step.mend = {key(index), settings, false, "", "", "", Mend::Part::after, false};
  step.phase = phase_index;
  step.uses = settings;
  context.add(std::move(step));
  return sql;
}

void adjust_index(const Object& index, Context& context, Step& step) {
  // Partitions that are attached later would get their part of it.
  if (index.facts.contains("valid") && is_partitioned(table_of(index), context)) step.phase = phase_view;
  if (!can_be_concurrent(index, context)) return;
  step.mend.part = Mend::Part::after;
  step.mend.concurrently = true;
}

/// Short enough for the server not to cut it, which could cut it to the old one.
std::string temporary_name(const Object& index) {
  std::string name;
  const std::string_view own = own_name(index);
  for (std::size_t i = own.starts_with('"') ? 1 : 0; i < own.size(); ++i) {
    if (own.starts_with('"') && own[i] == '"') {
      if (i + 1 == own.size()) break;
      ++i;
    }
    if (name.size() >= 50 && (static_cast<unsigned char>(own[i]) & 0xC0U) != 0x80U) break;
    name += own[i];
  }
  return pg::quote_identifier(name + "_new");
}

/// Built beside the old one, so that queries always have one of them.
void swap(Alteration& change) {
  const Object& index = change.expected;
  const std::string name = temporary_name(index);
  const std::string schema(schema_of(index.identity));
  change.run(definition(index, name, true));
  change.run("drop index concurrently " + index.identity + ";");
  change.run("alter index " + schema + "." + name + " rename to " + std::string(own_name(index)) + ";");
  if (const std::string settings = index_settings(index, change.context); !settings.empty())
    change.run(settings);
  if (index.facts.contains("comment"))
    change.run("comment on index " + index.identity + " is " + pg::quote_literal(index.facts.at("comment")) +
               ";");
  for (const std::string& fact : std::set<std::string>(change.rest())) change.take(fact);
  change.take("comment");
  change.part = Mend::Part::after;
  change.is_concurrent = true;
}

struct Parts {
  std::string without;
  std::string options;
};

/// A definition, and the options in it.
Parts apart(const std::string& text) {
  const std::size_t with = find_outside(text, " WITH (");
  if (with == std::string::npos) return {text, ""};
  const std::size_t open = with + 6;
  const std::size_t close = text.find(')', open);
  return {text.substr(0, with) + text.substr(close + 1), text.substr(open + 1, close - open - 1)};
}

/// The definition shows values in quotes where the catalog has none.
std::string bare(std::string text) {
  std::erase(text, '\'');
  return text;
}

void alter_index(Alteration& change) {
  const Object& index = change.expected;
  if (change.take("definition")) {
    const Parts wanted = apart(change.wanted("definition"));
    const Parts found = apart(change.found("definition"));
    if (wanted.without != found.without) {
      const bool can_swap = can_be_concurrent(index, change.context) && parent_of(index) == nullptr &&
                            parent_of(change.live) == nullptr &&
                            !change.live.facts.contains("replica identity");
      return can_swap ? swap(change) : change.remake();
    }
    change.run(
        change_storage_options("alter index " + index.identity, bare(found.options), bare(wanted.options)));
    change.warn(
        "options of an index take effect as it grows; `reindex index concurrently` applies them at once");
  }
  if (change.take("statistics")) {
    for (std::string& sql : statistics(index, change.found("statistics"), change.wanted("statistics")))
      change.run(std::move(sql));
  }
  alter_index_settings(change);
}

std::string create_statistics(const Object& statistics, Context&) {
  std::string sql = statistics.facts.at("definition") + ";";
  if (statistics.facts.contains("statistics target"))
    sql +=
        "\nalter " + noun(statistics) + " set statistics " + statistics.facts.at("statistics target") + ";";
  return sql;
}

void alter_statistics(Alteration& change) {
  if (change.differs("definition")) return change.remake();
  if (!change.take("statistics target")) return;
  const std::string target = change.wanted("statistics target");
  change.run("alter " + noun(change.expected) + " set statistics " + (target.empty() ? "-1" : target) + ";");
}

}  // namespace

std::string table_of(const Object& object) {
  return object.part_of.empty() ? "" : object.part_of[0];
}

std::string index_name(const Object& object) {
  if (object.kind == "index") return object.identity;
  return std::string(schema_of(whole_name(object))) + "." + std::string(own_name(object));
}

bool stands_on_rows(const Object& object, const Context& context) {
  return !context.is_made(table_of(object)) && context.live(table_of(object)) != nullptr;
}

bool is_partitioned(const std::string& table, const Context& context) {
  const Object* object = context.expected(table);
  return object != nullptr && object->facts.contains("partitioned by");
}

std::string index_settings(const Object& object, Context&) {
  std::vector<std::string> statements;
  const Facts& facts = object.facts;
  const std::string name(own_name(object));
  if (facts.contains("tablespace")) statements.push_back(set_tablespace(object));
  if (object.kind == "index") {
    for (std::string& sql : statistics(object, "", facts.text("statistics")))
      statements.push_back(std::move(sql));
  }
  if (facts.contains("clustered"))
    statements.push_back("alter " + table_of(object) + " cluster on " + name + ";");
  if (facts.contains("replica identity"))
    statements.push_back("alter " + table_of(object) + " replica identity using index " + name + ";");
  return join(statements, "\n");
}

void alter_index_settings(Alteration& change) {
  const Object& object = change.expected;
  const std::string name(own_name(object));
  const std::string table = "alter " + table_of(object);
  if (change.take("tablespace")) {
    change.run(set_tablespace(object));
    change.warn("copies the whole index, and keeps writers away meanwhile");
  }
  if (change.take("clustered")) {
    if (object.facts.contains("clustered")) {
      change.run(table + " cluster on " + name + ";");
    } else if (!another_has(change.context, object, "clustered")) {
      change.run(table + " set without cluster;");
    }
  }
  if (change.take("replica identity")) {
    const Object* whole_table = change.context.expected(table_of(object));
    if (object.facts.contains("replica identity")) {
      change.run(table + " replica identity using index " + name + ";");
    } else if (!another_has(change.context, object, "replica identity") &&
               (whole_table == nullptr || !whole_table->facts.contains("replica identity"))) {
      change.run(table + " replica identity default;");
    }
  }
  const bool is_whole = is_partitioned(table_of(object), change.context);
  if (change.take("valid")) {
    if (object.facts.contains("valid")) {
      change.give_up(is_whole
                         ? "an index that all partitions have their part of cannot become one that they have "
                           "not; drop it and create it anew with `on only`"
                         : "no statement makes a valid index invalid, and none should");
    } else if (!is_whole) {
      change.run("reindex index concurrently " + index_name(object) + ";");
      change.part = Mend::Part::after;
      change.is_concurrent = true;
    }
  }
  if (change.take("attached to") && !object.facts.contains("attached to"))
    change.give_up(
        "an index cannot be detached from the index of the whole; drop that one and create it anew with "
        "`on only`");
}

void attach_indexes(Context& context, const std::set<std::string>& tables_attached) {
  for (const Object& object : context.all_expected()) {
    if (object.kind != "index" && object.kind != "constraint") continue;
    const std::string* parent = parent_of(object);
    if (parent == nullptr || called(object).empty()) continue;
    const Object* whole_index = context.expected(*parent);
    if (whole_index == nullptr) continue;
    const bool comes_with_table =
        context.is_made(table_of(object)) || tables_attached.contains(table_of(object));
    if (comes_with_table && !whole_index->facts.contains("valid")) continue;
    const Object* live = context.live(key(object));
    const bool is_attached = live != nullptr && parent_of(*live) != nullptr && *parent_of(*live) == *parent;
    if (is_attached && !context.is_made(key(object)) && !context.is_made(*parent)) continue;
    Step step;
    step.mend.object = key(object);
    step.mend.sql =
        "alter index " + index_name(*whole_index) + " attach partition " + index_name(object) + ";";
    step.phase = phase_view;
    step.uses = step.mend.sql;
    context.add(std::move(step));
  }
}

const std::vector<Kind>& index_kinds() {
  static const std::vector<Kind> kinds{
      {"index", phase_index, create_index, nullptr, alter_index, adjust_index},
      {"statistics", phase_index, create_statistics, nullptr, alter_statistics}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
