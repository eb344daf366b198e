#include "catalog/fold.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "catalog/rename.h"

namespace dbtool::catalog {
namespace {

using Number = std::size_t;

/// Of more causes than this, texts are not searched for their names: somebody compares two different
/// databases.
constexpr Number most_searched = 400;

enum class Way { missing, extra, changed };

Way way(const Difference& difference) {
  if (difference.expected == nullptr) return Way::extra;
  return difference.found == nullptr ? Way::missing : Way::changed;
}

const Object& object(const Difference& difference) {
  return difference.expected != nullptr ? *difference.expected : *difference.found;
}

std::string key(const Object& object) {
  return object.kind + " " + object.identity;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '"' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// Whether `name` stands in `text` as a whole word.
bool mentions(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

/// Texts that name other objects without depending on them.
bool is_prose(std::string_view fact) {
  return fact == "body" || fact.starts_with("comment") || fact == "columns";
}

/// What others call an object by in their definitions.
std::string_view called(const Object& object) {
  return std::string_view(object.identity).substr(0, object.identity.find('('));
}

/// Of "schema.table.column", the part behind the last dot that is not in quotes.
std::string_view last_name(std::string_view identity) {
  bool in_quotes = false;
  for (std::size_t at = identity.size(); at-- > 0;) {
    if (identity[at] == '"') in_quotes = !in_quotes;
    if (identity[at] == '.' && !in_quotes) return identity.substr(at + 1);
  }
  return identity;
}

bool are_of_one_table(const Object& a, const Object& b) {
  return std::any_of(a.part_of.begin(), a.part_of.end(), [&](const std::string& parent) {
    return std::find(b.part_of.begin(), b.part_of.end(), parent) != b.part_of.end();
  });
}

/// Whether a definition uses an object. A column is called by its own name within its table, and elsewhere
/// where its table is named as well.
bool uses(const Object& user, std::string_view text, const Object& used) {
  if (used.kind != "column") return mentions(text, called(used));
  const std::string_view column = last_name(used.identity);
  if (!mentions(text, column)) return false;
  const std::string_view table =
      std::string_view(used.identity).substr(0, used.identity.size() - column.size() - 1);
  return are_of_one_table(user, used) || mentions(text, table);
}

bool can_be_used(const Object& object) {
  static constexpr std::string_view never[] = {"grant", "default privileges", "schema", "trigger", "policy",
                                               "rule",  "publication",        "index"};
  return std::find(std::begin(never), std::end(never), object.kind) == std::end(never);
}

class Folder {
 public:
  explicit Folder(const std::vector<Difference>& differences)
      : differences_(differences), causes_(differences.size()) {
    for (Number i = 0; i < differences.size(); ++i) {
      const Object& subject = object(differences[i]);
      const Way direction = way(differences[i]);
      by_key_[static_cast<int>(direction)].emplace(
          key(subject) + (direction == Way::changed ? "\n" + differences[i].fact : ""), i);
      if (subject.kind == "schema" && direction != Way::changed) schemas_.push_back(i);
    }
  }

  std::vector<Change> run() {
    for (Number i = 0; i < differences_.size(); ++i) causes_[i] = parent(i);
    std::map<Number, const Object*> renamed;
    for (const auto& [missing, extra] : renames(differences_)) {
      if (causes_[missing] || causes_[extra]) continue;
      causes_[extra] = missing;
      renamed.emplace(missing, differences_[extra].found);
    }
    search_texts();
    std::vector<Change> changes;
    std::map<Number, Number> places;
    for (Number i = 0; i < differences_.size(); ++i) {
      if (causes_[i]) continue;
      places.emplace(i, changes.size());
      const auto other = renamed.find(i);
      changes.push_back({differences_[i], {}, other == renamed.end() ? nullptr : other->second});
    }
    for (Number i = 0; i < differences_.size(); ++i) {
      if (causes_[i]) changes[places.at(root(i))].follow.push_back(differences_[i]);
    }
    return changes;
  }

 private:
  std::optional<Number> find(Way direction, const std::string& key) const {
    const auto& known = by_key_[static_cast<int>(direction)];
    const auto found = known.find(key);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }

  /// What it is part of that differs in the same way.
  std::optional<Number> parent(Number number) const {
    const Difference& difference = differences_[number];
    const Object& subject = object(difference);
    if (way(difference) == Way::changed) return same_change_above(difference);
    for (const std::string& whole : subject.part_of) {
      if (const auto cause = find(way(difference), whole)) return cause;
    }
    for (const Number schema : schemas_) {
      const std::string& name = object(differences_[schema]).identity;
      if (schema != number && way(differences_[schema]) == way(difference) &&
          subject.identity.starts_with(name + "."))
        return schema;
    }
    return std::nullopt;
  }

  std::optional<Number> same_change_above(const Difference& difference) const {
    // What belongs to a column goes with its table.
    const std::string_view column = difference.expected->facts.text("owned by");
    if (difference.expected->kind == "sequence" && difference.fact == "persistence" && !column.empty()) {
      const std::string_view own = last_name(column);
      const std::string table = "table " + std::string(column.substr(0, column.size() - own.size() - 1));
      const auto cause = find(Way::changed, table + "\npersistence");
      if (cause && same_values(differences_[*cause], difference)) return cause;
    }
    for (const std::string& whole : difference.expected->part_of) {
      const auto cause = find(Way::changed, whole + "\n" + difference.fact);
      if (cause && object(differences_[*cause]).kind == difference.expected->kind &&
          same_values(differences_[*cause], difference)) {
        return cause;
      }
    }
    return std::nullopt;
  }

  static bool same_values(const Difference& a, const Difference& b) {
    return value(*a.expected, a.fact) == value(*b.expected, b.fact) &&
           value(*a.found, a.fact) == value(*b.found, b.fact);
  }

  static std::string value(const Object& object, std::string_view fact) {
    std::string text(object.facts.text(fact));
    // From server 18 on a partition's constraint has the name that the table's would have of itself.
    const std::size_t name = fact == "not null" ? text.find(", constraint ") : std::string::npos;
    if (name != std::string::npos) text.erase(name, text.find(", ", name + 2) - name);
    return text;
  }

  void search_texts() {
    std::vector<Number> used;
    std::vector<Number> users;
    for (Number i = 0; i < differences_.size(); ++i) {
      if (causes_[i]) continue;
      users.push_back(i);
      if (way(differences_[i]) != Way::changed && can_be_used(object(differences_[i]))) used.push_back(i);
    }
    // What follows from another thing may be what a third one uses: a column of a dropped table.
    if (used.size() > most_searched || users.size() > most_searched) return;
    for (const Number user : users) {
      const auto cause = std::find_if(used.begin(), used.end(), [&](Number candidate) {
        return candidate != user && !leads_to(candidate, user) &&
               follows(differences_[user], differences_[candidate]);
      });
      if (cause != used.end()) causes_[user] = *cause;
    }
  }

  bool follows(const Difference& user, const Difference& used) const {
    if (way(user) != Way::changed) {
      if (way(user) != way(used)) return false;
      const Object& subject = object(user);
      return std::any_of(subject.facts.begin(), subject.facts.end(), [&](const auto& fact) {
        return !is_prose(fact.first) && uses(subject, fact.second, object(used));
      });
    }
    return !is_prose(user.fact) && fact_follows(user, used);
  }

  bool fact_follows(const Difference& user, const Difference& used) const {
    const std::string_view expected = user.expected->facts.text(user.fact);
    const std::string_view found = user.found->facts.text(user.fact);
    if (way(used) == Way::extra) {
      if (!expected.empty()) return false;
      return uses(*user.found, found, *used.found) || is_key_of(*used.found, user);
    }
    if (found.empty() && is_key_of(*used.expected, user)) return true;
    if (!uses(*user.expected, expected, *used.expected)) return false;
    return found.empty() ||
           std::any_of(differences_.begin(), differences_.end(), [&](const Difference& other) {
             return way(other) == Way::extra && other.found->kind == used.expected->kind &&
                    uses(*user.found, found, *other.found);
           });
  }

  /// A primary key makes its columns not null.
  static bool is_key_of(const Object& constraint, const Difference& column) {
    const std::string_view definition = constraint.facts.text("definition");
    return constraint.kind == "constraint" && column.fact == "not null" &&
           definition.starts_with("PRIMARY KEY") && are_of_one_table(constraint, *column.found) &&
           mentions(definition, last_name(column.found->identity));
  }

  bool leads_to(Number from, Number to) const {
    for (std::optional<Number> at = from; at; at = causes_[*at]) {
      if (*at == to) return true;
    }
    return false;
  }

  Number root(Number number) const {
    while (causes_[number]) number = *causes_[number];
    return number;
  }

  const std::vector<Difference>& differences_;
  std::vector<std::optional<Number>> causes_;
  std::unordered_map<std::string, Number> by_key_[3];
  std::vector<Number> schemas_;
};

}  // namespace

std::vector<Change> fold(const std::vector<Difference>& differences) {
  return Folder(differences).run();
}

}  // namespace dbtool::catalog
