#include "catalog/renamed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/renamed_text.h"

namespace dbtool::catalog {
namespace {

/// More than so many are two different databases.
constexpr int most_renamings = 64;

bool others_name_it(const Object& object) {
  static constexpr std::string_view kinds[] = {"table",    "foreign table", "view",      "materialized view",
                                               "sequence", "function",      "procedure", "server"};
  if (object.kind != "column")
    return std::find(std::begin(kinds), std::end(kinds), object.kind) != std::end(kinds);
  // What is inherited is renamed with the column that it comes from.
  const std::string_view table = mending::whole(object);
  return object.part_of.size() == 1 && (table.starts_with("table ") || table.starts_with("foreign table "));
}

/// Among which one missing and one too many are a pair.
std::string family(const Object& object) {
  return object.kind + "\n" +
         std::string(object.kind == "column" ? mending::whole(object) : mending::schema_of(object.identity));
}

std::string name_of(const Object& object) {
  return object.identity.substr(0, mending::find_outside(object.identity, "("));
}

const Object* find_object(std::span<const Object> catalog, const Object& like) {
  const auto place = std::lower_bound(catalog.begin(), catalog.end(), like);
  return place == catalog.end() || like < *place ? nullptr : &*place;
}

bool is_written_by_hand(std::string_view fact) {
  return fact == "body" || fact.starts_with("comment") || fact == "columns";
}

/// The name of a constraint that makes a column not null, where the server tells one.
std::string not_null_name(const Object& column, std::string_view fact) {
  constexpr std::string_view word = ", constraint ";
  const std::size_t at = fact.find(word);
  if (at != std::string_view::npos) {
    const std::string_view rest = fact.substr(at + word.size());
    return mending::bare_name(rest.substr(0, mending::find_outside(rest, ", ")));
  }
  const std::string_view table = mending::whole_name(column);
  const std::string_view schema = mending::schema_of(table);
  return mending::bare_name(schema.empty() ? table : table.substr(schema.size() + 1)) + "_" +
         mending::bare_name(mending::own_name(column)) + "_not_null";
}

std::string without_not_null_name(std::string_view fact) {
  std::string text(fact);
  const std::size_t at = text.find(", constraint ");
  if (at == std::string::npos) return text;
  const std::size_t end = mending::find_outside(text, ", ", at + 2);
  return text.erase(at, end == std::string::npos ? end : end - at);
}

/// One change of names, in one direction.
class Renamer {
 public:
  Renamer(const Object& from, const Object& to) : kind_(from.kind) { add(from, to); }

  /// An heir's column, which goes with the one above.
  void add(const Object& from, const Object& to) {
    names_.push_back({name_of(from), name_of(to)});
    own_ = {std::string(mending::own_name(from)), std::string(mending::own_name(to))};
    if (kind_ == "column") tables_.emplace(mending::whole(from));
  }

  /// Kind, identity and what it is part of.
  Object key(const Object& object) const {
    Object changed;
    changed.kind = object.kind;
    changed.identity = kind_ == "server" ? server_identity(object) : qualified(object.identity);
    for (const std::string& part : object.part_of) {
      changed.part_of.push_back(kind_ == "server"
                                    ? (part == "server " + names_[0].from ? "server " + names_[0].to : part)
                                    : qualified(part));
    }
    return changed;
  }

  std::string fact(const Object& object, std::string_view name, std::string_view text) const {
    if (kind_ == "column" && name == "columns" && tables_.contains(mending::key(object))) return list(text);
    if (is_written_by_hand(name)) return std::string(text);
    if (kind_ == "server")
      return name == "server" && text == names_[0].from ? names_[0].to : std::string(text);
    if (kind_ != "column" || name == "owned by") {
      std::string changed = qualified(text);
      if (changed != text && is_relation() && changed.find("SELECT") != std::string::npos)
        changed = with_table_of_columns(changed, own_);
      return changed;
    }
    return in_table(object, name, text);
  }

 private:
  bool is_relation() const { return kind_ == "table" || kind_ == "foreign table" || kind_.ends_with("view"); }

  std::string qualified(std::string_view text) const {
    std::string changed(text);
    for (const NameChange& name : names_) {
      // Most texts name nothing of it.
      if (changed.find(name.from) != std::string::npos) changed = with_qualified(changed, name);
    }
    return changed;
  }

  std::string server_identity(const Object& object) const {
    const std::string& text = object.identity;
    if (object.kind == "server") return text == names_[0].from ? names_[0].to : text;
    const std::string on = object.kind == "user mapping" ? " on " : " on server ";
    if ((object.kind != "user mapping" && object.kind != "grant") || !text.ends_with(on + names_[0].from))
      return text;
    return text.substr(0, text.size() - names_[0].from.size()) + names_[0].to;
  }

  std::string list(std::string_view text) const {
    std::string changed;
    for (const std::string& item : mending::split_list(text))
      changed += (changed.empty() ? "" : ", ") + (item == own_.from ? own_.to : item);
    return changed;
  }

  std::string in_table(const Object& object, std::string_view name, std::string_view text) const {
    const bool is_of_column = object.kind == "column" && name == "generated";
    const bool is_definition =
        name == "definition" && (object.kind == "index" || object.kind == "constraint" ||
                                 object.kind == "statistics" || object.kind == "trigger");
    if ((!is_of_column && !is_definition) || object.part_of.empty()) return std::string(text);
    const bool in_own = tables_.contains(object.part_of[0]);
    if (!text.starts_with("FOREIGN KEY")) return in_own ? with_column(text, own_) : std::string(text);
    const bool in_referenced = object.part_of.size() > 1 && tables_.contains(object.part_of[1]);
    return with_key_column(text, own_, in_own, in_referenced);
  }

  std::string kind_;
  std::vector<NameChange> names_;
  NameChange own_;                ///< without the schema or the table
  std::set<std::string> tables_;  ///< of columns
};

/// Two catalogs, and one pair of names in them.
class Pair {
 public:
  Pair(std::span<const Object> expected, Catalog& live, const Object& wanted, const Object& found)
      : expected_(expected),
        live_(live),
        wanted_(wanted),
        found_(found),
        forth_(found, wanted),
        back_(wanted, found) {}

  /// Whether the two are the same but for their names, beyond doubt.
  bool is_certain() {
    if (wanted_.kind == "column") return has_same_place() && are_alike(found_, wanted_) && take_heirs();
    return !is_named_twice() && are_alike(found_, wanted_) && has_same_columns();
  }

  /// Gives the live catalog the expected names; `former`: what was called otherwise.
  void apply(std::vector<Object>& former) {
    for (Object& object : live_) {
      Object changed = forth_.key(object);
      if (const Object* expected = find_object(expected_, changed)) {
        changed.facts = facts(object, *expected);
      } else {
        for (const auto& [name, text] : object.facts)
          changed.facts.emplace(name, forth_.fact(object, name, text));
      }
      changed.place = object.place;
      if (changed.identity != object.identity) former.push_back({object.kind, object.identity, {}, {}, {}});
      object = std::move(changed);
    }
    sort(live_);
  }

 private:
  /// A live object's facts under the expected names. What is equal as it is, or names the new name where the
  /// expected text names the old one, is equal.
  Facts facts(const Object& live, const Object& expected) const {
    Facts changed;
    for (const auto& [name, text] : live.facts) {
      const std::string_view wanted = expected.facts.text(name);
      if (text == wanted) {
        changed.emplace(name, text);
      } else if (is_not_null_by_same_name(live, expected, name, text, wanted) ||
                 back_.fact(expected, name, wanted) == text) {
        changed.emplace(name, wanted);
      } else {
        changed.emplace(name, forth_.fact(live, name, text));
      }
    }
    return changed;
  }

  static bool is_not_null_by_same_name(const Object& live, const Object& expected, std::string_view name,
                                       std::string_view text, std::string_view wanted) {
    return live.kind == "column" && name == "not null" && !wanted.empty() &&
           without_not_null_name(text) == without_not_null_name(wanted) &&
           not_null_name(live, text) == not_null_name(expected, wanted);
  }

  bool are_alike(const Object& live, const Object& expected) const {
    return forth_.key(live).part_of == expected.part_of && facts(live, expected) == expected.facts;
  }

  /// Other tables and functions of one of the names: a text would not say which is meant.
  bool is_named_twice() const {
    const std::string one = name_of(wanted_);
    const std::string other = name_of(found_);
    const auto is_other = [&](const Object& object) {
      if (&object == &wanted_ || &object == &found_ || object.kind == "grant") return false;
      const std::string name = name_of(object);
      // A query may call a schema's function as it calls a table's column.
      if (object.kind == "schema" &&
          (name == mending::own_name(wanted_) || name == mending::own_name(found_)))
        return true;
      return name == one || name == other;
    };
    return std::any_of(expected_.begin(), expected_.end(), is_other) ||
           std::any_of(live_.begin(), live_.end(), is_other);
  }

  bool has_same_columns() const {
    const std::string here = mending::key(found_);
    const std::string there = mending::key(wanted_);
    std::size_t count = 0;
    for (const Object& column : mending::of_kind_in(expected_, "column")) {
      if (mending::whole(column) == there) ++count;
    }
    for (const Object& column : live_) {
      if (column.kind != "column" || mending::whole(column) != here) continue;
      const Object* same = find_object(expected_, forth_.key(column));
      if (same == nullptr || !are_alike(column, *same)) return false;
      --count;
    }
    return count == 0;
  }

  static const Object* table_of(std::span<const Object> catalog, const Object& column) {
    const std::string_view table = mending::whole(column);
    Object key;
    key.kind = table.starts_with("table ") ? "table" : "foreign table";
    key.identity = mending::whole_name(column);
    return find_object(catalog, key);
  }

  bool has_same_place() const {
    const Object* here = table_of(live_, found_);
    const Object* there = table_of(expected_, wanted_);
    return here != nullptr && there != nullptr &&
           forth_.fact(*here, "columns", here->facts.text("columns")) == there->facts.text("columns");
  }

  /// The columns of partitions and heirs, which the statement renames as well; whether that is all they need.
  bool take_heirs() {
    std::set<std::string> above{mending::key(found_)};
    std::vector<std::pair<const Object*, const Object*>> heirs;
    for (std::size_t before = 0; above.size() > before;) {
      before = above.size();
      for (const Object& column : live_) {
        if (column.kind != "column" || column.part_of.size() < 2 || !above.contains(column.part_of[1]) ||
            above.contains(mending::key(column)))
          continue;
        Object wanted;
        wanted.kind = "column";
        wanted.identity =
            std::string(mending::whole_name(column)) + "." + std::string(mending::own_name(wanted_));
        const Object* expected = find_object(expected_, wanted);
        if (expected == nullptr || find_object(live_, wanted) != nullptr) return false;
        above.insert(mending::key(column));
        forth_.add(column, *expected);
        back_.add(*expected, column);
        heirs.emplace_back(&column, expected);
      }
    }
    return std::all_of(heirs.begin(), heirs.end(),
                       [&](const auto& heir) { return are_alike(*heir.first, *heir.second); });
  }

  std::span<const Object> expected_;
  Catalog& live_;
  const Object& wanted_;
  const Object& found_;
  Renamer forth_;
  Renamer back_;
};

/// The one missing and the one too many of a family; nullptr: none, `several`: no pair.
struct Candidates {
  const Object* missing = nullptr;
  const Object* extra = nullptr;
  bool several = false;
};

std::map<std::string, Candidates> candidates(const std::vector<Difference>& differences) {
  std::map<std::string, Candidates> families;
  for (const Difference& difference : differences) {
    if (difference.expected != nullptr && difference.found != nullptr) continue;
    const Object& object = difference.expected != nullptr ? *difference.expected : *difference.found;
    if (!others_name_it(object)) continue;
    Candidates& all = families[family(object)];
    const Object*& place = difference.expected != nullptr ? all.missing : all.extra;
    all.several = all.several || place != nullptr;
    place = &object;
  }
  std::erase_if(families, [](const auto& one) {
    return one.second.several || one.second.missing == nullptr || one.second.extra == nullptr;
  });
  return families;
}

}  // namespace

Renamed take_expected_names(std::span<const Object> expected, Catalog& live,
                            const std::function<bool(const Renaming&)>& allowed) {
  Renamed renamed;
  std::set<std::string> refused;
  for (int count = 0; count < most_renamings; ++count) {
    bool is_changed = false;
    for (const auto& [family, pair] : candidates(diff_full(expected, live))) {
      if (refused.contains(family)) continue;
      Pair both(expected, live, *pair.missing, *pair.extra);
      if (!both.is_certain()) continue;
      Renaming renaming{pair.missing, *pair.extra};
      if (allowed && !allowed(renaming)) {
        refused.insert(family);
        continue;
      }
      both.apply(renamed.former);
      renamed.list.push_back(std::move(renaming));
      is_changed = true;
      break;
    }
    if (!is_changed) break;
  }
  return renamed;
}

}  // namespace dbtool::catalog
