#include <algorithm>

#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"

namespace dbtool::catalog::mending {
namespace {

/// `name(left,right)` apart.
struct Signature {
  std::string name;
  std::string left;
  std::string right;
};

Signature signature(const std::string& text) {
  const std::size_t open = find_outside(text, "(");
  const std::vector<std::string> types = split_list(text.substr(open + 1, text.size() - open - 2), ",");
  return {text.substr(0, open), types.at(0), types.at(1)};
}

std::string operator_word(std::string_view fact) {
  return "operator(" + std::string(fact.substr(0, fact.find('('))) + ")";
}

std::string create_operator(const Object& object, Context&) {
  const Signature of = signature(object.identity);
  const Facts& facts = object.facts;
  std::vector<std::string> list{"function = " + facts.at("function")};
  if (of.left != "NONE") list.push_back("leftarg = " + of.left);
  if (of.right != "NONE") list.push_back("rightarg = " + of.right);
  if (facts.contains("commutator")) list.push_back("commutator = " + operator_word(facts.at("commutator")));
  if (facts.contains("negator")) list.push_back("negator = " + operator_word(facts.at("negator")));
  if (facts.contains("restrict")) list.push_back("restrict = " + facts.at("restrict"));
  if (facts.contains("join")) list.push_back("join = " + facts.at("join"));
  if (facts.contains("hashes")) list.emplace_back("hashes");
  if (facts.contains("merges")) list.emplace_back("merges");
  return "create operator " + of.name + " (" + join(list, ", ") + ");";
}

void alter_operator(Alteration& change) {
  std::vector<std::string> list;
  for (const std::string fact : {"restrict", "join"}) {
    if (!change.take(fact)) continue;
    const std::string wanted = change.wanted(fact);
    list.push_back(fact + " = " + (wanted.empty() ? "none" : wanted));
  }
  if (!change.rest().empty()) return change.remake();
  if (!list.empty()) change.run("alter " + noun(change.expected) + " set (" + join(list, ", ") + ");");
}

struct Member {
  std::string text;    ///< as `add` writes it
  std::string number;  ///< as `drop` does
  std::string of;      ///< the class's name without its schema; empty: of the family alone
};

/// `1 <(integer,integer) of oc41`, `1 (integer, integer) btint4cmp(integer,integer) of oc41`.
Member member(std::string item, bool is_function) {
  Member result;
  if (const std::size_t at = find_outside(item, " of "); at != std::string::npos) {
    result.of = item.substr(at + 4);
    item.resize(at);
  }
  if (is_function) {
    const std::size_t close = item.find(") ");
    result.text = "function " + item;
    result.number = "function " + item.substr(0, close + 1);
  } else {
    const std::size_t space = item.find(' ');
    std::string rest = item.substr(space + 1);
    std::string order;
    if (const std::size_t at = find_outside(rest, " for order by"); at != std::string::npos) {
      order = rest.substr(at);
      rest.resize(at);
    }
    const Signature of = signature(rest);
    result.text =
        "operator " + item.substr(0, space) + " " + of.name + " (" + of.left + ", " + of.right + ")" + order;
    result.number = "operator " + item.substr(0, space) + " (" + of.left + ", " + of.right + ")";
  }
  return result;
}

std::vector<Member> members(const Object& family) {
  std::vector<Member> list;
  for (const std::string& item : split_list(family.facts.text("operators")))
    list.push_back(member(item, false));
  for (const std::string& item : split_list(family.facts.text("functions")))
    list.push_back(member(item, true));
  return list;
}

std::vector<std::string> loose(const Object& family, std::string Member::*part) {
  std::vector<std::string> texts;
  for (const Member& each : members(family)) {
    if (each.of.empty()) texts.push_back(each.*part);
  }
  return texts;
}

std::string add_members(const Object& family, const std::vector<std::string>& texts) {
  return "alter " + noun(family) + " add\n  " + join(texts, ",\n  ") + ";";
}

std::string create_family(const Object& family, Context& context) {
  const std::vector<std::string> texts = loose(family, &Member::text);
  if (!texts.empty()) {
    Step step;
    step.mend = {key(family), add_members(family, texts), false, "", "", "", Mend::Part::transaction, false};
    step.phase = phase_sequence;
    step.uses = step.mend.sql;
    context.add(std::move(step));
  }
  return "create " + noun(family) + ";";
}

/// What belongs to a class comes and goes with the class; the rest is told member by member.
void alter_family(Alteration& change) {
  change.take("operators");
  change.take("functions");
  const auto missing_in = [](const Object& family, const Member& each) {
    const std::vector<std::string> texts = loose(family, &Member::text);
    return std::find(texts.begin(), texts.end(), each.text) == texts.end();
  };
  std::vector<std::string> gone;
  std::vector<std::string> added;
  for (const Member& each : members(change.live)) {
    if (each.of.empty() && missing_in(change.expected, each)) gone.push_back(each.number);
  }
  for (const Member& each : members(change.expected)) {
    if (each.of.empty() && missing_in(change.live, each)) added.push_back(each.text);
  }
  if (!gone.empty()) change.run("alter " + noun(change.expected) + " drop\n  " + join(gone, ",\n  ") + ";");
  if (!added.empty()) change.run(add_members(change.expected, added));
  for (const Object& object : change.context.all_expected()) {
    if (object.kind != "operator class" || object.part_of.empty() ||
        object.part_of[0] != key(change.expected))
      continue;
    if (change.context.is_made(key(object)) || change.context.live(key(object)) == nullptr) continue;
    const auto texts = [&](const Object& family) {
      std::vector<std::string> list;
      for (const Member& each : members(family)) {
        if (each.of == own_name(object).substr(0, find_outside(own_name(object), " using ")))
          list.push_back(each.text);
      }
      return list;
    };
    if (texts(change.expected) != texts(change.live)) change.also_remade.push_back(key(object));
  }
}

std::string create_class(const Object& object, Context& context) {
  const Facts& facts = object.facts;
  const std::size_t using_at = find_outside(object.identity, " using ");
  std::string sql = "create operator class " + object.identity.substr(0, using_at);
  if (facts.contains("default")) sql += " default";
  sql += " for type " + facts.at("type") + object.identity.substr(using_at) + " family " +
         facts.at("family") + " as";
  std::vector<std::string> list;
  const std::string_view name = own_name(object).substr(0, find_outside(own_name(object), " using "));
  if (const Object* family = context.expected(object.part_of[0])) {
    for (const Member& each : members(*family)) {
      if (each.of == name) list.push_back(each.text);
    }
  }
  if (facts.contains("storage")) list.push_back("storage " + facts.at("storage"));
  if (list.empty()) list.push_back("storage " + facts.at("type"));
  return sql + "\n  " + join(list, ",\n  ") + ";";
}

}  // namespace

const std::vector<Kind>& operator_kinds() {
  static const std::vector<Kind> kinds{
      {"operator", phase_of_functions, create_operator, nullptr, alter_operator},
      {"operator family", phase_of_functions, create_family, nullptr, alter_family},
      {"operator class", phase_sequence, create_class, nullptr, nullptr}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
