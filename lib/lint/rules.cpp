#include <algorithm>
#include <vector>

#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

std::vector<Rule> make_rules() {
  std::vector<Rule> rules = {
      create_index_rule(),
  };
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.name < b.name; });
  return rules;
}

}  // namespace

std::span<const Rule> all_rules() {
  static const std::vector<Rule> rules = make_rules();
  return rules;
}

const Rule* find_rule(std::string_view name) {
  for (const Rule& rule : all_rules()) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

}  // namespace dbtool::lint
