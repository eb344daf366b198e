#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sql/action.h"

namespace dbtool::sql {
namespace {

/// "numeric(10,2)" → {numeric, {10, 2}}; `timestamp(3) with time zone` has its length inside.
struct Typed {
  std::string base;
  std::vector<int> lengths;
  bool array = false;
};

Typed parse(std::string_view text) {
  Typed typed;
  typed.array = text.ends_with("[]");
  if (typed.array) text.remove_suffix(2);
  const std::size_t open = text.find('(');
  const std::size_t close = text.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    typed.base = text;
    return typed;
  }
  typed.base = std::string(text.substr(0, open)) + std::string(text.substr(close + 1));
  const bool of_time = typed.base.starts_with("time") || typed.base.starts_with("interval");
  std::string number;
  for (const char c : std::string(text.substr(open + 1, close - open - 1)) + ",") {
    if (c != ',') {
      number += c;
      continue;
    }
    typed.lengths.push_back(number.size() < 9 && !number.empty() ? std::atoi(number.c_str()) : 0);
    number.clear();
  }
  constexpr int most_digits = 6;  // as many as are stored without a precision
  if (of_time && !typed.lengths.empty() && typed.lengths[0] >= most_digits) typed.lengths.clear();
  return typed;
}

bool is_known(const std::string& base) {
  static const std::set<std::string, std::less<>> known = {"smallint",
                                                           "integer",
                                                           "bigint",
                                                           "real",
                                                           "double precision",
                                                           "numeric",
                                                           "boolean",
                                                           "text",
                                                           "character varying",
                                                           "character",
                                                           "bytea",
                                                           "date",
                                                           "time without time zone",
                                                           "time with time zone",
                                                           "timestamp without time zone",
                                                           "timestamp with time zone",
                                                           "interval",
                                                           "uuid",
                                                           "json",
                                                           "jsonb",
                                                           "inet",
                                                           "cidr",
                                                           "macaddr",
                                                           "macaddr8",
                                                           "bit",
                                                           "bit varying",
                                                           "xml",
                                                           "money",
                                                           "point",
                                                           "oid",
                                                           "regclass",
                                                           "name",
                                                           "tsvector",
                                                           "tsquery",
                                                           "int4range",
                                                           "int8range",
                                                           "numrange",
                                                           "tsrange",
                                                           "tstzrange",
                                                           "daterange"};
  return known.contains(base);
}

/// Whether every value of `from` fits `to` as it is stored, both of one base type.
bool widens(const Typed& from, const Typed& to) {
  if (to.lengths.empty()) return true;
  if (from.lengths.empty()) return false;
  if (from.base == "numeric") {
    const int from_scale = from.lengths.size() > 1 ? from.lengths[1] : 0;
    const int to_scale = to.lengths.size() > 1 ? to.lengths[1] : 0;
    return from_scale == to_scale && to.lengths[0] >= from.lengths[0];
  }
  const bool grows = from.base == "character varying" || from.base == "bit varying" ||
                     from.base == "interval" || from.base.starts_with("time");
  return from.lengths == to.lengths || (grows && to.lengths[0] >= from.lengths[0]);
}

/// Pairs whose values are stored alike.
bool is_stored_alike(const Typed& from, const Typed& to) {
  static const std::set<std::pair<std::string, std::string>> pairs = {{"character varying", "text"},
                                                                      {"text", "character varying"},
                                                                      {"cidr", "inet"},
                                                                      {"xml", "text"},
                                                                      {"xml", "character varying"},
                                                                      {"integer", "oid"},
                                                                      {"oid", "integer"},
                                                                      {"oid", "regclass"},
                                                                      {"regclass", "oid"},
                                                                      {"bit", "bit varying"},
                                                                      {"bit varying", "bit"}};
  return pairs.contains({from.base, to.base}) && to.lengths.empty();
}

}  // namespace

TypeChange type_change(std::string_view from, std::string_view to) {
  if (from == to) return TypeChange::none;
  const Typed old_type = parse(from);
  const Typed new_type = parse(to);
  if (old_type.array != new_type.array) return TypeChange::rewrite;
  if (old_type.base == new_type.base)
    return widens(old_type, new_type) ? TypeChange::none : TypeChange::rewrite;
  if (is_stored_alike(old_type, new_type)) return TypeChange::none;
  if (!is_known(old_type.base) || !is_known(new_type.base)) return TypeChange::unknown;
  const bool zones = old_type.base.starts_with("timestamp") && new_type.base.starts_with("timestamp");
  if (zones && (new_type.lengths.empty() || new_type.lengths == old_type.lengths)) return TypeChange::zone;
  return TypeChange::rewrite;
}

}  // namespace dbtool::sql
