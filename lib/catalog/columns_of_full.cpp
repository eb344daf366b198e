#include "catalog/columns_of_full.h"

#include <map>

#include "catalog/diff.h"
#include "sql/type.h"

namespace dbtool::catalog {
namespace {

constexpr std::string_view public_schema = "public.";
constexpr std::string_view user_prefix = "$db_user_prefix$_";

/// Takes one name, as the server's quote_ident writes it, off the front of `text`; one that had to be written
/// anew is kept in `columns`.
std::string_view take_name(std::string_view& text, Columns& columns) {
  if (!text.starts_with('"')) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    std::size_t end = 0;
    while (end < text.size() && is_plain(text[end])) ++end;
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    return name;
  }
  std::string name;
  std::size_t at = 1;
  for (; at < text.size(); ++at) {
    if (text[at] == '"' && (++at == text.size() || text[at] != '"')) break;
    name += text[at];
  }
  text.remove_prefix(at);
  return columns.keep(std::move(name));
}

}  // namespace

std::string PublicTypes::spelled(std::string_view type) const {
  std::string text(type);
  for (std::size_t at = text.find(user_prefix); at != std::string::npos; at = text.find(user_prefix, at))
    text.replace(at, user_prefix.size(), user_prefix_ + "_");
  if (!text.starts_with(public_schema)) return text;
  std::string_view rest = std::string_view(text).substr(public_schema.size());
  Columns names;
  if (hidden_.contains(take_name(rest, names))) return text;
  return text.substr(public_schema.size());
}

Columns columns_of_full(const Catalog& full, const std::set<std::string, std::less<>>& tables,
                        const PublicTypes& types) {
  Columns columns;
  // A few spellings stand for thousands of columns.
  std::map<std::string_view, std::string_view> known;
  for (const Object& column : of_kind(full, "column")) {
    std::string_view rest = column.identity;
    if (!rest.starts_with(public_schema)) continue;
    rest.remove_prefix(public_schema.size());
    const std::string_view table = take_name(rest, columns);
    if (!tables.contains(table)) continue;
    rest.remove_prefix(1);  // the dot
    const std::string_view printed = column.facts.text("type");
    auto type = known.find(printed);
    if (type == known.end()) {
      const std::string spelled = sql::canonical_type(types.spelled(printed));
      type = known.emplace(printed, columns.keep(spelled)).first;
    }
    columns.list.push_back(
        {table, take_name(rest, columns), type->second, column.facts.contains("not null")});
  }
  columns.sort();
  return columns;
}

}  // namespace dbtool::catalog
