#include "catalog/columns_of_full.h"

#include <map>

#include "catalog/diff.h"
#include "sql/type.h"

namespace dbtool::catalog {
namespace {

constexpr std::string_view public_schema = "public.";
constexpr std::string_view user_prefix = "$db_user_prefix$_";

/// Takes one name, as the server's quote_ident writes it, off the front of `text`.
std::string take_name(std::string_view& text) {
  std::string name;
  std::size_t at = 0;
  if (text.starts_with('"')) {
    for (at = 1; at < text.size(); ++at) {
      if (text[at] == '"' && (++at == text.size() || text[at] != '"')) break;
      name += text[at];
    }
  } else {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    while (at < text.size() && is_plain(text[at])) ++at;
    name = text.substr(0, at);
  }
  text.remove_prefix(at);
  return name;
}

}  // namespace

std::string PublicTypes::spelled(std::string_view type) const {
  std::string text(type);
  for (std::size_t at = text.find(user_prefix); at != std::string::npos; at = text.find(user_prefix, at))
    text.replace(at, user_prefix.size(), user_prefix_ + "_");
  if (!text.starts_with(public_schema)) return text;
  std::string_view rest = std::string_view(text).substr(public_schema.size());
  if (hidden_.contains(take_name(rest))) return text;
  return text.substr(public_schema.size());
}

Catalog columns_of_full(const Catalog& full, const std::set<std::string, std::less<>>& tables,
                        const PublicTypes& types) {
  Catalog columns;
  // A few spellings stand for thousands of columns.
  std::map<std::string, std::string, std::less<>> known;
  for (const Object& column : of_kind(full, "column")) {
    std::string_view rest = column.identity;
    if (!rest.starts_with(public_schema)) continue;
    rest.remove_prefix(public_schema.size());
    const std::string table = take_name(rest);
    if (!tables.contains(table)) continue;
    rest.remove_prefix(1);  // the dot
    const std::string_view printed = column.facts.text("type");
    auto type = known.find(printed);
    if (type == known.end()) type = known.emplace(printed, sql::canonical_type(types.spelled(printed))).first;
    Object& object = columns.emplace_back();
    object.kind = column.kind;
    object.identity.append(table).append(".").append(take_name(rest));
    object.facts.emplace("null", column.facts.contains("not null") ? "not null" : "nullable");
    object.facts.emplace("type", type->second);
  }
  sort(columns);
  return columns;
}

}  // namespace dbtool::catalog
