#include "catalog/diff.h"

#include <algorithm>
#include <string_view>

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

std::span<const Object> of_kind(const Catalog& catalog, const char* kind) {
  const auto by_kind = [](const Object& object, std::string_view name) { return object.kind < name; };
  const auto begin = std::lower_bound(catalog.begin(), catalog.end(), std::string_view(kind), by_kind);
  const auto end =
      std::find_if(begin, catalog.end(), [&](const Object& object) { return object.kind != kind; });
  return {begin, end};
}

void sort(Catalog& catalog) {
  if (!std::is_sorted(catalog.begin(), catalog.end())) std::sort(catalog.begin(), catalog.end());
}

std::vector<Difference> diff(std::span<const Object> expected, std::span<const Object> found) {
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
