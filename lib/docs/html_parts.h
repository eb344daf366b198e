#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docs/page.h"

/// The parts of the HTML page.
namespace dbtool::docs {

extern const std::string_view html_style;  ///< CSS
extern const std::string_view
    html_script;  ///< JavaScript; without it the page is all there, but for the search

std::string html_overview(const Reference& reference, const std::string& svg);
std::string html_tables(const Reference& reference);
std::string html_functions(const Reference& reference);
std::string html_versions(const Reference& reference);
std::string html_releases(const Reference& reference);

/// What the search finds, as JSON that may stand between script tags: an array of [kind, name, hint, anchor].
std::string search_index(const Reference& reference);

/// `<a href="#table-tasks"><code>tasks</code></a>`; the code alone when there is no such table.
std::string html_table_link(const std::string& table, const Reference& reference);
std::string html_function_link(const std::string& function, const Reference& reference);
/// Several, with commas between them.
std::string html_table_links(const std::vector<std::string>& tables, const Reference& reference);
std::string html_function_links(const std::vector<std::string>& functions, const Reference& reference);
/// `<a href="#version-20">20</a>`; "" for 0.
std::string html_version_link(int version);

/// A table in a box that scrolls by itself. Cells are HTML; `ids` of the rows may be empty.
std::string html_grid(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                      const std::vector<std::string>& ids = {});
/// `<span class="badge CLASS">text</span>`.
std::string html_badge(std::string_view css_class, std::string_view text);
/// "<dt>…</dt><dd>…</dd>"; "" when the value is empty.
std::string html_fact(std::string_view name, const std::string& value);

}  // namespace dbtool::docs
