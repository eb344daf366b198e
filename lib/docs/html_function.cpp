#include <fmt/format.h>

#include "base/text.h"
#include "docs/html_parts.h"

namespace dbtool::docs {

namespace {

std::string badges_of(const FunctionEntry& function) {
  std::string text;
  if (function.mode) {
    const bool read = *function.mode == MethodMode::read;
    text += html_badge(read ? "read" : "write", read ? "read" : "write");
  }
  if (function.deprecated_in != 0) text += html_badge("gone", "deprecated");
  return text;
}

std::string arguments_html(const FunctionEntry& function) {
  if (function.arguments.empty())
    return function.args.empty() ? "" : "<pre>" + html(function.args) + "</pre>\n";
  bool with_default = false;
  for (const sql::Argument& argument : function.arguments)
    with_default = with_default || argument.has_default;
  std::vector<std::string> head{"argument", "type"};
  if (with_default) head.emplace_back("default");
  std::vector<std::vector<std::string>> rows;
  for (const sql::Argument& argument : function.arguments) {
    std::vector<std::string> cells{
        (argument.mode == "in" ? "" : argument.mode + " ") + "<code>" + html(argument.name) + "</code>",
        "<code>" + html(argument.type) + "</code>"};
    if (with_default)
      cells.push_back(argument.has_default ? "<code>" + html(argument.default_text) + "</code>" : "");
    rows.push_back(std::move(cells));
  }
  return html_grid(head, rows);
}

std::string links_to_versions(const std::vector<int>& versions) {
  std::vector<std::string> links;
  for (const int version : versions) links.push_back(html_version_link(version));
  return join(links, ", ");
}

std::string function_html(const FunctionEntry& function, const Reference& reference) {
  const std::string description = html(phrase_of(function.description));
  std::string text = fmt::format(
      "<details class=\"entry{}\" id=\"{}\"><summary><code class=\"title\">{}</code>{}<span "
      "class=\"what\">{}</span>"
      "</summary>\n<div class=\"body\">\n",
      function.deprecated_in != 0 ? " old" : "", anchor("function", function.name), html(function.name),
      badges_of(function), description);
  if (const Phrase gone = deprecation(function, reference); !gone.empty())
    text += "<p class=\"warn\">" + html(gone) + "</p>\n";
  if (!description.empty()) text += "<p>" + description + "</p>\n";
  text += arguments_html(function) + "<dl>";
  if (!function.returns.empty()) text += html_fact("returns", "<code>" + html(function.returns) + "</code>");
  text += html_fact("since version", html_version_link(function.since));
  text += html_fact("redefined in version", links_to_versions(function.redefined_in));
  text += html_fact("writes", html_table_links(function.writes, reference));
  text += html_fact("reads", html_table_links(function.reads, reference));
  text += "</dl>\n";
  if (!function.body.empty())
    text += "<details class=\"inner\"><summary>body</summary><pre tabindex=\"0\">" + html(function.body) +
            "</pre></details>\n";
  return text + "</div></details>\n";
}

}  // namespace

std::string html_functions(const Reference& reference) {
  std::string text = fmt::format("<section id=\"functions\"><h2>Functions <small>{}</small></h2>\n",
                                 reference.functions.size());
  for (const std::string& service : reference.services) {
    const auto functions = reference.functions_of(service);
    if (functions.empty()) continue;
    text += fmt::format("<h3 id=\"{}\">{} <small>{}</small></h3>\n", anchor("service", service),
                        html(shown_service(service)), functions.size());
    for (const FunctionEntry* function : functions) text += function_html(*function, reference);
  }
  return text + "</section>\n";
}

}  // namespace dbtool::docs
