#include <fmt/format.h>

#include "base/text.h"
#include "docs/html_parts.h"

namespace dbtool::docs {

namespace {

std::string change_html(const ChangesOfTable& group, const Reference& reference) {
  std::string details;
  for (const Phrase& detail : group.details) details += "<li>" + html(detail) + "</li>";
  if (group.table.empty()) return details;
  const std::string verb = group.made && group.dropped ? "makes and drops table "
                           : group.made                ? "makes table "
                           : group.dropped             ? "drops table "
                                                       : "table ";
  return "<li>" + verb + html_table_link(group.table, reference) +
         (details.empty() ? "" : "<ul>" + details + "</ul>") + "</li>\n";
}

std::string version_html(const VersionEntry& version, const Reference& reference) {
  const bool heavy = version.kind == "slow" || version.kind == "online" || version.kind == "statements";
  std::string text = fmt::format(
      "<details class=\"entry\" id=\"version-{0}\"><summary><b class=\"title\">{0}</b>{1}<span "
      "class=\"what\">{2}</span>"
      "</summary>\n<div class=\"body\">\n",
      version.number, html_badge(heavy ? "write" : "read", version.kind),
      html(phrase_of(version.description)));
  text += "<dl>";
  text += html_fact("what it does", html(phrase_of(version.description)));
  text += html_fact("estimate",
                    version.estimate.empty() ? "" : html(version.estimate) + " (sizes of schema/sizes.yml)");
  if (!version.release.empty())
    text += html_fact(
        "first needed by",
        fmt::format("<a href=\"#{}\">{}</a>", anchor("release", version.release), html(version.release)));
  text += html_fact("a downgrade loses", html(phrase_of(version.loses)));
  text += html_fact("file", "<code>" + html(version.file) + "</code>");
  text += "</dl>\n";
  std::string changes;
  for (const ChangesOfTable& group : by_table(version.changes)) changes += change_html(group, reference);
  if (version.not_parsed > 0)
    changes += "<li>" + count(static_cast<std::size_t>(version.not_parsed), "statement") +
               " that the parser does not know</li>";
  if (!changes.empty()) text += "<h4>Schema</h4>\n<ul>" + changes + "</ul>\n";
  const std::string functions = html_fact("defines", html_function_links(version.defined, reference)) +
                                html_fact("redefines", html_function_links(version.redefined, reference)) +
                                html_fact("deprecates", html_function_links(version.deprecated, reference));
  if (!functions.empty()) text += "<h4>Functions</h4>\n<dl>" + functions + "</dl>\n";
  return text + "</div></details>\n";
}

}  // namespace

std::string html_versions(const Reference& reference) {
  std::string text = fmt::format("<section id=\"versions\"><h2>Versions <small>{}</small></h2>\n",
                                 reference.versions.size());
  for (auto version = reference.versions.rbegin(); version != reference.versions.rend(); ++version)
    text += version_html(*version, reference);
  return text + "</section>\n";
}

std::string html_releases(const Reference& reference) {
  if (reference.releases.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> ids;
  for (auto release = reference.releases.rbegin(); release != reference.releases.rend(); ++release) {
    ids.push_back(anchor("release", release->name));
    rows.push_back({"<code>" + html(release->name) + "</code>", html_version_link(release->version),
                    database_versions(*release)});
  }
  return fmt::format(
             "<section id=\"releases\"><h2>Releases <small>{}</small></h2>\n<p class=\"dim\">A release runs "
             "on the "
             "database version that it needs and on later ones, until {} later.</p>\n",
             reference.releases.size(),
             count(static_cast<std::size_t>(reference.release_support), "major release")) +
         html_grid({"release", "needs version", "may run on"}, rows, ids) + "</section>\n";
}

}  // namespace dbtool::docs
