#include <fmt/format.h>

#include "docs/diagram.h"
#include "docs/html_parts.h"

namespace dbtool::docs {

namespace {

std::string groups_html(const Reference& reference) {
  std::string text = "<div class=\"groups\">\n";
  for (const TableGroup& group : table_groups(reference)) {
    text += "<div class=\"group\"><h3>" + html(group.title) + "</h3><ul>";
    for (const TableEntry* table : group.tables)
      text += "<li>" + html_table_link(table->name, reference) + "</li>";
    text += "</ul></div>\n";
  }
  return text + "</div>\n";
}

std::string keys_html(const Reference& reference) {
  std::vector<std::vector<std::string>> rows;
  for (const ForeignKey& key : reference.foreign_keys())
    rows.push_back({html_table_link(key.table, reference), html(code_list(key.columns)),
                    "→ " + html_table_link(key.referenced, reference)});
  return rows.empty() ? "" : "<h3>Foreign keys</h3>\n" + html_grid({"table", "columns", "references"}, rows);
}

}  // namespace

std::string html_overview(const Reference& reference, const std::string& svg) {
  std::size_t deprecated = 0;
  for (const FunctionEntry& function : reference.functions)
    deprecated += function.deprecated_in != 0 ? 1U : 0U;
  std::string text = fmt::format(
      "<section id=\"overview\"><h1>{}</h1>\n<p>{}, {}{}, {}{}. As of version {}.</p>\n",
      html(shown_name(reference)), count(reference.tables.size(), "table"),
      count(reference.functions.size(), "function"),
      deprecated == 0 ? "" : fmt::format(" ({} deprecated)", deprecated),
      count(reference.versions.size(), "version"),
      reference.releases.empty() ? "" : ", " + count(reference.releases.size(), "release"), reference.newest);
  text +=
      "<h2>Tables by the service that may write them</h2>\n" + groups_html(reference) + keys_html(reference);
  if (!svg.empty())
    text += "<h3>Diagram</h3>\n<div class=\"scroll diagram\" tabindex=\"0\">" + svg + "</div>\n";
  return text + "</section>\n";
}

}  // namespace dbtool::docs
