#include "docs/diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace dbtool::docs {

namespace {

/// Text between quotation marks in Mermaid, which knows no backslash but entities, and reads its labels as
/// Markdown and HTML.
std::string mermaid_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '.' || c == ' ' || static_cast<unsigned char>(c) >= 0x80;
    out += safe ? std::string(1, c) : fmt::format("#{};", static_cast<int>(static_cast<unsigned char>(c)));
  }
  return out;
}

/// Names without meaning for the nodes: those of tables may be anything.
std::map<std::string, std::string> nodes_of(const Reference& reference) {
  std::map<std::string, std::string> nodes;
  for (const TableEntry& table : reference.tables)
    nodes.emplace(table.name, fmt::format("t{}", nodes.size() + 1));
  return nodes;
}

std::string dot_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += ' ';
    else
      out += c;
  }
  return "\"" + out + "\"";
}

}  // namespace

std::vector<TableGroup> table_groups(const Reference& reference) {
  std::map<std::string, TableGroup> by_service;
  TableGroup shared{"shared", {}};
  TableGroup nobody{"no service", {}};
  for (const TableEntry& table : reference.tables) {
    if (table.writers.size() > 1)
      shared.tables.push_back(&table);
    else if (table.writers.empty())
      nobody.tables.push_back(&table);
    else
      by_service[table.writers.front()].tables.push_back(&table);
  }
  std::vector<TableGroup> groups;
  for (auto& [service, group] : by_service) {
    group.title = service;
    groups.push_back(std::move(group));
  }
  if (!shared.tables.empty()) groups.push_back(std::move(shared));
  if (!nobody.tables.empty()) groups.push_back(std::move(nobody));
  return groups;
}

std::string mermaid_keys(const Reference& reference) {
  const auto nodes = nodes_of(reference);
  std::set<std::string> shown;
  std::string edges;
  for (const ForeignKey& key : reference.foreign_keys()) {
    const auto from = nodes.find(key.table);
    const auto to = nodes.find(key.referenced);
    if (from == nodes.end() || to == nodes.end()) continue;
    shown.insert(key.table);
    shown.insert(key.referenced);
    edges += fmt::format("  {} }}o--|| {} : \"{}\"\n", from->second, to->second,
                         mermaid_label(join(key.columns, ", ")));
  }
  if (edges.empty()) return "";
  std::string text = "erDiagram\n";
  for (const std::string& table : shown)
    text += fmt::format("  {}[\"{}\"]\n", nodes.at(table), mermaid_label(table));
  return text + edges;
}

std::string mermaid_services(const Reference& reference) {
  const auto nodes = nodes_of(reference);
  std::string text = "flowchart LR\n";
  std::size_t number = 0;
  for (const TableGroup& group : table_groups(reference)) {
    text += fmt::format("  subgraph s{}[\"{}\"]\n", ++number, mermaid_label(group.title));
    for (const TableEntry* table : group.tables)
      text += fmt::format("    {}[\"{}\"]\n", nodes.at(table->name), mermaid_label(table->name));
    text += "  end\n";
  }
  for (const ForeignKey& key : reference.foreign_keys()) {
    if (!nodes.contains(key.table) || !nodes.contains(key.referenced)) continue;
    text += fmt::format("  {} --> {}\n", nodes.at(key.table), nodes.at(key.referenced));
  }
  return text;
}

std::string graphviz_source(const Reference& reference) {
  std::string text =
      "digraph tables {\n"
      "  graph [rankdir=LR, fontname=\"sans-serif\", bgcolor=transparent]\n"
      "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11]\n"
      "  edge [fontname=\"sans-serif\", fontsize=9]\n";
  std::size_t number = 0;
  for (const TableGroup& group : table_groups(reference)) {
    text += fmt::format("  subgraph cluster_{} {{\n    label={}\n    style=rounded\n", ++number,
                        dot_text(group.title));
    for (const TableEntry* table : group.tables)
      text += fmt::format("    {} [URL={}]\n", dot_text(table->name),
                          dot_text("#" + anchor("table", table->name)));
    text += "  }\n";
  }
  for (const ForeignKey& key : reference.foreign_keys()) {
    if (reference.table(key.referenced) == nullptr) continue;
    text += fmt::format("  {} -> {} [label={}]\n", dot_text(key.table), dot_text(key.referenced),
                        dot_text(join(key.columns, ", ")));
  }
  return text + "}\n";
}

}  // namespace dbtool::docs
