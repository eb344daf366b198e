#include "catalog/columns.h"

#include <algorithm>

namespace dbtool::catalog {

namespace {

int compare_names(const Column& a, const Column& b) {
  const int by_table = a.table.compare(b.table);
  return by_table != 0 ? by_table : a.name.compare(b.name);
}

bool is_before(const Column& a, const Column& b) {
  return compare_names(a, b) < 0;
}

}  // namespace

void Columns::sort() {
  if (!std::is_sorted(list.begin(), list.end(), is_before)) std::sort(list.begin(), list.end(), is_before);
}

std::vector<ColumnDifference> diff(const std::vector<Column>& expected, const std::vector<Column>& found) {
  std::vector<ColumnDifference> differences;
  auto e = expected.begin();
  auto f = found.begin();
  while (e != expected.end() || f != found.end()) {
    const int order = e == expected.end() ? 1 : f == found.end() ? -1 : compare_names(*e, *f);
    if (order < 0) {
      differences.push_back({&*e++, nullptr});
    } else if (order > 0) {
      differences.push_back({nullptr, &*f++});
    } else {
      if (e->type != f->type || e->not_null != f->not_null) differences.push_back({&*e, &*f});
      ++e;
      ++f;
    }
  }
  return differences;
}

}  // namespace dbtool::catalog
