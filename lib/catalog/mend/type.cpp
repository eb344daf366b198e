#include <algorithm>
#include <map>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

std::string create_enum(const Object& type, Context&) {
  return "create type " + type.identity + " as enum (" + std::string(type.facts.text("labels")) + ");";
}

/// New labels where the others stay in their order; nothing when a label went or moved.
std::vector<std::string> added_labels(const std::string& type, const std::vector<std::string>& wanted,
                                      const std::vector<std::string>& found) {
  std::vector<std::string> statements;
  std::size_t next = 0;
  std::string previous;
  for (const std::string& label : wanted) {
    if (next < found.size() && label == found[next]) {
      ++next;
    } else if (next < found.size()) {
      statements.push_back("alter type " + type + " add value " + label + " before " + found[next] + ";");
    } else {
      statements.push_back("alter type " + type + " add value " + label + ";");
    }
  }
  return next == found.size() ? statements : std::vector<std::string>();
}

/// One label that has another name, at the same place.
std::string renamed_label(const std::string& type, const std::vector<std::string>& wanted,
                          const std::vector<std::string>& found) {
  if (wanted.size() != found.size()) return "";
  std::string sql;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == found[i]) continue;
    if (!sql.empty() || std::find(wanted.begin(), wanted.end(), found[i]) != wanted.end()) return "";
    sql = "alter type " + type + " rename value " + found[i] + " to " + wanted[i] + ";";
  }
  return sql;
}

void alter_enum(Alteration& change) {
  if (!change.take("labels")) return;
  const std::string& name = change.expected.identity;
  const std::vector<std::string> wanted = split_list(change.wanted("labels"));
  const std::vector<std::string> found = split_list(change.found("labels"));
  if (const std::string sql = renamed_label(name, wanted, found); !sql.empty()) {
    change.run(sql);
    change.warn("reads as a label with another name: rows that hold the old one show the new one");
    return;
  }
  const std::vector<std::string> added = added_labels(name, wanted, found);
  // A label cannot be taken from an enum, nor moved in it.
  if (added.empty()) return change.remake();
  for (const std::string& sql : added) change.run(sql);
  change.part = Mend::Part::first;
}

/// The constraint has a name from server 18 on.
std::string comment_on_not_null(const Object& domain) {
  const std::string_view not_null = domain.facts.text("not null");
  const std::size_t at = not_null.find("constraint ");
  const std::string name = at != std::string_view::npos
                               ? std::string(not_null.substr(at + 11))
                               : pg::quote_identifier(bare_name(own_name(domain)) + "_not_null");
  const std::string_view text = domain.facts.text("comment on not null");
  return "comment on constraint " + name + " on domain " + domain.identity + " is " +
         (text.empty() ? "null" : pg::quote_literal(std::string(text))) + ";";
}

std::string create_domain(const Object& domain, Context&) {
  const Facts& facts = domain.facts;
  std::string sql = "create domain " + domain.identity + " as " + facts.at("type");
  if (facts.contains("collation")) sql += " collate " + facts.at("collation");
  if (facts.contains("default")) sql += " default " + facts.at("default");
  if (const std::string_view not_null = facts.text("not null"); !not_null.empty()) {
    if (const std::size_t at = not_null.find("constraint "); at != std::string_view::npos)
      sql += " " + std::string(not_null.substr(at));
    sql += " not null";
  }
  sql += ";";
  return facts.contains("comment on not null") ? sql + "\n" + comment_on_not_null(domain) : sql;
}

void alter_domain(Alteration& change) {
  if (change.differs("type") || change.differs("collation")) return change.remake();
  const std::string head = "alter domain " + change.expected.identity;
  if (change.take("default")) {
    const std::string value = change.wanted("default");
    change.run(head + (value.empty() ? " drop default;" : " set default " + value + ";"));
  }
  if (change.take("not null")) {
    const std::string wanted = change.wanted("not null");
    if (!change.found("not null").empty()) change.run(head + " drop not null;");
    if (const std::size_t at = wanted.find("constraint "); at != std::string::npos) {
      change.run(head + " add " + wanted.substr(at) + " not null;");
    } else if (!wanted.empty()) {
      change.run(head + " set not null;");
    }
    if (!wanted.empty()) change.warn("reads all tables with columns of the domain");
    if (change.expected.facts.contains("comment on not null"))
      change.run(comment_on_not_null(change.expected));
    change.take("comment on not null");
  }
  if (change.take("comment on not null")) change.run(comment_on_not_null(change.expected));
}

std::string domain_head(const Object& constraint) {
  return "alter domain " + std::string(whole_name(constraint));
}
std::string create_domain_constraint(const Object& constraint, Context&) {
  return domain_head(constraint) + " add constraint " + std::string(own_name(constraint)) + " " +
         constraint.facts.at("definition") + (constraint.facts.contains("validated") ? " not valid;" : ";");
}
std::string drop_domain_constraint(const Object& constraint, Context&) {
  return domain_head(constraint) + " drop constraint " + std::string(own_name(constraint)) + ";";
}
void alter_domain_constraint(Alteration& change) {
  if (change.differs("definition") || change.expected.facts.contains("validated")) return change.remake();
  if (change.take("validated"))
    change.run(domain_head(change.expected) + " validate constraint " +
               std::string(own_name(change.expected)) + ";");
}

std::string create_composite(const Object& type, Context&) {
  return "create type " + type.identity + " as (" + std::string(type.facts.text("attributes")) + ");";
}

/// The name at the head of `name type`.
std::string attribute_name(const std::string& attribute) {
  return attribute.substr(0, find_outside(attribute, " "));
}

void alter_composite(Alteration& change) {
  if (!change.take("attributes")) return;
  const std::string head = "alter type " + change.expected.identity;
  std::vector<std::string> wanted = split_list(change.wanted("attributes"));
  std::vector<std::string> names;
  std::map<std::string, std::string> there;
  for (const std::string& item : wanted) names.push_back(attribute_name(item));
  std::vector<std::string> order;
  for (const std::string& item : split_list(change.found("attributes"))) {
    const std::string name = attribute_name(item);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      change.run(head + " drop attribute " + name + ";");
      change.loses_data = true;
    } else {
      there[name] = item.substr(name.size() + 1);
      order.push_back(name);
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string type = wanted[i].substr(names[i].size() + 1);
    const auto old = there.find(names[i]);
    if (old == there.end()) {
      change.run(head + " add attribute " + wanted[i] + ";");
      order.push_back(names[i]);
    } else if (old->second != type) {
      change.run(head + " alter attribute " + names[i] + " type " + type + ";");
    }
  }
  if (order != names) {
    change.sql.clear();
    change.loses_data = false;
    return change.remake();
  }
  change.warn("fails while columns of tables have this type, for what it cannot rewrite");
}

std::string comment_on_multirange(const Object& type) {
  const std::string_view text = type.facts.text("comment on multirange type");
  return "comment on type " + type.facts.at("multirange type") + " is " +
         (text.empty() ? "null" : pg::quote_literal(std::string(text))) + ";";
}

std::string create_range(const Object& type, Context&) {
  const Facts& facts = type.facts;
  std::vector<std::string> list{"subtype = " + facts.at("subtype")};
  const auto add = [&](const char* word, const char* fact) {
    if (facts.contains(fact)) list.push_back(word + (" = " + facts.at(fact)));
  };
  add("subtype_opclass", "operator class");
  add("collation", "collation");
  add("canonical", "canonical");
  add("subtype_diff", "difference");
  add("multirange_type_name", "multirange type");
  const std::string sql = "create type " + type.identity + " as range (" + join(list, ", ") + ");";
  return facts.contains("comment on multirange type") ? sql + "\n" + comment_on_multirange(type) : sql;
}

void alter_range(Alteration& change) {
  if (!change.take("comment on multirange type") || !change.rest().empty()) return change.remake();
  change.run(comment_on_multirange(change.expected));
}

struct TypePart {
  const char* word;
  const char* fact;
};
constexpr TypePart base_parts[] = {{"input = ", "input"},
                                   {"output = ", "output"},
                                   {"receive = ", "receive"},
                                   {"send = ", "send"},
                                   {"typmod_in = ", "modifier input"},
                                   {"typmod_out = ", "modifier output"},
                                   {"analyze = ", "analyze"},
                                   {"subscript = ", "subscript"},
                                   {"element = ", "element"}};

std::string alignment(std::string_view letter) {
  if (letter == "c") return "char";
  if (letter == "s") return "int2";
  return letter == "d" ? "double" : "int4";
}
std::string storage(std::string_view letter) {
  if (letter == "e") return "external";
  if (letter == "m") return "main";
  return letter == "x" ? "extended" : "plain";
}

std::string base_definition(const Object& type) {
  const Facts& facts = type.facts;
  std::vector<std::string> list;
  for (const TypePart& part : base_parts) {
    // Without one, an array type's are the usual.
    const std::string_view value = facts.text(part.fact);
    if (!value.empty()) list.push_back(part.word + std::string(value));
  }
  list.push_back("internallength = " + (facts.text("length") == "-1" ? "variable" : facts.at("length")));
  if (facts.contains("by value")) list.emplace_back("passedbyvalue");
  list.push_back("alignment = " + alignment(facts.text("alignment")));
  list.push_back("storage = " + storage(facts.text("storage")));
  list.push_back("category = " + pg::quote_literal(facts.text("category")));
  if (facts.contains("preferred")) list.emplace_back("preferred = true");
  if (facts.contains("default")) list.push_back("default = " + pg::quote_literal(facts.at("default")));
  list.push_back("delimiter = " + pg::quote_literal(facts.text("delimiter")));
  if (facts.contains("collatable")) list.emplace_back("collatable = true");
  return "create type " + type.identity + " (\n  " + join(list, ",\n  ") + ");";
}

bool is_shell(const Object& type) {
  return type.facts.text("defined") == "no";
}

/// The functions of a base type take and return it, so that it must be there before them, as a shell.
std::string create_base(const Object& type, Context& context) {
  if (!is_shell(type)) {
    Step step;
    step.mend = {key(type), base_definition(type), false, "", "", "", Mend::Part::transaction, false};
    step.phase = phase_of_functions;
    for (const TypePart& part : base_parts) step.uses += std::string(type.facts.text(part.fact)) + "\n";
    context.add(std::move(step));
  }
  return "create type " + type.identity + ";";
}

void alter_base(Alteration& change) {
  static const std::set<std::string> changeable{"receive",         "send",      "modifier input",
                                                "modifier output", "subscript", "analyze"};
  if (is_shell(change.live)) {
    for (const std::string& fact : std::set<std::string>(change.rest())) change.take(fact);
    return change.run(base_definition(change.expected));
  }
  std::vector<std::string> list;
  for (const TypePart& part : base_parts) {
    if (!changeable.contains(part.fact) || !change.take(part.fact)) continue;
    const std::string value = change.wanted(part.fact);
    list.push_back(part.word + (value.empty() ? "none" : value));
  }
  if (change.take("storage")) list.push_back("storage = " + storage(change.wanted("storage")));
  if (!list.empty())
    change.run("alter type " + change.expected.identity + " set (" + join(list, ", ") + ");");
  if (change.rest().empty()) return;
  for (const std::string& fact : std::set<std::string>(change.rest())) change.take(fact);
  change.sql.clear();
  change.give_up(
      "a base type and its functions need each other, so that only `drop type … cascade` takes them "
      "away; then make the type and its functions anew");
}

std::string create_collation(const Object& collation, Context&) {
  const Facts& facts = collation.facts;
  std::vector<std::string> list{"provider = " + facts.at("provider")};
  if (facts.contains("character type")) {
    list.push_back("lc_collate = " + pg::quote_literal(facts.text("locale")));
    list.push_back("lc_ctype = " + pg::quote_literal(facts.at("character type")));
  } else {
    list.push_back("locale = " + pg::quote_literal(facts.text("locale")));
  }
  if (facts.contains("deterministic")) list.emplace_back("deterministic = false");
  if (facts.contains("rules")) list.push_back("rules = " + pg::quote_literal(facts.at("rules")));
  return "create collation " + collation.identity + " (" + join(list, ", ") + ");";
}

std::string create_conversion(const Object& conversion, Context&) {
  const Facts& facts = conversion.facts;
  return std::string(facts.contains("default") ? "create default conversion " : "create conversion ") +
         conversion.identity + " for " + pg::quote_literal(facts.text("from")) + " to " +
         pg::quote_literal(facts.text("to")) + " from " + facts.at("function") + ";";
}

std::string create_cast(const Object& cast, Context&) {
  const Facts& facts = cast.facts;
  std::string sql = "create " + noun(cast);
  sql += facts.contains("method") ? " " + facts.at("method")
                                  : " with function " + std::string(facts.text("function"));
  if (facts.contains("context")) sql += " as " + facts.at("context");
  return sql + ";";
}

std::string create_transform(const Object& transform, Context&) {
  std::vector<std::string> list;
  for (const char* fact : {"from sql", "to sql"}) {
    if (transform.facts.contains(fact))
      list.push_back(std::string(fact) + " with function " + transform.facts.at(fact));
  }
  return "create " + noun(transform) + " (" + join(list, ", ") + ");";
}

}  // namespace

const std::vector<Kind>& type_kinds() {
  static const std::vector<Kind> kinds{
      {"enum", phase_type, create_enum, nullptr, alter_enum},
      {"domain", phase_type, create_domain, nullptr, alter_domain},
      {"domain constraint", phase_of_functions, create_domain_constraint, drop_domain_constraint,
       alter_domain_constraint},
      {"composite type", phase_type, create_composite, nullptr, alter_composite},
      {"range type", phase_type, create_range, nullptr, alter_range},
      {"base type", phase_type, create_base, nullptr, alter_base},
      {"collation", phase_collation, create_collation, nullptr, nullptr},
      {"conversion", phase_of_functions, create_conversion, nullptr, nullptr},
      {"cast", phase_of_functions, create_cast, nullptr, nullptr},
      {"transform", phase_of_functions, create_transform, nullptr, nullptr}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
