#include "catalog/rename.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/mend/names.h"

namespace dbtool::catalog {
namespace {

bool can_be_renamed(const Object& object) {
  static constexpr std::string_view kinds[] = {"index", "constraint", "domain constraint", "trigger",
                                               "rule",  "policy",     "statistics",        "event trigger"};
  return std::find(std::begin(kinds), std::end(kinds), object.kind) != std::end(kinds);
}

/// Without the name, which stands before all else that could look like it.
std::string nameless(const Object& object) {
  std::string text(object.facts.text("definition"));
  const std::string name =
      object.kind == "statistics" ? object.identity : std::string(mending::own_name(object));
  if (!text.starts_with("CREATE ")) return text;
  if (const std::size_t at = text.find(" " + name + " "); at != std::string::npos)
    text.erase(at + 1, name.size());
  return text;
}

/// All that two objects must have in common.
std::string likeness(const Object& object) {
  std::string text = object.kind;
  // Only of statistics is it not that of what they are part of.
  if (object.kind == "statistics") text += "\n" + std::string(mending::schema_of(object.identity));
  for (const std::string& part : object.part_of) {
    // The parent's may be renamed as well.
    if (!part.starts_with(object.kind + " ")) text += "\n" + part;
  }
  for (const auto& [name, value] : object.facts)
    text += "\n" + name + "=" + (name == "definition" ? nameless(object) : value);
  return text;
}

}  // namespace

std::vector<Rename> renames(const std::vector<Difference>& differences) {
  std::map<std::string, std::vector<std::size_t>> missing;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i].found == nullptr && can_be_renamed(*differences[i].expected))
      missing[likeness(*differences[i].expected)].push_back(i);
  }
  std::vector<Rename> pairs;
  if (missing.empty()) return pairs;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i].expected != nullptr || !can_be_renamed(*differences[i].found)) continue;
    const auto alike = missing.find(likeness(*differences[i].found));
    if (alike == missing.end() || alike->second.empty()) continue;
    pairs.push_back({alike->second.front(), i});
    alike->second.erase(alike->second.begin());
  }
  return pairs;
}

}  // namespace dbtool::catalog
