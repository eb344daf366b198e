#include "check/renamed_types.h"

#include <set>
#include <utility>
#include <vector>

#include "catalog/diff.h"

namespace dbtool::check {
namespace {

/// Every place of a signature where a type stands: arguments, columns, result.
std::vector<std::string> types_of(const std::vector<sql::Argument>& arguments,
                                  const sql::ReturnType& returns) {
  std::vector<std::string> types;
  for (const sql::Argument& argument : arguments) types.push_back(argument.type);
  for (const sql::Argument& column : returns.columns) types.push_back(column.type);
  types.push_back(returns.type);
  return types;
}

class RenamedTypes {
 public:
  explicit RenamedTypes(const catalog::Live& live) : live_(live) {
    for (const Object& object : catalog::of_kind(live.objects, "function"))
      by_name_.emplace(std::string(object.facts.text("name")), &object);
  }

  void learn(const catalog::ExpectedMethod& method) {
    if (!method.arguments || !method.returns || by_name_.count(method.name) != 1) return;
    const std::vector<std::string> spelled = types_of(*method.arguments, *method.returns);
    std::set<std::size_t> gone;
    for (std::size_t place = 0; place < spelled.size(); ++place) {
      if (!live_.types.contains(spelled[place])) gone.insert(place);
    }
    if (gone.empty()) return;
    const Object& function = *by_name_.find(method.name)->second;
    const auto arguments = sql::parse_arguments(function.facts.text("arguments"));
    const auto returns = sql::parse_returns(function.facts.text("returns"));
    if (!arguments || !returns || arguments->size() != method.arguments->size()) return;
    const std::vector<std::string> found = types_of(*arguments, *returns);
    if (found.size() != spelled.size()) return;
    for (const std::size_t place : gone) names_[spelled[place]].insert(found[place]);
  }

  std::map<std::string, std::string> types() const {
    std::map<std::string, std::string> types = live_.types;
    for (const auto& [spelling, names] : names_) {
      if (names.size() == 1) types.emplace(spelling, *names.begin());
    }
    return types;
  }

 private:
  const catalog::Live& live_;
  std::multimap<std::string, const Object*> by_name_;
  std::map<std::string, std::set<std::string>> names_;
};

}  // namespace

std::map<std::string, std::string> types_with_renamed(const catalog::Methods& methods,
                                                      const catalog::Live& live) {
  RenamedTypes renamed(live);
  for (const catalog::ExpectedMethod& method : methods.expected) renamed.learn(method);
  return renamed.types();
}

}  // namespace dbtool::check
