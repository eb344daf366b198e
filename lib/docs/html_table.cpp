#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "docs/html_parts.h"

namespace dbtool::docs {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

std::string html_keys_of(const ColumnEntry& column, const TableEntry& table, const Reference& reference) {
  std::vector<std::string> parts;
  if (contains(table.primary_key, column.name)) parts.push_back(html_badge("key", "primary key"));
  for (const ForeignKey& key : table.foreign_keys)
    if (contains(key.columns, column.name))
      parts.push_back("→ " + html_table_link(key.referenced, reference));
  return join(parts, " ");
}

std::string columns_html(const TableEntry& table, const Reference& reference) {
  // A column of the grid that would be empty all the way down only takes room.
  const auto any = [&](auto has) { return std::any_of(table.columns.begin(), table.columns.end(), has); };
  const bool valued = any([](const ColumnEntry& one) { return !one.value.empty(); });
  const bool commented = any([](const ColumnEntry& one) { return !one.comment.empty(); });
  std::vector<std::string> head{"column", "type"};
  if (valued) head.emplace_back("value");
  head.insert(head.end(), {"key", "since"});
  if (commented) head.emplace_back("comment");
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> ids;
  for (const ColumnEntry& column : table.columns) {
    ids.push_back(anchor("column", table.name + "." + column.name));
    const std::string null = column.not_null ? "<span class=\"dim\">not null</span>" : "null";
    std::vector<std::string> cells{"<code>" + html(column.name) + "</code>",
                                   "<code>" + html(column.type) + "</code> " + null};
    if (valued) cells.push_back(column.value.empty() ? "" : "<code>" + html(column.value) + "</code>");
    cells.push_back(html_keys_of(column, table, reference));
    cells.push_back(html_version_link(column.since));
    if (commented) cells.push_back(html(phrase_of(column.comment)));
    rows.push_back(std::move(cells));
  }
  return html_grid(head, rows, ids);
}

std::string constraints_html(const TableEntry& table) {
  if (table.constraints.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const ConstraintEntry& one : table.constraints)
    rows.push_back({"<code>" + html(one.name) + "</code>", "<code>" + html(one.definition) + "</code>",
                    html_version_link(one.since)});
  return "<h4>Keys and constraints</h4>\n" + html_grid({"name", "definition", "since"}, rows);
}

std::string indexes_html(const TableEntry& table) {
  if (table.indexes.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const IndexEntry& index : table.indexes)
    rows.push_back({"<code>" + html(index.name) + "</code>",
                    (index.unique ? html_badge("key", "unique") + " " : "") +
                        (index.definition.empty() ? html(code_list(index.columns))
                                                  : "<code>" + html(index.definition) + "</code>"),
                    html_version_link(index.since)});
  return "<h4>Indexes</h4>\n" + html_grid({"name", "columns", "since"}, rows);
}

std::string foreign_keys_html(const TableEntry& table, const Reference& reference) {
  std::vector<std::vector<std::string>> rows;
  for (const ForeignKey& key : table.foreign_keys)
    rows.push_back(
        {"<code>" + html(key.name) + "</code>", html(code_list(key.columns)) + " →",
         html_table_link(key.referenced, reference) +
             (key.referenced_columns.empty() ? "" : " " + html(code_list(key.referenced_columns)))});
  for (const ForeignKey& key : table.referenced_by)
    rows.push_back({"<code>" + html(key.name) + "</code>", "← " + html(code_list(key.columns)),
                    html_table_link(key.table, reference)});
  return rows.empty() ? "" : "<h4>Foreign keys</h4>\n" + html_grid({"name", "columns", "table"}, rows);
}

std::string functions_html(const TableEntry& table, const Reference& reference) {
  if (table.written_by.empty() && table.read_by.empty()) return "";
  return fmt::format(
      "<details class=\"inner\"><summary>{} name it</summary>\n<p class=\"dim\">In their statements; SQL "
      "that is "
      "put together at run time is not looked into.</p>\n<dl>{}{}</dl></details>\n",
      count(table.written_by.size() + table.read_by.size(), "function"),
      html_fact("write", html_function_links(table.written_by, reference)),
      html_fact("read", html_function_links(table.read_by, reference)));
}

std::string table_html(const TableEntry& table, const Reference& reference) {
  std::string text = fmt::format(
      "<details class=\"entry\" id=\"{}\"><summary><code class=\"title\">{}</code><span class=\"what\">{} · "
      "{}</span>"
      "</summary>\n<div class=\"body\">\n",
      anchor("table", table.name), html(table.name), count(table.columns.size(), "column"),
      table.writers.empty() ? "no service writes it" : html(join(table.writers, ", ")));
  if (!table.comment.empty()) text += "<p>" + html(phrase_of(table.comment)) + "</p>\n";
  text += "<dl>";
  text += html_fact("may write", table.writers.empty() ? "no service" : html(code_list(table.writers)));
  text += html_fact("may read", html(code_list(table.readers)));
  text += html_fact("made in version", html_version_link(table.made_in));
  text += html_fact("changed in version", html_version_link(table.changed_in));
  if (table.size) text += html_fact("size", html(size_text(*table.size)));
  text += html_fact("partitions", html(code_list(table.partitions)));
  text += "</dl>\n" + columns_html(table, reference) + constraints_html(table) + indexes_html(table) +
          foreign_keys_html(table, reference) + functions_html(table, reference);
  return text + "</div></details>\n";
}

}  // namespace

std::string html_tables(const Reference& reference) {
  std::string text =
      fmt::format("<section id=\"tables\"><h2>Tables <small>{}</small></h2>\n", reference.tables.size());
  for (const TableEntry& table : reference.tables) text += table_html(table, reference);
  return text + "</section>\n";
}

}  // namespace dbtool::docs
