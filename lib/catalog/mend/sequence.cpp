#include "catalog/mend/sequence.h"

#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

std::string or_usual(const Facts& facts, const char* name, const char* usual) {
  return facts.contains(name) ? facts.at(name) : usual;
}

bool counts_down(const Facts& facts) {
  return facts.text("increment").starts_with('-');
}

std::string type_of(const Facts& facts) {
  return or_usual(facts, "type", "bigint");
}

/// The column stands in a table that may come later, so that this is a step of its own.
Step owned_by(const Object& sequence, const std::string& column, const Context& context) {
  Step step;
  step.mend.object = key(sequence);
  step.mend.sql = "alter sequence " + sequence.identity + " owned by " + column + ";";
  step.uses = step.mend.sql;
  step.phase = phase_index;
  const Object* owner = context.expected("column " + column);
  if (owner != nullptr && !context.is_made(std::string(whole(*owner))) && context.is_made(key(sequence)))
    step.mend.sql += catch_up(sequence.identity, std::string(own_name(*owner)),
                              std::string(whole_name(*owner)), sequence.facts);
  return step;
}

std::string create_sequence(const Object& sequence, Context& context) {
  const Facts& facts = sequence.facts;
  if (facts.contains("owned by")) context.add(owned_by(sequence, facts.at("owned by"), context));
  return std::string(facts.contains("persistence") ? "create unlogged sequence " : "create sequence ") +
         sequence.identity + " as " + type_of(facts) + " " + counting(facts) + ";";
}

void alter_sequence(Alteration& change) {
  const std::string head = "alter sequence " + change.expected.identity;
  bool counts_otherwise = false;
  for (const char* fact : {"type", "start", "increment", "minimum", "maximum", "cache", "cycle"})
    counts_otherwise = change.take(fact) || counts_otherwise;
  if (counts_otherwise) {
    change.run(head + " as " + type_of(change.expected.facts) + " " + counting(change.expected.facts) + ";");
    change.warn("fails where the sequence stands outside its new bounds");
  }
  if (change.take("persistence"))
    change.run(head + (change.wanted("persistence").empty() ? " set logged;" : " set unlogged;"));
  if (change.take("owned by")) {
    const std::string column = change.wanted("owned by");
    // Otherwise it would go with the column that it belongs to.
    if (!change.found("owned by").empty()) change.run(head + " owned by none;");
    if (!column.empty()) {
      change.steps.push_back(owned_by(change.expected, column, change.context));
    }
  }
}

}  // namespace

std::string counting(const Facts& facts) {
  const bool is_down = counts_down(facts);
  std::string sql = "increment by " + or_usual(facts, "increment", "1");
  sql += facts.contains("minimum") ? " minvalue " + facts.at("minimum") : " no minvalue";
  sql += facts.contains("maximum") ? " maxvalue " + facts.at("maximum") : " no maxvalue";
  sql += " start with " + (facts.contains("start") ? facts.at("start")
                           : is_down               ? or_usual(facts, "maximum", "-1")
                                                   : or_usual(facts, "minimum", "1"));
  sql += " cache " + or_usual(facts, "cache", "1");
  return sql + (facts.contains("cycle") ? " cycle" : " no cycle");
}

Identity parse_identity(std::string_view fact) {
  Identity identity;
  for (const std::string& item : split_list(fact)) {
    const std::size_t space = find_outside(item, " ");
    const std::string word = item.substr(0, space);
    const std::string value = space == std::string::npos ? "yes" : item.substr(space + 1);
    if (item == "always" || item == "by default") {
      identity.mode = item;
    } else if (word == "sequence") {
      identity.sequence = value;
    } else if (item == "logged" || item == "unlogged") {
      identity.persistence = item;
    } else {
      identity.facts.set(word, value);
    }
  }
  return identity;
}

std::string catch_up(const std::string& sequence, const std::string& column, const std::string& table,
                     const Facts& facts) {
  if (counts_down(facts)) return "";
  return "\nselect setval(" + pg::quote_literal(sequence) + ", max(" + column + ")) from " + table +
         " having max(" + column + ") >= " + or_usual(facts, "minimum", "1") + ";";
}

const std::vector<Kind>& sequence_kinds() {
  static const std::vector<Kind> kinds{
      {"sequence", phase_sequence, create_sequence, nullptr, alter_sequence}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
