#include "check/unfinished.h"

#include <fmt/format.h>

namespace dbtool::check {

namespace {

Finding finding(Severity severity, int version, Direction direction, std::string found) {
  Finding finding;
  finding.severity = severity;
  finding.rule = "unfinished";
  finding.object = fmt::format("version {}", version);
  finding.found = std::move(found);
  const std::string finish = fmt::format("dbtool upgrade {}", version);
  const std::string take_back = fmt::format("dbtool downgrade {}", version - 1);
  const bool up = direction == Direction::upgrade;
  finding.advice =
      fmt::format("finish it: {}; or turn round: {}", up ? finish : take_back, up ? take_back : finish);
  return finding;
}

const char* way(Direction direction) {
  return direction == Direction::upgrade ? "there" : "gone";
}

}  // namespace

std::vector<Finding> unfinished(const ledger::State& state) {
  std::vector<Finding> findings;
  if (state.partly) {
    findings.push_back(
        finding(Severity::warning, state.partly->version, state.partly->direction,
                fmt::format("partly {}: {} of its statements {} done", way(state.partly->direction),
                            state.partly->position, state.partly->position == 1 ? "is" : "are")));
  }
  if (state.online) {
    findings.push_back(
        finding(Severity::note, state.online->version, state.online->direction,
                fmt::format("its online part is unfinished: {} rows are done", state.online->rows_done)));
  }
  return findings;
}

}  // namespace dbtool::check
