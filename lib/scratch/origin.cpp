#include "scratch/origin.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lint/script.h"
#include "sql/token.h"

namespace dbtool::scratch {
namespace {

using check::FullNames;
using sql::ActionKind;

/// What statements are about; an index is not touched by an `alter table` that names its column.
enum class Family { table, index, trigger, grant, function, row, other };

Family family_of(ActionKind kind) {
  switch (kind) {
    case ActionKind::create_index:
    case ActionKind::drop_index:
    case ActionKind::rename_index:
      return Family::index;
    case ActionKind::create_trigger:
    case ActionKind::drop_trigger:
    case ActionKind::toggle_trigger:
      return Family::trigger;
    case ActionKind::grant:
      return Family::grant;
    case ActionKind::create_function:
      return Family::function;
    case ActionKind::select_rows:
    case ActionKind::insert_rows:
    case ActionKind::update_rows:
    case ActionKind::delete_rows:
    case ActionKind::merge_rows:
    case ActionKind::copy_rows:
    case ActionKind::transaction:
    case ActionKind::call_function:
    case ActionKind::analyze:
    case ActionKind::vacuum:
    case ActionKind::truncate:
    case ActionKind::lock_table:
      return Family::row;
    case ActionKind::drop_object:
    case ActionKind::comment:
    case ActionKind::change_owner:
    case ActionKind::rename_object:
    case ActionKind::other:
      return Family::other;
    default:
      return Family::table;
  }
}

/// Whether a statement of `family` can be what made or changed an object of `kind`.
bool can_touch(Family family, std::string_view kind) {
  if (family == Family::row) return false;
  if (family == Family::other) return true;
  if (kind == "grant" || kind == "default privileges") return family == Family::grant;
  if (kind == "function" || kind == "procedure" || kind == "aggregate") return family == Family::function;
  if (kind == "trigger" || kind == "event trigger") return family == Family::trigger;
  // A unique constraint makes an index, and an index may become a constraint.
  if (kind == "index" || kind == "constraint") return family == Family::index || family == Family::table;
  return family == Family::table;
}

using Words = std::set<std::string, std::less<>>;

/// Every identifier and keyword that a statement holds, as the server would know it.
Words words_of(const std::string& text) {
  Words words;
  for (const sql::Token& token : sql::tokenize(text)) {
    if (token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_identifier)
      words.insert(sql::identifier(text, token));
  }
  return words;
}

/// The names in an identity, without what stands in parentheses and without schema public.
std::vector<std::string> names_in(std::string_view identity) {
  std::vector<std::string> names;
  for (const sql::Token& token : sql::tokenize(identity.substr(0, identity.find('(')))) {
    const bool is_word = token.kind == sql::TokenKind::word && token.lower != "public";
    if (is_word || token.kind == sql::TokenKind::quoted_identifier)
      names.push_back(sql::identifier(identity, token));
  }
  return names;
}

/// The names that a statement about an object must hold. A role may be named by a variable.
std::vector<std::string> names_of(const Object& object) {
  if (object.kind != "grant") return names_in(object.identity);
  const std::size_t on = object.identity.find(" on ");
  const std::string_view rest = on == std::string::npos ? std::string_view(object.identity)
                                                        : std::string_view(object.identity).substr(on + 4);
  std::vector<std::string> names = names_in(rest);
  if (!names.empty()) names.erase(names.begin());  // the kind
  return names;
}

}  // namespace

struct Origins::Index {
  struct Touch {
    int version = 0;
    Place place{};
    std::set<Family> families{};
    Words words{};
  };
  std::vector<Touch> touches;
  std::map<std::string, FullNames::Origin, std::less<>> methods;
};

namespace {

template <class Index>
void read_version(const Version& version, Index& index) {
  const lint::Script script = lint::read_script(version, lint::Direction::upgrade, false);
  for (const lint::Statement& statement : script.statements) {
    std::set<Family> families;
    for (const sql::Action& action : statement.actions) families.insert(family_of(action.kind));
    families.erase(Family::row);
    if (!families.empty())
      index.touches.push_back(
          {version.number, statement.place, std::move(families), words_of(statement.text)});
  }
  for (const Method& method : version.methods) {
    if (method.body) index.methods[method.name] = {version.number, method.place};
  }
}

}  // namespace

Origins::Origins(const Project& project, int version) : project_(&project), version_(version) {}
Origins::Origins(Origins&&) noexcept = default;
Origins::~Origins() = default;

FullNames::Origin Origins::of(const Object& object) const {
  if (!index_) {
    index_ = std::make_unique<Index>();
    for (const Version& version : project_->versions) {
      if (version.number <= version_) read_version(version, *index_);
    }
  }
  std::vector<std::string> names = names_of(object);
  if (names.empty()) return {};
  const auto newest = [&](std::string_view kind) -> const Index::Touch* {
    const auto found =
        std::find_if(index_->touches.rbegin(), index_->touches.rend(), [&](const Index::Touch& touch) {
          return std::any_of(touch.families.begin(), touch.families.end(),
                             [&](Family family) { return can_touch(family, kind); }) &&
                 std::all_of(names.begin(), names.end(),
                             [&](const std::string& name) { return touch.words.contains(name); });
        });
    return found == index_->touches.rend() ? nullptr : &*found;
  };
  const Index::Touch* touch = newest(object.kind);
  if (object.kind == "function") {
    const auto method = index_->methods.find(names.back());
    if (method != index_->methods.end() && (touch == nullptr || touch->version <= method->second.version))
      return method->second;
  }
  if (touch == nullptr && names.size() > 1) {
    names.pop_back();
    touch = newest("table");
  }
  if (touch == nullptr) return {};
  return {touch->version, touch->place};
}

}  // namespace dbtool::scratch
