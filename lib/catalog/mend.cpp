#include "catalog/mend.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "catalog/mend/index.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/order.h"
#include "catalog/mend/remake.h"
#include "catalog/mend/rename.h"
#include "pg/quote.h"

namespace dbtool::catalog {
namespace mending {

Context::Context(const std::vector<Difference>& differences, const MendRequest& request) : request_(request) {
  for (const Object& object : request.expected) expected_.emplace(key(object), &object);
  for (const Object& object : request.live) {
    live_.emplace(key(object), &object);
    if (!object.part_of.empty()) live_parts_[object.part_of[0]].push_back(&object);
  }
  for (const Difference& difference : differences) {
    if (difference.found == nullptr) made_.insert(key(*difference.expected));
    if (difference.expected == nullptr) dropped_.insert(key(*difference.found));
  }
}

void Context::remake(const std::string& key) {
  dropped_.insert(key);
  if (expected(key) != nullptr) made_.insert(key);
}

std::string Context::role(std::string_view name) const {
  constexpr std::string_view service = "$db_user_prefix$";
  if (name == "$owner$") return pg::quote_identifier(request_.owner);
  if (name.starts_with(service))
    return pg::quote_identifier(request_.user_prefix + std::string(name.substr(service.size())));
  return name == "PUBLIC" ? "public" : std::string(name);
}

const Kind* find_kind(std::string_view name) {
  static const std::map<std::string_view, Kind> all = [] {
    std::map<std::string_view, Kind> kinds;
    for (const auto* family :
         {&schema_kinds(), &table_kinds(), &column_kinds(), &index_kinds(), &constraint_kinds(),
          &sequence_kinds(), &view_kinds(), &function_kinds(), &type_kinds(), &operator_kinds(),
          &trigger_kinds(), &text_search_kinds(), &foreign_kinds(), &publication_kinds(), &grant_kinds()}) {
      for (const Kind& kind : *family) kinds.emplace(kind.name, kind);
    }
    return kinds;
  }();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

namespace {

std::string owner_of(const Object& object, const Context& context) {
  return context.role(object.facts.contains("owner") ? object.facts.at("owner") : "$owner$");
}

std::string set_owner(const Object& object, const Context& context) {
  return "alter " + noun(object) + " owner to " + owner_of(object, context) + ";";
}

std::string set_comment(const Object& object) {
  return "comment on " + noun(object) + " is " +
         (object.facts.contains("comment") ? pg::quote_literal(object.facts.at("comment")) : "null") + ";";
}

/// What it is called where `depends on extension` is said of it: of a key, its index.
std::string noun_of_dependent(const Object& object) {
  return object.kind == "constraint" ? "index " + index_name(object) : noun(object);
}

/// That it goes with an extension, from one list to another.
std::vector<std::string> depend(const Object& object, std::string_view from, std::string_view to) {
  std::vector<std::string> statements;
  const std::vector<std::string> there = split_list(from);
  const std::vector<std::string> wanted = split_list(to);
  const auto say = [&](const std::vector<std::string>& list, const std::vector<std::string>& others,
                       const char* verb) {
    for (const std::string& name : list) {
      if (std::find(others.begin(), others.end(), name) == others.end())
        statements.push_back("alter " + noun_of_dependent(object) + verb + name + ";");
    }
  };
  say(there, wanted, " no depends on extension ");
  say(wanted, there, " depends on extension ");
  return statements;
}

/// A foreign key to another table that is dropped as well: whichever goes first, the key must go before.
bool has_cut_reference(const Object& live, const Context& context) {
  if (live.kind != "constraint") return false;
  bool is_cut = false;
  for (std::size_t i = 1; i < live.part_of.size(); ++i) {
    if (live.part_of[i].starts_with("constraint ")) return false;
    is_cut = is_cut || (live.part_of[i] != live.part_of[0] && context.is_dropped(live.part_of[i]));
  }
  return is_cut;
}

/// A base type and its functions need each other.
bool is_bound_to_type(const Object& live, const Context& context) {
  if (live.kind == "base type") return live.facts.text("defined") != "no";
  if (live.kind != "function") return false;
  const std::span<const Object> types = of_kind_in(context.all_live(), "base type");
  return std::any_of(types.begin(), types.end(),
                     [&](const Object& type) { return names_in(all_text(type)).contains(called(live)[0]); });
}

/// Dropped with something else, without a word of its own.
bool goes_along(const Object& live, const Context& context) {
  static const std::set<std::string, std::less<>> takes_parts{
      "table",  "foreign table",  "view",   "materialized view",
      "domain", "composite type", "column", "publication"};
  if (has_cut_reference(live, context)) return false;
  for (std::size_t i = 0; i < live.part_of.size(); ++i) {
    const std::string& whole = live.part_of[i];
    if (!context.is_dropped(whole)) continue;
    const Object* object = context.live(whole);
    if (object == nullptr) continue;
    if (live.kind == "publication table" || live.kind == "publication schema" ||
        live.kind == "default privileges")
      return true;
    if (i == 0 && takes_parts.contains(object->kind)) return true;
    if (i > 0 && object->kind == live.kind && !live.facts.contains("declared")) return true;
  }
  return false;
}

bool loses_rows(const Object& live, const Context& context) {
  if (live.kind == "table" || live.kind == "extension" || live.kind == "subscription") return true;
  if (live.kind != "column") return false;
  const std::string whole(mending::whole(live));
  return context.live(whole) != nullptr && context.live(whole)->kind == "table";
}

/// A column, check or foreign key of a partition or heir that the parent's statement makes there as well.
bool comes_along(const Object& expected, const Context& context) {
  const std::string whole = expected.part_of.empty() ? "" : expected.part_of[0];
  if (expected.kind == "column" && context.is_made(whole)) {
    const Object* table = context.expected(whole);
    return table != nullptr && (table->kind == "table" || table->kind == "foreign table");
  }
  if (expected.kind != "column" && expected.kind != "constraint") return false;
  if (expected.facts.contains("declared") || (expected.kind == "constraint" && !called(expected).empty()))
    return false;
  for (std::size_t i = 1; i < expected.part_of.size(); ++i) {
    if (!expected.part_of[i].starts_with(expected.kind + " ")) continue;
    const Object* table = context.expected(whole);
    if (context.is_made(whole)) return table != nullptr && table->facts.contains("inherits");
    if (context.is_made(expected.part_of[i])) return true;
  }
  return false;
}

/// A comment and the like of what came along.
void settle(const Object& expected, Context& context) {
  Step step;
  step.mend.object = key(expected);
  const Object* parent = expected.part_of.size() > 1 ? context.expected(expected.part_of[1]) : nullptr;
  if (expected.kind == "column" && context.is_made(expected.part_of[0])) return;  // said by its table
  if (expected.kind == "column" && parent != nullptr)
    step.mend.sql = column_settings(expected, said_by_definition(parent->facts), context);
  if (expected.facts.contains("comment"))
    step.mend.sql += (step.mend.sql.empty() ? "" : "\n") + set_comment(expected);
  step.phase = phase_view;
  step.uses = step.mend.sql;
  if (!step.mend.sql.empty()) context.add(std::move(step));
}

std::string because(std::string_view why) {
  return why.empty() ? "" : "dropped and made anew, because of " + std::string(why);
}

void warn(std::string& warning, const std::string& text) {
  if (!text.empty()) warning += (warning.empty() ? "" : "; ") + text;
}

/// The definitions of a thing and of all that goes along with it: its columns, their checks.
std::string text_with_parts(const Object& live, const Context& context) {
  std::string text = all_text(live);
  for (const Object* part : context.live_parts(key(live))) {
    if (goes_along(*part, context)) text += text_with_parts(*part, context);
  }
  return text;
}

/// A member of a dropped column or table frees what it names, and a column its table's views.
std::vector<std::string> dropped_names(const Object& live) {
  std::vector<std::string> names = called(live);
  if (live.kind == "column") names.emplace_back(whole_name(live));
  return names;
}

}  // namespace

void make(const Object& expected, Context& context, std::string_view why) {
  const Kind* kind = find_kind(expected.kind);
  if (expected.kind == "grant") return;
  if (comes_along(expected, context)) return settle(expected, context);
  Step step;
  step.mend.object = key(expected);
  step.phase = kind == nullptr ? phase_last : kind->phase;
  if (kind == nullptr || kind->create == nullptr) {
    step.mend.impossible = expected.kind == "subscription"
                               ? "how to connect is told to superusers alone, so that `create subscription` "
                                 "must be written by hand"
                               : "nothing is known of objects of this kind";
    return context.add(std::move(step));
  }
  std::string sql = kind->create(expected, context);
  if (expected.facts.contains("owner")) sql += "\n" + set_owner(expected, context);
  if (expected.facts.contains("comment")) sql += (sql.empty() ? "" : "\n") + set_comment(expected);
  for (const std::string& more : depend(expected, "", expected.facts.text("depends on extensions")))
    sql += "\n" + more;
  if (kind->adjust != nullptr) kind->adjust(expected, context, step);
  warn(step.mend.warning, because(why));
  step.creates = called(expected);
  step.uses = sql;
  step.mend.sql = std::move(sql);
  if (!step.mend.sql.empty()) context.add(std::move(step));
}

void drop(const Object& live, Context& context, std::string_view why) {
  const Kind* kind = find_kind(live.kind);
  if (live.kind == "grant" || goes_along(live, context)) return;
  Step step;
  step.mend.object = key(live);
  step.phase = kind == nullptr ? phase_last : kind->phase;
  if (kind == nullptr) {
    step.mend.impossible = "nothing is known of objects of this kind";
    return context.add(std::move(step));
  }
  if (is_bound_to_type(live, context)) {
    step.mend.impossible =
        "a base type and its functions need each other, so that only `drop type … cascade` takes them away";
    return context.add(std::move(step));
  }
  step.mend.sql = kind->drop == nullptr ? "drop " + noun(live) + ";" : kind->drop(live, context);
  step.mend.loses_data = loses_rows(live, context);
  if (kind->adjust != nullptr) {
    Step made;
    made.phase = step.phase;
    kind->adjust(live, context, made);
    step.phase = made.phase;
  }
  step.phase = -step.phase;
  if (live.kind == "sequence") warn(step.mend.warning, "where it stands is lost");
  if (live.kind == "subscription") step.mend.part = Mend::Part::after;
  warn(step.mend.warning, because(why));
  step.drops = dropped_names(live);
  step.frees = text_with_parts(live, context);
  if (!step.mend.sql.empty()) context.add(std::move(step));
}

namespace {

using FactNames = std::set<std::string>;

struct Changed {
  const Object* expected;
  const Object* live;
  FactNames facts;
};

/// A sequence that belongs to a column changes its owner with the table.
bool is_owned_by_table(const Alteration& change) {
  return change.expected.kind == "sequence" && change.expected.facts.contains("owned by") &&
         change.expected.facts.text("owned by") == change.live.facts.text("owned by");
}

Alteration alteration(const Changed& changed, Context& context) {
  Alteration change(*changed.expected, *changed.live, changed.facts, context);
  const Kind* kind = find_kind(changed.expected->kind);
  // Owner and comment are the same for all kinds.
  const bool has_other_owner = change.take("owner");
  const bool has_other_comment = change.take("comment");
  const bool depends_otherwise = change.take("depends on extensions");
  if (change.rest().empty()) {
    // Nothing of the kind's own.
  } else if (kind != nullptr && kind->alter != nullptr) {
    kind->alter(change);
  } else {
    change.remake();
  }
  if (change.is_remade) return change;
  if (has_other_owner && !is_owned_by_table(change)) change.run(set_owner(change.expected, context));
  if (has_other_comment) change.run(set_comment(change.expected));
  if (depends_otherwise) {
    for (std::string& sql : depend(change.expected, change.found("depends on extensions"),
                                   change.wanted("depends on extensions")))
      change.run(std::move(sql));
  }
  for (const std::string& fact : change.rest())
    change.give_up("nothing is known of mending its fact `" + fact + "`");
  return change;
}

void add_steps(const Alteration& change, Context& context) {
  const std::string name = key(change.expected);
  for (const std::string& why : change.impossible) {
    Step step;
    step.mend.object = name;
    step.mend.impossible = why;
    step.phase = phase_last;
    context.add(std::move(step));
  }
  for (const Step& step : change.steps) context.add(step);
  if (change.sql.empty()) return;
  Step step;
  step.mend.object = name;
  step.mend.sql = join(change.sql, "\n");
  step.mend.loses_data = change.loses_data;
  step.mend.warning = change.warning;
  step.mend.part = change.part;
  step.mend.concurrently = change.is_concurrent;
  const Kind* kind = find_kind(change.expected.kind);
  step.phase = kind == nullptr ? phase_last : kind->phase;
  step.uses = step.mend.sql;
  step.frees = all_text(change.live);
  if (change.loses_data && change.expected.kind == "column")
    step.drops = {std::string(whole_name(change.live))};
  context.add(std::move(step));
}

std::vector<Changed> changed_objects(const std::vector<Difference>& differences) {
  std::vector<Changed> list;
  std::map<const Object*, std::size_t> places;
  for (const Difference& difference : differences) {
    if (difference.expected == nullptr || difference.found == nullptr || difference.expected->kind == "grant")
      continue;
    const auto [place, is_new] = places.emplace(difference.expected, list.size());
    if (is_new) list.push_back({difference.expected, difference.found, {}});
    list[place->second].facts.insert(difference.fact);
  }
  return list;
}

/// The names of service users inside expressions.
std::string with_prefix(std::string sql, const std::string& prefix) {
  constexpr std::string_view placeholder = "$db_user_prefix$_";
  for (std::size_t at = sql.find(placeholder); at != std::string::npos; at = sql.find(placeholder, at)) {
    sql.replace(at, placeholder.size(), prefix + "_");
    at += prefix.size() + 1;
  }
  return sql;
}

/// Partitions that are attached now, which takes their indexes along.
std::set<std::string> attached_tables(const std::vector<Changed>& changed) {
  std::set<std::string> tables;
  for (const Changed& each : changed) {
    if (each.facts.contains("partition")) tables.insert(key(*each.expected));
  }
  return tables;
}

}  // namespace
}  // namespace mending

std::vector<Mend> mend(const std::vector<Difference>& all, const MendRequest& request) {
  using namespace mending;
  const std::vector<Rename> renamed = safe_renames(all);
  std::vector<Difference> differences;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (std::none_of(renamed.begin(), renamed.end(),
                     [&](const Rename& pair) { return pair.missing == i || pair.extra == i; }))
      differences.push_back(all[i]);
  }
  Context context(differences, request);
  for (const auto& [missing, extra] : renamed) add_rename(*all[extra].found, *all[missing].expected, context);
  for (const Renaming& renaming : request.renamed) rename_first(renaming, context);
  const std::vector<Changed> changed = changed_objects(differences);
  std::vector<Alteration> alterations;
  alterations.reserve(changed.size());
  for (const Changed& each : changed) alterations.push_back(alteration(each, context));
  remake_all(alterations, context);
  for (const Difference& difference : differences) {
    if (difference.found == nullptr) make(*difference.expected, context);
    if (difference.expected == nullptr) drop(*difference.found, context);
  }
  for (const Alteration& change : alterations) {
    if (!context.is_dropped(key(change.live))) add_steps(change, context);
  }
  attach_indexes(context, attached_tables(changed));
  mend_grants(differences, context);
  for (Step& step : context.steps()) step.mend.sql = with_prefix(step.mend.sql, request.user_prefix);
  return in_order(std::move(context.steps()));
}

}  // namespace dbtool::catalog
