#include <fmt/format.h>

#include "base/text.h"
#include "docs/markdown_parts.h"

namespace dbtool::docs {

namespace {

std::string changes_text(const VersionEntry& version, const Reference& reference) {
  std::string text;
  for (const ChangesOfTable& group : by_table(version.changes)) {
    std::vector<std::string> details;
    for (const Phrase& detail : group.details) details.push_back(markdown(detail));
    if (group.table.empty()) {
      for (const std::string& detail : details) text += "- " + detail + "\n";
      continue;
    }
    const std::string verb = group.made && group.dropped ? "makes and drops table"
                             : group.made                ? "makes table"
                             : group.dropped             ? "drops table"
                                                         : "table";
    text += fmt::format("- {} {}{}{}\n", verb, link_to_table(group.table, reference, "", Where::line),
                        details.empty() ? "" : ": ", join(details, "; "));
  }
  if (version.not_parsed > 0)
    text += fmt::format("- and {} that the parser does not know\n",
                        count(static_cast<std::size_t>(version.not_parsed), "statement"));
  return text;
}

std::string functions_text(const char* what, const std::vector<std::string>& names,
                           const Reference& reference) {
  if (names.empty()) return "";
  std::vector<std::string> links;
  for (const std::string& name : names) links.push_back(link_to_function(name, reference, "", Where::line));
  return fmt::format("- {}: {}\n", what, join(links, ", "));
}

std::string version_text(const VersionEntry& version, const Reference& reference) {
  std::string text = fmt::format("<a id=\"version-{0}\"></a>\n\n## Version {0}\n\n", version.number);
  if (!version.description.empty()) text += markdown(phrase_of(version.description)) + "\n\n";
  text += fmt::format("{} ({}).\n\n", markdown(version_summary(version)), markdown_code(version.file));
  text += changes_text(version, reference);
  text += functions_text("defines", version.defined, reference);
  text += functions_text("redefines", version.redefined, reference);
  text += functions_text("deprecates", version.deprecated, reference);
  if (!version.loses.empty()) text += "- a downgrade loses: " + markdown(phrase_of(version.loses)) + "\n";
  return text + "\n";
}

}  // namespace

std::string markdown_versions(const Reference& reference) {
  std::string text = "# Versions\n\n[All tables](README.md)\n\n" +
                     markdown_head({"version", "kind", "estimate", "release", "what it does"});
  for (auto version = reference.versions.rbegin(); version != reference.versions.rend(); ++version)
    text += markdown_row({fmt::format("[{0}](#version-{0})", version->number), version->kind,
                          version->estimate, markdown_code(version->release, Where::cell),
                          markdown(phrase_of(version->description), Where::cell)});
  text += "\n";
  for (auto version = reference.versions.rbegin(); version != reference.versions.rend(); ++version)
    text += version_text(*version, reference);
  return text;
}

}  // namespace dbtool::docs
