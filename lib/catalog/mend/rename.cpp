#include "catalog/mend/rename.h"

#include <algorithm>
#include <set>
#include <string>

#include "catalog/mend/index.h"
#include "catalog/mend/names.h"

namespace dbtool::catalog::mending {
namespace {

std::string rename(const Object& live, const Object& expected) {
  const std::string to = std::string(own_name(expected)) + ";";
  if (live.kind == "constraint" || live.kind == "domain constraint") {
    const std::string whole =
        live.kind == "constraint" ? table_of(live) : "domain " + std::string(whole_name(live));
    return "alter " + whole + " rename constraint " + std::string(own_name(live)) + " to " + to;
  }
  return "alter " + noun(live) + " rename to " + to;
}

/// The check of an heir and the trigger of a partition are renamed by the statement for their parent's.
bool is_renamed_by_parent(const Object& live) {
  if (live.part_of.size() < 2 || !live.part_of.back().starts_with(live.kind + " ")) return false;
  return live.kind == "trigger" ||
         (live.kind == "constraint" && live.facts.text("definition").starts_with("CHECK"));
}

/// Whether an object may go with what it is part of, which is dropped and made anew.
bool may_be_remade(const Object& object, const std::vector<Difference>& all) {
  const auto stands_in = [&](std::string_view kind) {
    return std::any_of(object.part_of.begin(), object.part_of.end(),
                       [&](const std::string& part) { return part.starts_with(kind); });
  };
  const bool in_view = stands_in("view ") || stands_in("materialized view ");
  return std::any_of(all.begin(), all.end(), [&](const Difference& difference) {
    const Object& other = difference.found != nullptr ? *difference.found : *difference.expected;
    if (in_view) return other.kind == "view" || other.kind == "materialized view" || other.kind == "column";
    return other.kind == "column" && difference.fact == "generated" &&
           std::find(object.part_of.begin(), object.part_of.end(), whole(other)) != object.part_of.end();
  });
}

}  // namespace

void add_rename(const Object& live, const Object& expected, Context& context) {
  context.rename(live, key(expected));
  if (is_renamed_by_parent(live)) return;
  Step step;
  step.mend.object = key(expected);
  step.mend.sql = rename(live, expected);
  step.phase = find_kind(live.kind)->phase;
  step.creates = called(expected);
  step.drops = called(live);
  step.uses = step.mend.sql;
  context.add(std::move(step));
}

void rename_first(const Renaming& renaming, Context& context) {
  const Object& expected = *renaming.expected;
  const std::string_view own = own_name(expected);
  const std::string to = std::string(own.substr(0, find_outside(own, "(")));
  Step step;
  step.mend.object = key(expected);
  if (expected.kind == "column") {
    // The table has its expected name by now.
    step.mend.sql = "alter " + std::string(whole(expected)) + " rename column " +
                    std::string(own_name(renaming.live)) + " to " + to + ";";
  } else {
    step.mend.sql = "alter " + noun(renaming.live) + " rename to " + to + ";";
  }
  step.mend.warning = "who still uses the name that it has fails";
  step.phase = -phase_last - 1;
  context.add(std::move(step));
}

std::vector<Rename> safe_renames(const std::vector<Difference>& all) {
  std::vector<Rename> pairs = renames(all);
  std::erase_if(pairs, [&](const Rename& pair) { return may_be_remade(*all[pair.extra].found, all); });
  // What its parent's statement renames goes with it, all of them or none.
  for (std::size_t before = pairs.size() + 1; pairs.size() < before;) {
    before = pairs.size();
    std::set<std::string> paired;
    std::set<std::string> parents_of_others;
    for (const Rename& pair : pairs) paired.insert(key(*all[pair.extra].found));
    for (const Difference& difference : all) {
      if (difference.expected == nullptr && is_renamed_by_parent(*difference.found) &&
          !paired.contains(key(*difference.found)))
        parents_of_others.insert(difference.found->part_of.back());
    }
    std::erase_if(pairs, [&](const Rename& pair) {
      const Object& live = *all[pair.extra].found;
      return parents_of_others.contains(key(live)) ||
             (is_renamed_by_parent(live) && !paired.contains(live.part_of.back()));
    });
  }
  return pairs;
}

}  // namespace dbtool::catalog::mending
