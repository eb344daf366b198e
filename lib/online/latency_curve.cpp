#include "online/latency_curve.h"

#include "ledger/latency.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto first_length = 10s;
constexpr int most_points = 400;

}  // namespace

LatencyCurve::LatencyCurve(const ledger::Fence& fence, Direction direction, Clock::Monotonic now)
    : fence_(fence), direction_(direction), length_(first_length), due_(now + first_length) {}

std::vector<pg::Statement> LatencyCurve::statements(const std::vector<LatencyInterval>& intervals,
                                                    Clock::Monotonic now) {
  due_ = now + length_;
  std::vector<pg::Statement> statements;
  for (const LatencyInterval& interval : intervals) {
    ledger::LatencyRecord record;
    record.run = fence_.run;
    record.version = fence_.version;
    record.direction = direction_;
    record.measure = interval.measure;
    record.seconds = interval.seconds;
    record.looks = interval.looks;
    record.failed = interval.failed;
    record.median = interval.median;
    record.worst = interval.worst;
    record.limit = interval.limit;
    statements.push_back(ledger::latency_statement(record));
  }
  if (!statements.empty() && ++points_ >= most_points) {
    // Those to come are as long as those that are put together.
    points_ /= 2;
    length_ *= 2;
    statements.push_back(ledger::merge_latency_statement(fence_.run, fence_.version));
  }
  return statements;
}

}  // namespace dbtool::online
