#include <fmt/format.h>

#include "base/text.h"
#include "docs/markdown_parts.h"

namespace dbtool::docs {

namespace {

constexpr const char* up = "../";

std::string arguments_text(const FunctionEntry& function) {
  if (function.arguments.empty()) return "";
  std::string text = markdown_head({"argument", "type", "default"});
  for (const sql::Argument& argument : function.arguments) {
    const std::string mode = argument.mode == "in" ? "" : argument.mode + " ";
    text += markdown_row({mode + markdown_code(argument.name, Where::cell),
                          markdown_code(argument.type, Where::cell),
                          markdown_code(argument.default_text, Where::cell)});
  }
  return text + "\n";
}

std::string tables_text(const std::string& verb, const std::vector<std::string>& tables,
                        const Reference& reference) {
  if (tables.empty()) return "";
  std::vector<std::string> links;
  for (const std::string& table : tables) links.push_back(link_to_table(table, reference, up, Where::line));
  return fmt::format("- {} {}\n", verb, join(links, ", "));
}

std::string facts_text(const FunctionEntry& function, const Reference& reference) {
  std::string text;
  if (function.mode)
    text += fmt::format("- mode: {}\n", *function.mode == MethodMode::read ? "read" : "write");
  if (!function.returns.empty()) text += "- returns " + markdown_code(function.returns) + "\n";
  if (function.since != 0) text += "- since version " + link_to_version(function.since, up) + "\n";
  std::vector<std::string> redefined;
  for (const int version : function.redefined_in) redefined.push_back(link_to_version(version, up));
  if (!redefined.empty()) text += "- redefined in version " + join(redefined, ", ") + "\n";
  text += tables_text("writes", function.writes, reference);
  return text + tables_text("reads", function.reads, reference);
}

std::string function_text(const FunctionEntry& function, const Reference& reference) {
  std::string text = fmt::format("<a id=\"{}\"></a>\n\n## {}\n\n", anchor("function", function.name),
                                 markdown_code(function.name));
  if (const Phrase gone = deprecation(function, reference); !gone.empty())
    text += "**" + markdown(gone) + "**\n\n";
  if (!function.description.empty()) text += markdown(phrase_of(function.description)) + "\n\n";
  text += facts_text(function, reference) + "\n" + arguments_text(function);
  if (function.body.empty()) return text;
  return text + "<details>\n<summary>Body</summary>\n\n" + markdown_fence(function.body, "sql") +
         "\n</details>\n\n";
}

}  // namespace

std::string markdown_service(const std::string& service, const Reference& reference) {
  const auto functions = reference.functions_of(service);
  std::string text = fmt::format("# Functions of {}\n\n[All services]({}README.md)\n\n",
                                 service.empty() ? std::string("no service") : markdown_code(service), up);
  text += markdown_head({"function", "mode", "since", "what it does"});
  for (const FunctionEntry* function : functions) {
    std::string mode;
    if (function->mode) mode = *function->mode == MethodMode::read ? "read" : "write";
    if (function->deprecated_in != 0) mode += mode.empty() ? "deprecated" : ", deprecated";
    text += markdown_row({fmt::format("[{}](#{})", markdown_code(function->name, Where::cell),
                                      anchor("function", function->name)),
                          mode, link_to_version(function->since, up),
                          markdown(phrase_of(function->description), Where::cell)});
  }
  text += "\n";
  for (const FunctionEntry* function : functions) text += function_text(*function, reference);
  return text;
}

}  // namespace dbtool::docs
