#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "load/scalar.h"
#include "load/version_file.h"
#include "sql/parse.h"

namespace dbtool::load {

namespace {

const std::vector<std::string> online_keys{"migration", "downgrade"};
const std::vector<std::string> declaration_keys{"table", "key", "batch", "complete", "verify"};
const std::vector<std::string> comparison_keys{"source", "copy"};

/// Whether SQL holds `$range$` or `$range:alias$`; complains about one that is neither.
bool has_range(const Reader& reader, const Entry& entry, const SqlText& sql) {
  constexpr std::string_view opening = "$range";
  bool found = false;
  for (std::size_t at = sql.text.find(opening); at != std::string::npos;
       at = sql.text.find(opening, at + 1)) {
    std::string_view rest = std::string_view(sql.text).substr(at + opening.size());
    const std::size_t end = rest.find('$');
    const std::string_view inside = rest.substr(0, end);
    const bool well_formed =
        end != std::string_view::npos &&
        (inside.empty() || (inside.starts_with(':') && is_simple_name(inside.substr(1))));
    if (!well_formed) {
      reader.complaints().add(sql.locate(at),
                              fmt::format("`{}`: a misspelt range; write `$range$`, or `$range:alias$` "
                                          "with the table's alias",
                                          entry.key));
    }
    found = true;
  }
  return found;
}

/// A statement with the range in it. A misspelt one has been complained about.
SqlText read_ranged(const Reader& reader, const Entry& entry, const SideFiles& side_files,
                    const std::string& why) {
  const auto sql = read_sql(reader, entry, side_files);
  if (!sql) return {};
  if (!has_range(reader, entry, *sql)) {
    reader.complain(entry, fmt::format("`{}` has no `$range$` or `$range:alias$`; {}", entry.key, why));
  }
  return *sql;
}

std::vector<std::string> read_key(const Reader& reader, const Entry& entry) {
  std::vector<std::string> key;
  if (!reader.is_list(entry, "write the columns of a unique index in [ ]")) return key;
  if (entry.value.items.empty())
    reader.complain(entry, "`key` is empty; write the columns of a unique index");
  for (const Node& item : entry.value.items) {
    const auto column = reader.text(item, "key");
    if (!column) continue;
    if (std::find(key.begin(), key.end(), *column) != key.end()) {
      reader.complain(
          item, fmt::format("the column `{}` stands twice in `key`; write each once", shorten(*column)));
    }
    key.push_back(*column);
  }
  return key;
}

void read_comparison(const Reader& reader, const Entry& entry, const SideFiles& side_files,
                     OnlineDeclaration& declaration) {
  if (!reader.is_mapping(entry, "write `source:` and `copy:`, a query each")) return;
  reader.check_keys(entry.value, comparison_keys, "`verify` of an online migration");
  const std::string why = "it is compared range by range, so write where the range goes";
  const Entry* source = entry.value.find("source");
  const Entry* copy = entry.value.find("copy");
  if (source != nullptr) declaration.verify_source = read_ranged(reader, *source, side_files, why);
  if (copy != nullptr) declaration.verify_copy = read_ranged(reader, *copy, side_files, why);
  if (source == nullptr)
    reader.complain(entry, "`source` of `verify` is missing; write both queries, or remove `verify`");
  if (copy == nullptr)
    reader.complain(entry, "`copy` of `verify` is missing; write both queries, or remove `verify`");
}

std::optional<OnlineDeclaration> read_declaration(const Reader& reader, const Entry& entry,
                                                  const SideFiles& side_files) {
  if (!reader.is_mapping(entry, "write table, key, batch and complete below it")) return std::nullopt;
  reader.check_keys(entry.value, declaration_keys, fmt::format("`online: {}`", entry.key));
  OnlineDeclaration declaration;
  declaration.place = reader.place(entry);
  for (const std::string& key : declaration_keys) {
    const Entry* value = entry.value.find(key);
    if (value == nullptr) {
      if (key != "verify") {
        reader.complain(entry,
                        fmt::format("`{}` of `online: {}` is missing; write `{}: …`", key, entry.key, key));
      }
    } else if (key == "table") {
      declaration.table = reader.text(*value).value_or("");
    } else if (key == "key") {
      declaration.key = read_key(reader, *value);
    } else if (key == "batch") {
      declaration.batch = read_ranged(reader, *value, side_files, "a batch works on one key range");
    } else if (key == "complete") {
      declaration.complete = read_sql(reader, *value, side_files).value_or(SqlText{});
      check_query(declaration.complete, key, reader.complaints());
      if (declaration.complete.text.find("$range") != std::string::npos) {
        reader.complain(*value, "`complete` is asked about the whole table; remove the range");
      }
    } else {
      read_comparison(reader, *value, side_files, declaration);
    }
  }
  return declaration;
}

/// The online function of version `number` that a script creates; empty when it creates none.
std::string created_function(const std::optional<SqlText>& script, int number) {
  if (!script || script->text.find("online_") == std::string::npos) return {};
  const std::string text = to_lower(sql::normalize(script->text));
  constexpr std::array<std::string_view, 2> directions{"migration", "downgrade"};
  constexpr std::array<std::string_view, 2> parts{"batch", "is_complete"};
  for (const std::string_view direction : directions) {
    for (const std::string_view part : parts) {
      std::string name = fmt::format("online_{}_v{}_{}", direction, number, part);
      for (const std::string_view schema : {"", "public."}) {
        if (text.find(fmt::format("function {}{}(", schema, name)) == std::string::npos) continue;
        for (const std::string_view verb : {"create", "create or replace"}) {
          if (text.find(fmt::format("{} function {}{}(", verb, schema, name)) != std::string::npos)
            return name;
        }
      }
    }
  }
  return {};
}

}  // namespace

void read_online(const Reader& reader, const Entry& entry, const SideFiles& side_files, Version& version) {
  if (!reader.is_mapping(entry, "write `migration:` or `downgrade:` below it")) return;
  reader.check_keys(entry.value, online_keys, "`online`");
  if (const Entry* migration = entry.value.find("migration")) {
    version.online_migration = read_declaration(reader, *migration, side_files);
  }
  if (const Entry* downgrade = entry.value.find("downgrade")) {
    version.online_downgrade = read_declaration(reader, *downgrade, side_files);
  }
  if (entry.value.entries.empty()) {
    reader.complain(entry, "`online` is empty; write `migration:` or `downgrade:`, or remove it");
  }
  for (const auto* script : {&version.migration_script, &version.downgrade_script}) {
    const std::string function = created_function(*script, version.number);
    if (function.empty()) continue;
    reader.complain(
        entry,
        fmt::format("`online` is declared, and a script creates {}; a version has one of the two ways, "
                    "remove the other",
                    function));
  }
}

}  // namespace dbtool::load
