#include "check/methods.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "catalog/diff.h"
#include "catalog/signature.h"
#include "check/body.h"
#include "check/renamed_types.h"
#include "sql/type.h"

namespace dbtool::check {
namespace {

using catalog::Difference;
using catalog::ExpectedMethod;
using catalog::UnexpectedMethod;

std::string name_of(const Object& function) {
  return function.identity.substr(0, function.identity.find('('));
}

/// Compares the functions of all names that the files know.
class MethodCheck {
 public:
  MethodCheck(const catalog::Methods& methods, const catalog::Live& live) : methods_(methods), live_(live) {
    for (const Object& object : catalog::of_kind(live.objects, "function")) {
      by_name_.emplace(std::string(object.facts.text("name")), &object);
    }
    for (const ExpectedMethod& method : methods.expected) expected_by_name_.emplace(method.name, &method);
  }

  std::vector<Judged> run() {
    const Catalog expected = catalog::expected_functions(methods_, types_with_renamed(methods_, live_));
    for (const Difference& difference :
         catalog::diff(expected, catalog::of_kind(live_.objects, "function"))) {
      // A helper that a script made, also of a method's name with other arguments.
      if (difference.expected == nullptr) continue;
      const ExpectedMethod& method = *expected_by_name_.at(name_of(*difference.expected));
      if (difference.found == nullptr) {
        missing(method, *difference.expected);
      } else {
        changed(method, *difference.expected, *difference.found, difference.fact);
      }
    }
    for (const ExpectedMethod& method : methods_.expected) {
      if (!method.arguments || !method.returns) judge_by_name(method);
    }
    for (const UnexpectedMethod& method : methods_.unexpected) unexpected(method);
    return std::move(judged_);
  }

 private:
  void missing(const ExpectedMethod& method, const Object& expected) {
    const auto [first, last] = by_name_.equal_range(method.name);
    if (std::distance(first, last) == 1) {
      const Object& other = *first->second;
      add("function-arguments", method, other.identity, "arguments", expected.facts.text("arguments"),
          other.facts.text("arguments"));
      judged_.back().finding.place = place_of(method.definition->args, method);
      return;
    }
    Finding& finding = add("function-missing", method, expected.identity, "", "a function", "nothing");
    finding.advice = "define it again as " + to_text(method.definition->place) + " does";
    if (!can_exist(method)) {
      finding.severity = Severity::note;
      finding.found = "nothing, nor the types that it takes or returns";
      finding.advice.clear();
    }
  }

  /// A function goes with its types: `drop type … cascade`.
  bool can_exist(const ExpectedMethod& method) const {
    const auto known = [&](const std::string& type) { return live_.types.contains(type); };
    const auto all_known = [&](const std::vector<sql::Argument>& list) {
      return std::all_of(list.begin(), list.end(),
                         [&](const auto& argument) { return known(argument.type); });
    };
    return known(method.returns->type) && all_known(*method.arguments) && all_known(method.returns->columns);
  }

  void changed(const ExpectedMethod& method, const Object& expected, const Object& found,
               const std::string& name) {
    if (name == "body") return changed_body(method, found);
    if (name == "defaults" && !defaults_differ(expected.facts.text(name), found.facts.text(name))) return;
    Finding& finding = add("function-" + name, method, found.identity, name, expected.facts.text(name),
                           found.facts.text(name));
    if (name == "arguments" || name == "defaults") finding.place = place_of(method.definition->args, method);
    if (name == "returns") finding.place = place_of(method.definition->returns, method);
    if (name == "security")
      finding.advice = "alter function " + found.identity + " security " + finding.expected;
    if (name == "volatility") finding.advice = "alter function " + found.identity + " " + finding.expected;
  }

  void changed_body(const ExpectedMethod& method, const Object& found) {
    const SqlText& body = *method.definition->body;
    const auto difference = first_difference(body.text, found.facts.text("body"));
    if (!difference) return;
    Finding& finding =
        add("function-body", method, found.identity, "body", difference->expected, difference->found);
    finding.place = body.locate(difference->offset);
  }

  /// Its signature is not understood, so only what does not need it is compared.
  void judge_by_name(const ExpectedMethod& method) {
    const auto [first, last] = by_name_.equal_range(method.name);
    if (first == last) {
      add("function-missing", method, method.name, "", "a function", "nothing");
    } else if (std::next(first) == last && !method.redefined_by_script) {
      changed_body(method, *first->second);
    }
  }

  void unexpected(const UnexpectedMethod& method) {
    if (method.name.starts_with("online_")) return;
    const auto [first, last] = by_name_.equal_range(method.name);
    for (auto found = first; found != last; ++found) {
      const Object& function = *found->second;
      if (function.facts.text("returns") == "trigger" || function.facts.text("returns") == "event_trigger")
        continue;
      Finding finding;
      finding.rule = "function-extra";
      finding.version = method.version;
      finding.object = "function " + function.identity;
      finding.found = method.dropped ? "a method that version " + std::to_string(method.version) + " dropped"
                                     : "a method of version " + std::to_string(method.version);
      finding.place = method.definition->place;
      finding.advice = "drop function " + function.identity;
      judged_.push_back({std::move(finding), "function", {method.name, function.identity}});
    }
  }

  static Place place_of(const std::optional<SqlText>& text, const ExpectedMethod& method) {
    return text ? text->place : method.definition->place;
  }

  Finding& add(std::string rule, const ExpectedMethod& method, const std::string& identity,
               const std::string& what, std::string_view expected, std::string_view found) {
    Finding finding;
    finding.rule = std::move(rule);
    finding.version = method.defined_in;
    finding.object = "function " + identity;
    finding.fact = what;
    finding.expected = expected;
    finding.found = found;
    finding.place = method.definition->place;
    judged_.push_back({std::move(finding), "function", {method.name, identity}});
    return judged_.back().finding;
  }

  const catalog::Methods& methods_;
  const catalog::Live& live_;
  std::multimap<std::string, const Object*> by_name_;
  std::map<std::string, const ExpectedMethod*> expected_by_name_;
  std::vector<Judged> judged_;
};

}  // namespace

std::vector<Judged> check_methods(const catalog::Methods& methods, const catalog::Live& live) {
  return MethodCheck(methods, live).run();
}

}  // namespace dbtool::check
