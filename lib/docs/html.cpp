#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "docs/html_parts.h"

namespace dbtool::docs {

namespace {

/// A SHA-256 in base64, as a content security policy names a script.
std::string base64_digest(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = sha256_hex(text);
  const auto digit = [&](std::size_t at) -> std::uint32_t {
    const char c = at < hex.size() ? hex[at] : '0';
    return static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  std::string out;
  // Three digits of four bits are two letters of six.
  for (std::size_t at = 0; at < hex.size(); at += 3) {
    const std::uint32_t bits = digit(at) << 8U | digit(at + 1) << 4U | digit(at + 2);
    out += letters[bits >> 6U];
    if (at + 1 < hex.size()) out += letters[bits & 63U];
  }
  while (out.size() % 4 != 0) out += '=';
  return out;
}

/// Nothing is loaded from anywhere, and no script runs but the page's own, whatever a description says.
std::string policy() {
  return fmt::format(
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action "
      "'none'",
      base64_digest(html_script));
}

std::string side_list(const Reference& reference) {
  std::string text = "<h2>Tables</h2><ul>";
  for (const TableEntry& table : reference.tables)
    text += "<li>" + html_table_link(table.name, reference) + "</li>";
  text += "</ul><h2>Functions of</h2><ul>";
  for (const std::string& service : reference.services) {
    const std::size_t functions = reference.functions_of(service).size();
    if (functions == 0) continue;
    text += fmt::format("<li><a href=\"#{}\">{}</a> <small>{}</small></li>", anchor("service", service),
                        html(shown_service(service)), functions);
  }
  return text + "</ul>";
}

std::string header(const Reference& reference) {
  const std::string releases = reference.releases.empty() ? "" : "<a href=\"#releases\">Releases</a>";
  return fmt::format(R"html(<header>
<div class="bar"><a class="name" href="#overview">{}</a><span class="at">version {}</span>
<nav aria-label="Sections"><a href="#tables">Tables</a><a href="#functions">Functions</a><a href="#versions">Versions</a>{}</nav></div>
<div class="search" role="search"><input id="search" type="search" placeholder="Search everything ( / )" aria-label="Search" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false" aria-controls="results" aria-autocomplete="list"><ul id="results" role="listbox" aria-label="Results" hidden></ul></div>
</header>
)html",
                     html(shown_name(reference)), reference.newest, releases);
}

}  // namespace

std::string html_table_link(const std::string& table, const Reference& reference) {
  std::string name = "<code>" + html(table) + "</code>";
  if (reference.table(table) == nullptr) return name;
  return fmt::format("<a href=\"#{}\">{}</a>", anchor("table", table), name);
}

std::string html_function_link(const std::string& function, const Reference& reference) {
  std::string name = "<code>" + html(function) + "</code>";
  if (reference.function(function) == nullptr) return name;
  return fmt::format("<a href=\"#{}\">{}</a>", anchor("function", function), name);
}

std::string html_table_links(const std::vector<std::string>& tables, const Reference& reference) {
  std::vector<std::string> links;
  for (const std::string& table : tables) links.push_back(html_table_link(table, reference));
  return join(links, ", ");
}

std::string html_function_links(const std::vector<std::string>& functions, const Reference& reference) {
  std::vector<std::string> links;
  for (const std::string& function : functions) links.push_back(html_function_link(function, reference));
  return join(links, ", ");
}

std::string html_version_link(int version) {
  return version == 0 ? "" : fmt::format("<a href=\"#version-{0}\">{0}</a>", version);
}

std::string html_grid(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                      const std::vector<std::string>& ids) {
  std::string text = "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>";
  for (const std::string& cell : head) text += "<th>" + cell + "</th>";
  text += "</tr></thead><tbody>\n";
  for (std::size_t row = 0; row < rows.size(); ++row) {
    text += row < ids.size() ? "<tr id=\"" + ids[row] + "\">" : "<tr>";
    for (const std::string& cell : rows[row]) text += "<td>" + cell + "</td>";
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string html_badge(std::string_view css_class, std::string_view text) {
  return fmt::format("<span class=\"badge {}\">{}</span>", css_class, html(text));
}

std::string html_fact(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
}

std::string html_page(const Reference& reference, const std::string& svg) {
  const std::string title = html(shown_name(reference));
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<!-- {} -->\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}, version "
      "{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n",
      marker, policy(), title, reference.newest, html_style);
  page += header(reference);
  page +=
      "<div class=\"page\">\n<aside aria-label=\"Contents\">" + side_list(reference) + "</aside>\n<main>\n";
  page += html_overview(reference, svg) + html_tables(reference) + html_functions(reference) +
          html_versions(reference) + html_releases(reference);
  page += "</main>\n</div>\n<script type=\"application/json\" id=\"search-index\">" +
          search_index(reference) + "</script>\n<script>";
  page += html_script;
  return page + "</script>\n</body>\n</html>\n";
}

}  // namespace dbtool::docs
