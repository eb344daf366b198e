#pragma once

#include <string>
#include <vector>

#include "docs/page.h"

/// The Markdown pages one by one, without the marker.
namespace dbtool::docs {

std::string markdown_index(const Reference& reference, const Beside& beside);
std::string markdown_diagram(const Reference& reference, const Beside& beside);
std::string markdown_table(const TableEntry& table, const Reference& reference);
std::string markdown_service(const std::string& service, const Reference& reference);
std::string markdown_versions(const Reference& reference);
std::string markdown_releases(const Reference& reference);

std::string table_file(const std::string& table);      ///< "tables/tasks.md"
std::string service_file(const std::string& service);  ///< "functions/queue.md"

/// A link whose text is code; `from` is the way to the top from the page that holds it: "" or "../".
std::string link_to_table(const std::string& table, const Reference& reference, const std::string& from,
                          Where where);
std::string link_to_function(const std::string& function, const Reference& reference, const std::string& from,
                             Where where);
/// "[20](versions.md#version-20)"; "" for 0.
std::string link_to_version(int version, const std::string& from);

/// A row of a Markdown table.
std::string markdown_row(const std::vector<std::string>& cells);
/// The same with the line below it that makes it the head.
std::string markdown_head(const std::vector<std::string>& cells);

}  // namespace dbtool::docs
