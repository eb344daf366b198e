#pragma once

#include <string>
#include <vector>

#include "docs/reference.h"

namespace dbtool::docs {

/// A file to be written.
struct Page {
  std::string file;  ///< relative to the directory of the pages
  std::string contents;
};

/// What every file that dbtool writes here holds at its beginning, so that it is known again.
inline constexpr std::string_view marker = "Written by dbtool docs; the next run replaces this file.";

/// What lies beside the Markdown pages, for them to link to.
struct Beside {
  bool html = true;  ///< index.html
  bool svg = false;  ///< diagram.svg
};

/// README.md (the index), diagram.md, tables/NAME.md, functions/SERVICE.md, versions.md, releases.md; each
/// begins with the marker.
std::vector<Page> markdown_pages(const Reference& reference, const Beside& beside);

/// The same in one page of HTML that needs nothing else, with a search; `svg`: a drawing of the tables to put
/// in, may be empty.
std::string html_page(const Reference& reference, const std::string& svg);

/// What is shown for a function without a service, and for an environment without a name.
std::string shown_service(const std::string& service);
std::string shown_name(const Reference& reference);

/// Since when a function is deprecated, and until when it must go on working; empty when it is not.
Phrase deprecation(const FunctionEntry& function, const Reference& reference);
/// "quick; first needed by release v37.0.0".
Phrase version_summary(const VersionEntry& version);
/// "18 – 26", "30 and later".
std::string database_versions(const ReleaseEntry& release);
/// "about 28 million rows, 50.4 GB (schema/sizes.yml)".
std::string size_text(const TableSize& size);

/// What a version does, grouped by table; the tables in the order of the script.
struct ChangesOfTable {
  std::string table;  ///< empty: what belongs to none
  bool made = false;
  bool dropped = false;
  std::vector<Phrase> details;
};
std::vector<ChangesOfTable> by_table(const std::vector<Change>& changes);

}  // namespace dbtool::docs
