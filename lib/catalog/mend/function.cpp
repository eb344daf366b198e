#include <algorithm>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

/// The name without the types of the arguments.
std::string name_of(const Object& routine) {
  return routine.identity.substr(0, find_outside(routine.identity, "("));
}

std::string body(const Facts& facts) {
  if (facts.contains("definition")) return facts.at("definition");
  const std::string_view text = facts.text("body");
  if (facts.contains("library"))
    return "as " + pg::quote_literal(facts.at("library")) + ", " + pg::quote_literal(text);
  return "as " + pg::dollar_quote(text);
}

/// What `alter function` can say as well, one word or two each.
std::string attribute(const Facts& facts, std::string_view name) {
  const std::string value(facts.text(name));
  if (name == "volatility") return value.empty() ? "volatile" : value;
  if (name == "security") return value.empty() ? "security invoker" : "security definer";
  if (name == "strict") return value.empty() ? "called on null input" : "strict";
  if (name == "leakproof") return value.empty() ? "not leakproof" : "leakproof";
  if (name == "parallel") return "parallel " + (value.empty() ? "unsafe" : value);
  return std::string(name) + " " + value;  // cost, rows
}

constexpr std::string_view attributes[] = {"volatility", "security", "strict", "leakproof",
                                           "parallel",   "cost",     "rows"};

std::string routine(const Object& object, const std::string& create) {
  const Facts& facts = object.facts;
  std::string sql =
      create + " " + object.kind + " " + name_of(object) + "(" + std::string(facts.text("arguments")) + ")";
  if (facts.contains("returns")) sql += " returns " + facts.at("returns");
  sql += "\n  language " + facts.at("language");
  if (facts.contains("transforms")) {
    std::vector<std::string> types = split_list(facts.at("transforms"));
    for (std::string& type : types) type.insert(0, "for type ");
    sql += " transform " + join(types, ", ");
  }
  if (facts.contains("window")) sql += " window";
  for (const std::string_view name : attributes) {
    if (facts.contains(name)) sql += " " + attribute(facts, name);
  }
  if (facts.contains("support")) sql += " support " + facts.at("support");
  for (const auto& [name, value] : settings(facts.text("configuration")))
    sql += "\n  set " + name + " to " + value;
  return sql + "\n" + body(facts) + ";";
}

std::string create_routine(const Object& object, Context&) {
  return routine(object, "create");
}

struct Argument {
  std::string declared;
  bool has_default;
};

std::vector<Argument> arguments(std::string_view fact) {
  std::vector<Argument> list;
  for (const std::string& item : split_list(fact)) {
    const std::size_t at = find_outside(item, " DEFAULT ");
    list.push_back({item.substr(0, at), at != std::string::npos});
  }
  return list;
}

/// `create or replace` changes no name and no type, and takes no default away.
bool can_be_replaced(const Alteration& change) {
  if (change.differs("returns") || change.differs("window") || change.differs("form")) return false;
  const std::vector<Argument> wanted = arguments(change.wanted("arguments"));
  const std::vector<Argument> found = arguments(change.found("arguments"));
  return std::equal(wanted.begin(), wanted.end(), found.begin(), found.end(),
                    [](const Argument& a, const Argument& b) {
                      return a.declared == b.declared && (a.has_default || !b.has_default);
                    });
}

bool is_attribute(const Alteration& change, const std::string& fact) {
  if (std::find(std::begin(attributes), std::end(attributes), fact) == std::end(attributes)) return false;
  return (fact != "cost" && fact != "rows") || change.expected.facts.contains(fact);
}

void alter_routine(Alteration& change) {
  if (!can_be_replaced(change)) return change.remake();
  const std::set<std::string> facts = change.rest();
  for (const std::string& fact : facts) change.take(fact);
  std::string sql;
  for (const std::string& fact : facts) {
    if (!is_attribute(change, fact)) return change.run(routine(change.expected, "create or replace"));
    sql += " " + attribute(change.expected.facts, fact);
  }
  change.run("alter " + noun(change.expected) + sql + ";");
}

struct AggregatePart {
  const char* word;
  const char* fact;
};

constexpr AggregatePart aggregate_parts[] = {{"sfunc", "transition function"},
                                             {"stype", "transition type"},
                                             {"sspace", "transition space"},
                                             {"finalfunc", "final function"},
                                             {"combinefunc", "combine function"},
                                             {"serialfunc", "serial function"},
                                             {"deserialfunc", "deserial function"},
                                             {"msfunc", "moving transition function"},
                                             {"minvfunc", "moving inverse function"},
                                             {"mstype", "moving transition type"},
                                             {"msspace", "moving transition space"},
                                             {"mfinalfunc", "moving final function"},
                                             {"parallel", "parallel"}};

std::string modifies(std::string_view letter) {
  if (letter == "r") return "read_only";
  return letter == "s" ? "shareable" : "read_write";
}

std::string aggregate(const Object& object, const std::string& create) {
  const Facts& facts = object.facts;
  std::vector<std::string> list;
  for (const AggregatePart& part : aggregate_parts) {
    if (facts.contains(part.fact)) list.push_back(std::string(part.word) + " = " + facts.at(part.fact));
  }
  for (const AggregatePart& part :
       {AggregatePart{"initcond", "initial value"}, AggregatePart{"minitcond", "moving initial value"}}) {
    if (facts.contains(part.fact))
      list.push_back(std::string(part.word) + " = " + pg::quote_literal(facts.at(part.fact)));
  }
  for (const AggregatePart& part :
       {AggregatePart{"finalfunc", "final function"}, AggregatePart{"mfinalfunc", "moving final function"}}) {
    if (!facts.contains(part.fact)) continue;
    if (facts.contains(std::string(part.fact) + " takes all"))
      list.push_back(std::string(part.word) + "_extra");
    list.push_back(std::string(part.word) +
                   "_modify = " + modifies(facts.text(std::string(part.fact) + " modifies")));
  }
  if (const std::string_view sort = facts.text("sort operator"); !sort.empty())
    list.push_back("sortop = operator(" + std::string(sort.substr(0, sort.find('('))) + ")");
  if (facts.text("form") == "hypothetical set") list.emplace_back("hypothetical");
  return create + " " + noun(object) + " (\n  " + join(list, ",\n  ") + ");";
}

std::string create_aggregate(const Object& object, Context&) {
  return aggregate(object, "create");
}

void alter_aggregate(Alteration& change) {
  if (!can_be_replaced(change) || change.differs("direct arguments")) return change.remake();
  for (const std::string& fact : std::set<std::string>(change.rest())) change.take(fact);
  change.run(aggregate(change.expected, "create or replace"));
}

}  // namespace

const std::vector<Kind>& function_kinds() {
  static const std::vector<Kind> kinds{
      {"function", phase_function, create_routine, nullptr, alter_routine},
      {"procedure", phase_function, create_routine, nullptr, alter_routine},
      {"aggregate", phase_of_functions, create_aggregate, nullptr, alter_aggregate}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
