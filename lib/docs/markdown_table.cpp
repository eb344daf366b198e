#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "docs/markdown_parts.h"

namespace dbtool::docs {

namespace {

constexpr const char* up = "../";

bool contains(const std::vector<std::string>& list, const std::string& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

/// What a column is part of, in a few words.
std::string markdown_keys_of(const ColumnEntry& column, const TableEntry& table, const Reference& reference) {
  std::vector<std::string> parts;
  if (contains(table.primary_key, column.name)) parts.emplace_back("primary key");
  for (const ForeignKey& key : table.foreign_keys)
    if (contains(key.columns, column.name))
      parts.push_back("→ " + link_to_table(key.referenced, reference, up, Where::cell));
  return join(parts, ", ");
}

std::string columns_text(const TableEntry& table, const Reference& reference) {
  const bool commented = std::any_of(table.columns.begin(), table.columns.end(),
                                     [](const ColumnEntry& one) { return !one.comment.empty(); });
  std::vector<std::string> head{"column", "type", "null", "value", "key", "since"};
  if (commented) head.emplace_back("comment");
  std::string text = "## Columns\n\n" + markdown_head(head);
  for (const ColumnEntry& column : table.columns) {
    std::vector<std::string> cells{
        markdown_code(column.name, Where::cell),    markdown_code(column.type, Where::cell),
        column.not_null ? "not null" : "",          markdown_code(column.value, Where::cell),
        markdown_keys_of(column, table, reference), link_to_version(column.since, up)};
    if (commented) cells.push_back(markdown(phrase_of(column.comment), Where::cell));
    text += markdown_row(cells);
  }
  return text + "\n";
}

std::string indexes_text(const TableEntry& table) {
  if (table.indexes.empty()) return "";
  std::string text = "## Indexes\n\n" + markdown_head({"index", "columns", "", "since"});
  for (const IndexEntry& index : table.indexes) {
    const std::string columns = index.definition.empty() ? markdown(code_list(index.columns), Where::cell)
                                                         : markdown_code(index.definition, Where::cell);
    text += markdown_row({markdown_code(index.name, Where::cell), columns, index.unique ? "unique" : "",
                          link_to_version(index.since, up)});
  }
  return text + "\n";
}

std::string constraints_text(const TableEntry& table) {
  if (table.constraints.empty()) return "";
  std::string text = "## Keys and constraints\n\n" + markdown_head({"constraint", "definition", "since"});
  for (const ConstraintEntry& one : table.constraints)
    text += markdown_row({markdown_code(one.name, Where::cell), markdown_code(one.definition, Where::cell),
                          link_to_version(one.since, up)});
  return text + "\n";
}

std::string foreign_keys_text(const std::string& title, const std::vector<ForeignKey>& keys, bool incoming,
                              const Reference& reference) {
  if (keys.empty()) return "";
  std::string text = "## " + title + "\n\n";
  for (const ForeignKey& key : keys) {
    const std::string& other = incoming ? key.table : key.referenced;
    text += fmt::format("- {}: {} {} {}", markdown_code(key.name), markdown(code_list(key.columns)),
                        incoming ? "of" : "→", link_to_table(other, reference, up, Where::line));
    if (!incoming && !key.referenced_columns.empty())
      text += " (" + markdown(code_list(key.referenced_columns)) + ")";
    text += "\n";
  }
  return text + "\n";
}

std::string functions_text(const TableEntry& table, const Reference& reference) {
  if (table.written_by.empty() && table.read_by.empty()) return "";
  std::string text =
      "## Functions\n\nWhose statements name the table; SQL that is put together at run time is not looked "
      "into.\n\n";
  const auto add = [&](const char* what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::vector<std::string> links;
    for (const std::string& name : names) links.push_back(link_to_function(name, reference, up, Where::line));
    text += fmt::format("- {}: {}\n", what, join(links, ", "));
  };
  add("write", table.written_by);
  add("read", table.read_by);
  return text + "\n";
}

}  // namespace

std::string markdown_table(const TableEntry& table, const Reference& reference) {
  std::string text =
      fmt::format("# Table {}\n\n[All tables]({}README.md)\n\n", markdown_code(table.name), up);
  if (!table.comment.empty()) text += markdown(phrase_of(table.comment)) + "\n\n";
  const auto services = [](const std::vector<std::string>& names) {
    return names.empty() ? std::string("no service") : markdown(code_list(names));
  };
  text += "- may write: " + services(table.writers) + "\n";
  if (!table.readers.empty()) text += "- may read: " + services(table.readers) + "\n";
  if (table.made_in != 0) text += "- made in version " + link_to_version(table.made_in, up) + "\n";
  if (table.changed_in != 0)
    text += "- last changed in version " + link_to_version(table.changed_in, up) + "\n";
  if (table.size) text += "- " + markdown(size_text(*table.size)) + "\n";
  if (!table.partitions.empty()) text += "- partitions: " + markdown(code_list(table.partitions)) + "\n";
  text += "\n" + columns_text(table, reference) + constraints_text(table) + indexes_text(table);
  text += foreign_keys_text("Foreign keys", table.foreign_keys, false, reference);
  text += foreign_keys_text("Referenced by", table.referenced_by, true, reference);
  return text + functions_text(table, reference);
}

}  // namespace dbtool::docs
