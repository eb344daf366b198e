#include <nlohmann/json.hpp>

#include "docs/html_parts.h"

namespace dbtool::docs {

std::string search_index(const Reference& reference) {
  auto index = nlohmann::json::array();
  const auto add = [&](const char* kind, const std::string& name, const std::string& hint,
                       const std::string& where) {
    index.push_back({kind, name, hint, where});
  };
  for (const TableEntry& table : reference.tables) {
    add("table", table.name, count(table.columns.size(), "column"), anchor("table", table.name));
    for (const ColumnEntry& column : table.columns) {
      const std::string name = table.name + "." + column.name;
      add("column", name, column.type, anchor("column", name));
    }
  }
  for (const std::string& service : reference.services) {
    const std::size_t functions = reference.functions_of(service).size();
    if (functions > 0)
      add("service", shown_service(service), count(functions, "function"), anchor("service", service));
  }
  for (const FunctionEntry& function : reference.functions)
    add("function", function.name, function.description, anchor("function", function.name));
  for (const VersionEntry& version : reference.versions)
    add("version", std::to_string(version.number), version.description,
        anchor("version", std::to_string(version.number)));
  for (const ReleaseEntry& release : reference.releases)
    add("release", release.name, "needs version " + std::to_string(release.version),
        anchor("release", release.name));
  // ASCII alone; `<` is escaped too, so that no text can end the script element.
  const std::string json = index.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  std::string safe;
  for (const char c : json) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return safe;
}

}  // namespace dbtool::docs
