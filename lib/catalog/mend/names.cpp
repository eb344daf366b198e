#include "catalog/mend/names.h"

#include <algorithm>

namespace dbtool::catalog::mending {
namespace {

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9') || c == '$';
}

bool is_operator(char c) {
  return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos;
}

/// Where the name that begins at `at` ends; `at` when none does.
std::size_t end_of_part(std::string_view text, std::size_t at) {
  if (at >= text.size()) return at;
  if (text[at] == '"') {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] != '"') continue;
      if (i + 1 < text.size() && text[i + 1] == '"') {
        ++i;
      } else {
        return i + 1;
      }
    }
    return at;
  }
  std::size_t end = at;
  if (starts_word(text[at])) {
    while (end < text.size() && continues_word(text[end])) ++end;
  }
  return end;
}

std::size_t end_of_operator(std::string_view text, std::size_t at) {
  while (at < text.size() && is_operator(text[at])) ++at;
  return at;
}

/// How quotes and parentheses stand as a text is walked along.
class Walk {
 public:
  bool is_outside() const { return quote_ == 0 && depth_ == 0; }
  void pass(char c) {
    if (quote_ != 0) {
      if (c == quote_) quote_ = 0;
    } else if (c == '\'' || c == '"') {
      quote_ = c;
    } else if (c == '(' || c == '[') {
      ++depth_;
    } else if (c == ')' || c == ']') {
      --depth_;
    }
  }

 private:
  char quote_ = 0;
  int depth_ = 0;
};

bool stands_in_a_whole(std::string_view kind) {
  static constexpr std::string_view kinds[] = {"column",  "constraint", "domain constraint",
                                               "trigger", "policy",     "rule"};
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

bool is_prose(std::string_view fact) {
  return fact == "body" || fact.starts_with("comment") || fact == "columns";
}

std::string before(std::string_view text, std::string_view word) {
  return std::string(text.substr(0, find_outside(text, word)));
}

std::string after(std::string_view text, std::string_view word) {
  const std::size_t at = find_outside(text, word);
  return at == std::string_view::npos ? "" : std::string(text.substr(at + word.size()));
}

/// Aggregates are called by their arguments with `order by`, and `*` where they have none.
std::string aggregate(const Object& object) {
  const std::string_view arguments = object.facts.text("arguments");
  return "aggregate " + object.identity.substr(0, object.identity.find('(')) + "(" +
         (arguments.empty() ? "*" : std::string(arguments)) + ")";
}

}  // namespace

std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = end_of_part(text, at);
    if (end == at) {
      ++at;
      continue;
    }
    names.emplace(text.substr(at, end - at));
    while (end < text.size() && text[end] == '.') {
      std::size_t next = end_of_part(text, end + 1);
      if (next == end + 1) next = end_of_operator(text, end + 1);
      if (next == end + 1) break;
      end = next;
      names.emplace(text.substr(at, end - at));
    }
    at = end;
  }
  return names;
}

std::size_t find_outside(std::string_view text, std::string_view word, std::size_t start) {
  Walk walk;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at >= start && walk.is_outside() && text.substr(at).starts_with(word)) return at;
    walk.pass(text[at]);
  }
  return std::string_view::npos;
}

std::vector<std::string> split_list(std::string_view list, std::string_view separator) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const std::size_t end = find_outside(list, separator);
    items.emplace_back(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + separator.size());
  }
  return items;
}

std::string key(const Object& object) {
  return object.kind + " " + object.identity;
}

std::string_view whole(const Object& object) {
  return stands_in_a_whole(object.kind) && !object.part_of.empty() ? std::string_view(object.part_of[0])
                                                                   : std::string_view();
}

std::string_view whole_name(const Object& object) {
  const std::string_view name = whole(object);
  for (const std::string_view kind :
       {"table ", "foreign table ", "materialized view ", "view ", "composite type ", "domain "}) {
    if (name.starts_with(kind)) return name.substr(kind.size());
  }
  return name;
}

std::string_view schema_of(std::string_view qualified) {
  const std::size_t end = end_of_part(qualified, 0);
  return end < qualified.size() && qualified[end] == '.' ? qualified.substr(0, end) : std::string_view();
}

std::string_view own_name(const Object& object) {
  const std::string_view identity = object.identity;
  const std::string_view outer = whole(object).empty() ? schema_of(identity) : whole_name(object);
  return outer.empty() ? identity : identity.substr(outer.size() + 1);
}

std::vector<std::string> called(const Object& object) {
  static constexpr std::string_view never[] = {
      "grant",         "default privileges", "trigger",           "policy",       "rule",
      "cast",          "transform",          "domain constraint", "user mapping", "security label",
      "event trigger", "publication table",  "publication schema"};
  if (std::find(std::begin(never), std::end(never), object.kind) != std::end(never)) return {};
  if (object.kind == "operator class" || object.kind == "operator family")
    return {before(object.identity, " using ")};
  if (object.kind == "constraint") {
    const std::string_view definition = object.facts.text("definition");
    if (definition.starts_with("FOREIGN KEY") || definition.starts_with("CHECK")) return {};
    return {std::string(schema_of(whole_name(object))) + "." + std::string(own_name(object))};
  }
  if (object.kind == "range type" && object.facts.contains("multirange type"))
    return {object.identity, object.facts.at("multirange type")};
  return {before(object.identity, "(")};
}

std::string bare_name(std::string_view name) {
  if (!name.starts_with('"')) return std::string(name);
  std::string bare;
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    bare += name[i];
    if (name[i] == '"') ++i;
  }
  return bare;
}

std::string noun(const Object& object) {
  const std::string& kind = object.kind;
  const std::string name(own_name(object));
  if (kind == "enum" || kind == "composite type" || kind == "range type" || kind == "multirange type" ||
      kind == "base type")
    return "type " + object.identity;
  if (kind == "trigger" || kind == "policy" || kind == "rule" || kind == "constraint")
    return kind + " " + name + " on " + std::string(whole_name(object));
  if (kind == "domain constraint")
    return "constraint " + name + " on domain " + std::string(whole_name(object));
  if (kind == "aggregate") return aggregate(object);
  if (kind == "cast") return "cast (" + object.identity + ")";
  if (kind == "transform")
    return "transform for " + before(object.identity, " in ") + " language " + after(object.identity, " in ");
  if (kind == "user mapping")
    return "user mapping for " + before(object.identity, " on ") + " server " +
           after(object.identity, " on ");
  return key(object);
}

std::string all_text(const Object& object) {
  std::string text;
  for (const auto& [name, value] : object.facts) {
    if (!is_prose(name)) text += value + "\n";
  }
  // What it is part of is not always in its facts: the table of a policy.
  for (const std::string& part : object.part_of) text += part + "\n";
  return text;
}

}  // namespace dbtool::catalog::mending
