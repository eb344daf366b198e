#include "window/downtime.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace dbtool::window {

namespace {

using Span = std::pair<double, double>;

/// The time that the spans cover together.
double covered(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end());
  double seconds = 0;
  double until = spans.empty() ? 0 : spans.front().first;
  for (const auto& [began, ended] : spans) {
    seconds += std::max(0.0, ended - std::max(began, until));
    until = std::max(until, ended);
  }
  return seconds;
}

Span span_of(const Closure& closure) {
  return {closure.began, closure.began + closure.seconds};
}

}  // namespace

std::vector<TableDowntime> downtime_by_table(const std::vector<Closure>& closures) {
  struct Spans {
    std::vector<Span> reading, writing;
  };
  std::map<std::string, Spans> tables;
  for (const Closure& closure : closures) {
    Spans& spans = tables[closure.table];
    spans.writing.push_back(span_of(closure));
    if (closure.reading) spans.reading.push_back(span_of(closure));
  }
  std::vector<TableDowntime> result;
  for (auto& [table, spans] : tables)
    result.push_back({table, covered(std::move(spans.reading)), covered(std::move(spans.writing))});
  std::stable_sort(result.begin(), result.end(), [](const TableDowntime& a, const TableDowntime& b) {
    return std::tuple(a.not_writable, a.not_readable) > std::tuple(b.not_writable, b.not_readable);
  });
  return result;
}

double downtime(const std::vector<Closure>& closures) {
  std::vector<Span> spans;
  for (const Closure& closure : closures) spans.push_back(span_of(closure));
  return covered(std::move(spans));
}

}  // namespace dbtool::window
