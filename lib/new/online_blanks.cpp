#include "new/online_blanks.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/type.h"

namespace dbtool {

namespace {

using sql::quote_if_needed;

using ColumnText = std::function<std::string(const std::string&)>;

std::string list(const std::vector<std::string>& names, const ColumnText& text, const char* between = ", ") {
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(text(name));
  return join(texts, between);
}

/// The argument for a column: no column has its name.
std::string argument(const std::string& column) {
  std::string name;
  for (const char c : to_lower(column)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    name += plain ? c : '_';
  }
  return name + "_in";
}

std::vector<std::string> names_of(const SourceTable& source) {
  std::vector<std::string> names;
  for (const SourceColumn& column : source.columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> others_of(const SourceTable& source) {
  std::vector<std::string> names = names_of(source);
  std::erase_if(names, [&](const std::string& name) {
    return std::find(source.key.begin(), source.key.end(), name) != source.key.end();
  });
  return names;
}

std::string arguments(const SourceTable& source, const std::vector<std::string>& names) {
  return list(names, [&](const std::string& name) {
    const auto column = std::find_if(source.columns.begin(), source.columns.end(),
                                     [&](const SourceColumn& one) { return one.name == name; });
    return argument(name) + " " + (column == source.columns.end() ? "text" : column->type);
  });
}

std::string definitions(const SourceTable& source) {
  std::string text;
  for (const SourceColumn& column : source.columns)
    text += fmt::format("{} {}{},\n", quote_if_needed(column.name), column.type,
                        column.not_null ? " not null" : "");
  return text + fmt::format("primary key ({})", list(source.key, quote_if_needed));
}

std::string grants(const OnlineValues& values, const std::string& table) {
  std::vector<SourceUser> users = values.source.users;
  if (users.empty()) users.push_back({values.service, true});
  std::vector<std::string> lines;
  for (const SourceUser& user : users) {
    lines.push_back(fmt::format("grant {} on {} to $db_user_prefix${};",
                                user.writes ? "select, insert, update, delete" : "select",
                                quote_if_needed(table), service_user("", user.service)));
  }
  return join(lines, "\n");
}

std::string key_remark(const SourceTable& source) {
  if (source.key_known) return "";
  return "# TO DO: no version tells the key of the table. Put the columns of its primary key here, and "
         "wherever " +
         source.key.front() + " is\n# compared below.";
}

std::string writers_remark(const SourceTable& source) {
  if (source.writers.empty()) return "";
  return "# TO DO: functions that write " + source.name +
         " so far, and must be redefined in the same way, or no longer be called:\n#   " +
         join(source.writers, "\n#   ");
}

/// `a.x = b.x and …`
std::string same_key(const SourceTable& source, const std::string& one, const std::string& other) {
  return list(
      source.key,
      [&](const std::string& name) {
        return fmt::format("{}.{} = {}.{}", one, quote_if_needed(name), other, quote_if_needed(name));
      },
      " and ");
}

std::string replacement(const SourceTable& source) {
  const std::vector<std::string> others = others_of(source);
  if (others.empty()) return "do nothing";
  return "do update set " + list(others, [](const std::string& name) {
           return fmt::format("{0} = excluded.{0}", quote_if_needed(name));
         });
}

/// An expression of a row `alias`, for a new column to be filled with.
std::string expression(const SourceTable& source, const std::string& alias) {
  const std::vector<std::string> others = others_of(source);
  return fmt::format("md5({}.{}::text)", alias,
                     quote_if_needed(others.empty() ? source.key.front() : others.front()));
}

}  // namespace

Blanks online_blanks(const OnlineValues& values) {
  const SourceTable& source = values.source;
  const std::vector<std::string> names = names_of(source);
  const auto of = [](const std::string& alias) -> ColumnText {
    return [alias](const std::string& name) { return alias + "." + quote_if_needed(name); };
  };
  const auto is_wanted = [&](const std::string& alias) {
    return list(
        source.key,
        [&](const std::string& name) {
          return fmt::format("{}.{} = {}", alias, quote_if_needed(name), argument(name));
        },
        " and ");
  };
  const std::string table_of_types = list(names, [&](const std::string& name) {
    return quote_if_needed(name) + " " +
           std::find_if(source.columns.begin(), source.columns.end(), [&](const SourceColumn& one) {
             return one.name == name;
           })->type;
  });
  Blanks blanks{
      {"v", std::to_string(values.number)},
      {"w", std::to_string(values.number + 1)},
      {"description", values.description},
      {"service", values.service},
      {"source", quote_if_needed(source.name)},
      {"copy", quote_if_needed(values.copy)},
      {"name", argument(values.copy).substr(0, values.copy.size())},
      {"columns", list(names, quote_if_needed)},
      {"key", list(source.key, quote_if_needed)},
      {"definitions", definitions(source)},
      {"copy grants", grants(values, values.copy)},
      {"source grants", grants(values, source.name)},
      {"arguments", arguments(source, names)},
      {"key arguments", arguments(source, source.key)},
      {"values", list(names, argument)},
      {"row type", table_of_types},
      {"replacement", replacement(source)},
      {"same key", same_key(source, "c", "s")},
      {"old key", list(source.key, of("old"))},
      {"new key", list(source.key, of("new"))},
      {"new columns", list(names, of("new"))},
      {"new value", expression(source, "new")},
      {"value", expression(source, "s")},
      {"key values", list(source.key, argument)},
      {"key remark", key_remark(source)},
      {"writers remark", writers_remark(source)},
  };
  for (const char* alias : {"s", "c", "m"}) {
    blanks[std::string(alias) + " columns"] = list(names, of(alias));
    blanks[std::string(alias) + " key"] = list(source.key, of(alias));
    blanks[std::string(alias) + " wanted"] = is_wanted(alias);
  }
  blanks["c is old"] = same_key(source, "c", "old");
  return blanks;
}

}  // namespace dbtool
