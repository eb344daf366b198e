#include "catalog/mend/remake.h"

#include <map>
#include <optional>

#include "catalog/mend/names.h"

namespace dbtool::catalog::mending {
namespace {

/// Who stands on whom in the live database: as parts, and by names in definitions.
class Dependents {
 public:
  explicit Dependents(std::span<const Object> live) {
    for (const Object& object : live) {
      for (const std::string& whole : object.part_of) parts_[whole].push_back(&object);
      for (const std::string& name : names_in(all_text(object))) users_[name].push_back(&object);
    }
  }

  std::vector<const Object*> of(const Object& object) const {
    std::vector<const Object*> list;
    if (const auto found = parts_.find(key(object)); found != parts_.end()) list = found->second;
    // An extension's name says nothing of the names of its members.
    if (object.kind == "extension" || object.kind == "constraint" || object.kind == "index") return list;
    for (const std::string& name : called(object)) {
      if (const auto found = users_.find(name); found != users_.end())
        list.insert(list.end(), found->second.begin(), found->second.end());
    }
    return list;
  }

 private:
  std::unordered_map<std::string, std::vector<const Object*>> parts_;
  std::unordered_map<std::string, std::vector<const Object*>> users_;
};

bool is_of_table(const Object& column) {
  return whole(column).starts_with("table ") || whole(column).starts_with("foreign table ");
}

/// Whether it holds what a drop would lose, or what no statement brings back.
bool is_in_the_way(const Object& object) {
  static const std::set<std::string, std::less<>> kinds{"table",     "foreign table", "sequence",    "schema",
                                                        "extension", "server",        "subscription"};
  return kinds.contains(object.kind) || (object.kind == "column" && is_of_table(object));
}

/// A column that uses a function in its default alone.
bool uses_by_default(const Object& column, const Object& used) {
  if (column.kind != "column" || !is_of_table(column)) return false;
  Object other = column;
  other.facts.erase("default");
  const std::set<std::string> names = names_in(all_text(other));
  for (const std::string& name : called(used)) {
    if (names.contains(name)) return false;
  }
  return column.facts.contains("default");
}

/// What goes along with one thing.
struct Closure {
  std::set<const Object*> objects;
  std::set<const Object*> defaults;  ///< columns whose defaults must be away meanwhile
  const Object* in_the_way = nullptr;
};

void collect(const Object& object, const Dependents& dependents, Closure& closure) {
  if (!closure.objects.insert(&object).second) return;
  for (const Object* user : dependents.of(object)) {
    if (user == &object) continue;
    if (uses_by_default(*user, object)) {
      closure.defaults.insert(user);
    } else if (is_in_the_way(*user)) {
      closure.in_the_way = user;
    } else {
      collect(*user, dependents, closure);
    }
  }
}

std::string advice(const Object& object) {
  if (object.kind == "enum")
    return "; make an enum of another name, give the columns that type by `using column::text::type`, and "
           "rename both";
  return "; give what uses it another type first";
}

void take_defaults_away(const Closure& closure, Context& context) {
  for (const Object* column : closure.defaults) {
    const std::string head =
        "alter " + std::string(whole(*column)) + " alter column " + std::string(own_name(*column));
    Step away;
    away.mend.object = key(*column);
    away.mend.sql = head + " drop default;";
    away.phase = -phase_last;
    away.frees = column->facts.text("default");
    context.add(std::move(away));
    const Object* expected = context.expected(key(*column));
    if (expected == nullptr || !expected->facts.contains("default")) continue;
    Step again;
    again.mend.object = key(*column);
    again.mend.sql = head + " set default " + expected->facts.at("default") + ";";
    again.uses = again.mend.sql;
    again.phase = phase_column;
    context.add(std::move(again));
  }
}

}  // namespace

void remake_all(std::vector<Alteration>& alterations, Context& context) {
  std::optional<Dependents> dependents;
  std::map<const Object*, std::string> remade;  // and because of what
  std::map<const Object*, const Alteration*> by_object;
  for (Alteration& change : alterations) {
    if (!change.is_remade && change.also_remade.empty()) continue;
    if (!dependents) dependents.emplace(context.all_live());
    Closure closure;
    if (change.is_remade) collect(change.live, *dependents, closure);
    for (const std::string& other : change.also_remade) {
      if (context.live(other) != nullptr) collect(*context.live(other), *dependents, closure);
    }
    if (closure.in_the_way != nullptr) {
      change.sql.clear();
      change.give_up("it must be dropped and made anew, and " + key(*closure.in_the_way) + " stands on it" +
                     advice(change.live));
      continue;
    }
    by_object[&change.live] = &change;
    take_defaults_away(closure, context);
    for (const Object* object : closure.objects)
      remade.emplace(object, object == &change.live ? "" : key(change.live));
  }
  for (const auto& [object, why] : remade) context.remake(key(*object));
  for (const auto& [object, why] : remade) {
    const Object* expected = context.expected(key(*object));
    if (expected == nullptr) continue;  // too many anyhow, and dropped as such
    const std::size_t before = context.steps().size();
    drop(*object, context, why);
    make(*expected, context, why);
    const auto change = by_object.find(object);
    if (change == by_object.end()) continue;
    for (std::size_t i = before; i < context.steps().size(); ++i) {
      Mend& mend = context.steps()[i].mend;
      mend.loses_data = change->second->loses_data && mend.object == key(*object);
      if (!change->second->warning.empty()) mend.warning = change->second->warning;
    }
  }
}

}  // namespace dbtool::catalog::mending
