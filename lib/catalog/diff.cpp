#include "catalog/diff.h"

namespace dbtool::catalog {
namespace {

void compare_facts(const Object& expected, const Object& found, std::vector<Difference>& differences) {
  for (const auto& [fact, value] : expected.facts) {
    const auto other = found.facts.find(fact);
    if (other == found.facts.end() || other->second != value)
      differences.push_back({&expected, &found, fact});
  }
}

}  // namespace

std::vector<Difference> diff(const Catalog& expected, const Catalog& found) {
  std::vector<Difference> differences;
  auto e = expected.begin();
  auto f = found.begin();
  while (e != expected.end() || f != found.end()) {
    if (f == found.end() || (e != expected.end() && *e < *f)) {
      differences.push_back({&*e++, nullptr, {}});
    } else if (e == expected.end() || *f < *e) {
      differences.push_back({nullptr, &*f++, {}});
    } else {
      compare_facts(*e++, *f++, differences);
    }
  }
  return differences;
}

}  // namespace dbtool::catalog
