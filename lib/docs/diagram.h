#pragma once

#include <string>

#include "docs/reference.h"

namespace dbtool::docs {

/// The tables with foreign keys, and the keys between them, as a Mermaid `erDiagram`; empty when there is no
/// key.
std::string mermaid_keys(const Reference& reference);

/// The tables under the services that may write them, as a Mermaid `flowchart`; a table that several may
/// write stands under "shared".
std::string mermaid_services(const Reference& reference);

/// The tables by service with their foreign keys, in the language of Graphviz.
std::string graphviz_source(const Reference& reference);

/// The tables by who writes them: service (or "shared", or "no service") → tables, in a fixed order.
struct TableGroup {
  std::string title;
  std::vector<const TableEntry*> tables;
};
std::vector<TableGroup> table_groups(const Reference& reference);

}  // namespace dbtool::docs
