#include "catalog/mend/options.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "catalog/mend/names.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(std::string_view fact, std::string_view between) {
  Pairs list;
  for (const std::string& item : split_list(fact)) {
    const std::size_t at = find_outside(item, between);
    list.emplace_back(item.substr(0, at), at == std::string::npos ? "" : item.substr(at + between.size()));
  }
  return list;
}

bool has(const Pairs& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& pair) { return pair.first == name; });
}

/// A value inside quotes.
std::string text_of_literal(std::string_view literal) {
  std::string text;
  if (literal.starts_with("E'")) literal.remove_prefix(1);
  for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
    if ((literal[i] == '\'' || literal[i] == '\\') && literal[i + 1] == literal[i]) ++i;
    text += literal[i];
  }
  return text;
}

/// The settings whose values are lists of names, which `set` must not take for one name.
bool is_list(std::string_view setting) {
  static constexpr std::string_view lists[] = {"search_path", "temp_tablespaces", "local_preload_libraries",
                                               "session_preload_libraries", "shared_preload_libraries"};
  return std::find(std::begin(lists), std::end(lists), to_lower(setting)) != std::end(lists);
}

std::string list_of_literals(std::string_view value) {
  std::vector<std::string> literals;
  for (const std::string& item : split_list(value, ",")) {
    std::string name(trim(item));
    if (name.starts_with('"')) {
      std::string inner;
      for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        if (name[i] == '"' && name[i + 1] == '"') ++i;
        inner += name[i];
      }
      if (name == "\"\"") inner.clear();
      name = inner;
    }
    literals.push_back(pg::quote_literal(name));
  }
  return join(literals, ", ");
}

}  // namespace

std::string storage_options(std::string_view fact, std::string_view prefix) {
  std::vector<std::string> list;
  for (const auto& [name, value] : pairs(fact, "="))
    list.push_back(std::string(prefix) + name + "=" + pg::quote_literal(value));
  return join(list, ", ");
}

std::string change_storage_options(const std::string& head, std::string_view from, std::string_view to,
                                   std::string_view prefix) {
  const Pairs wanted = pairs(to, "=");
  std::vector<std::string> gone;
  for (const auto& [name, value] : pairs(from, "=")) {
    if (!has(wanted, name)) gone.push_back(std::string(prefix) + name);
  }
  std::string sql;
  if (!gone.empty()) sql += head + " reset (" + join(gone, ", ") + ");";
  if (!wanted.empty())
    sql += (sql.empty() ? "" : "\n") + head + " set (" + storage_options(to, prefix) + ");";
  return sql;
}

std::string foreign_options(std::string_view fact) {
  return fact.empty() ? "" : " options (" + std::string(fact) + ")";
}

std::string change_foreign_options(std::string_view from, std::string_view to) {
  const Pairs there = pairs(from, " ");
  const Pairs wanted = pairs(to, " ");
  std::vector<std::string> list;
  for (const auto& [name, value] : there) {
    if (!has(wanted, name)) list.push_back("drop " + name);
  }
  for (const auto& pair : wanted) {
    if (std::find(there.begin(), there.end(), pair) != there.end()) continue;
    list.push_back((has(there, pair.first) ? "set " : "add ") + pair.first + " " + pair.second);
  }
  return "options (" + join(list, ", ") + ")";
}

std::vector<std::pair<std::string, std::string>> settings(std::string_view fact) {
  Pairs list = pairs(fact, "=");
  for (auto& [name, value] : list) {
    if (is_list(name)) value = list_of_literals(text_of_literal(value));
  }
  return list;
}

}  // namespace dbtool::catalog::mending
