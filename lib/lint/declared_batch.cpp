#include "lint/declared_batch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sql/definition.h"
#include "sql/tree.h"

namespace dbtool::lint {

using nlohmann::json;

const OnlineDeclaration* declaration_of(const Context& context) {
  const auto& declared =
      context.is_upgrade() ? context.version().online_migration : context.version().online_downgrade;
  return declared ? &*declared : nullptr;
}

sql::ObjectName walked_table(const OnlineDeclaration& online) {
  const std::size_t dot = online.table.find('.');
  if (dot == std::string::npos) return {"", online.table};
  return {online.table.substr(0, dot), online.table.substr(dot + 1)};
}

std::vector<RangeMark> range_marks(std::string_view sql) {
  constexpr std::string_view opening = "$range";
  std::vector<RangeMark> marks;
  for (std::size_t at = sql.find(opening); at != std::string_view::npos; at = sql.find(opening, at + 1)) {
    const std::size_t inside = at + opening.size();
    const std::size_t end = sql.find('$', inside);
    if (end == std::string_view::npos) break;
    const std::string_view alias = sql.substr(inside, end - inside);
    marks.push_back({at, end + 1 - at, std::string(alias.starts_with(':') ? alias.substr(1) : alias)});
    at = end;
  }
  return marks;
}

std::string without_ranges(std::string_view sql) {
  constexpr std::string_view condition = "(true)";
  std::string text(sql);
  for (const RangeMark& mark : range_marks(sql)) {
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(mark.offset), mark.length, ' ');
    text.replace(mark.offset, condition.size(), condition);
  }
  return text;
}

std::string as_written(const Statement& statement) {
  if (statement.part != Part::batch) return statement.text;
  std::size_t length = statement.text.size();
  // What stands for a mark is shorter: behind the last one there may be a blank that was cut off.
  for (const RangeMark& mark : range_marks(statement.source->text)) {
    const std::size_t end = statement.offset + length;
    if (mark.offset < end && end < mark.offset + mark.length)
      length = mark.offset + mark.length - statement.offset;
  }
  return statement.source->text.substr(statement.offset, length);
}

std::vector<NamedRelation> named_relations(const json& tree) {
  std::vector<NamedRelation> found;
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    if (one.is_object() && one.contains("relname")) {
      const sql::ObjectName table = sql::relation_name(one);
      const json* alias = sql::child(one, "alias");
      found.push_back({table, alias == nullptr ? table.name : sql::member(*alias, "aliasname")});
    }
    for (const auto& [key, inner] : one.items()) {
      if (key != "lockingClause") open.push_back(&inner);  // names aliases, not tables
    }
  }
  return found;
}

}  // namespace dbtool::lint
