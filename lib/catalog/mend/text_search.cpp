#include <map>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"

namespace dbtool::catalog::mending {
namespace {

/// `create KIND NAME (word = fact, …);` of the facts that are there.
struct Part {
  const char* word;
  const char* fact;
};

std::string create(const Object& object, const std::vector<Part>& parts) {
  std::vector<std::string> list;
  for (const Part& part : parts) {
    if (object.facts.contains(part.fact)) list.push_back(std::string(part.word) + object.facts.at(part.fact));
  }
  return "create " + object.kind + " " + object.identity + " (" + join(list, ", ") + ");";
}

std::string create_parser(const Object& object, Context&) {
  return create(object, {{"start = ", "start"},
                         {"gettoken = ", "token"},
                         {"end = ", "end"},
                         {"lextypes = ", "types"},
                         {"headline = ", "headline"}});
}

std::string create_template(const Object& object, Context&) {
  return create(object, {{"init = ", "init"}, {"lexize = ", "lexize"}});
}

std::string create_dictionary(const Object& object, Context&) {
  return create(object, {{"template = ", "template"}, {"", "options"}});
}

void alter_dictionary(Alteration& change) {
  if (change.differs("template")) return change.remake();
  if (!change.take("options")) return;
  const auto name = [](const std::string& item) { return item.substr(0, find_outside(item, " = ")); };
  const std::vector<std::string> wanted = split_list(change.wanted("options"));
  std::set<std::string> kept;
  for (const std::string& item : wanted) kept.insert(name(item));
  std::vector<std::string> list;
  // Without a value, an option goes back to what is usual; all others come in the order that is expected.
  for (const std::string& item : split_list(change.found("options"))) {
    if (!kept.contains(name(item))) list.push_back(name(item));
  }
  list.insert(list.end(), wanted.begin(), wanted.end());
  change.run("alter " + noun(change.expected) + " (" + join(list, ", ") + ");");
}

std::map<std::string, std::string> mapping(std::string_view fact) {
  std::map<std::string, std::string> tokens;
  for (const std::string& item : split_list(fact, "; ")) {
    const std::size_t at = item.find(": ");
    tokens[item.substr(0, at)] = item.substr(at + 2);
  }
  return tokens;
}

std::string change_mapping(const Object& object, std::string_view from, std::string_view to) {
  const auto there = mapping(from);
  const auto wanted = mapping(to);
  const std::string head = "alter " + noun(object);
  std::vector<std::string> statements;
  for (const auto& [token, dictionaries] : there) {
    if (!wanted.contains(token)) statements.push_back(head + " drop mapping for " + token + ";");
  }
  for (const auto& [token, dictionaries] : wanted) {
    const auto old = there.find(token);
    if (old != there.end() && old->second == dictionaries) continue;
    statements.push_back(head + (old == there.end() ? " add" : " alter") + " mapping for " + token +
                         " with " + dictionaries + ";");
  }
  return join(statements, "\n");
}

std::string create_configuration(const Object& object, Context&) {
  std::string sql = create(object, {{"parser = ", "parser"}});
  if (object.facts.contains("mapping")) sql += "\n" + change_mapping(object, "", object.facts.at("mapping"));
  return sql;
}

void alter_configuration(Alteration& change) {
  if (change.differs("parser")) return change.remake();
  if (change.take("mapping"))
    change.run(change_mapping(change.expected, change.found("mapping"), change.wanted("mapping")));
}

}  // namespace

const std::vector<Kind>& text_search_kinds() {
  static const std::vector<Kind> kinds{
      {"text search parser", phase_of_functions, create_parser, nullptr, nullptr},
      {"text search template", phase_of_functions, create_template, nullptr, nullptr},
      {"text search dictionary", phase_server, create_dictionary, nullptr, alter_dictionary},
      {"text search configuration", phase_sequence, create_configuration, nullptr, alter_configuration}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
