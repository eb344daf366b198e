#include "window/recorder.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace dbtool::window {

namespace {

constexpr std::size_t most_curve_points = 300;
constexpr std::size_t most_points_kept = 2 * most_curve_points;
constexpr std::size_t most_phases = 500;
constexpr std::size_t longest_name = 120;
// A step that had less of the processors than this share of its time tells nothing of its shape.
constexpr double least_free = 0.02;

}  // namespace

std::string phase_name(const std::string& statement) {
  const std::string text = excerpt(statement, statement.size());
  for (const char* start : {"begin", "commit", "rollback", "select set_config(", "select pg_advisory"}) {
    if (text.starts_with(start)) return "";
  }
  if (text.find(" dbtool.") != std::string::npos && text.find("$1") != std::string::npos) return "";
  // A script in PL/pgSQL is sent as the body of a `do`.
  std::size_t body = 0;
  if (text.starts_with("do $dbtool")) body = text.find('$', 4) + 1;
  return excerpt(text.substr(body), longest_name);
}

std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& curve, std::size_t points) {
  if (curve.size() <= points || points < 2) return curve;
  std::vector<CurvePoint> kept;
  const double step = static_cast<double>(curve.size() - 1) / static_cast<double>(points - 1);
  for (std::size_t point = 0; point < points; ++point)
    kept.push_back(curve[static_cast<std::size_t>(std::llround(static_cast<double>(point) * step))]);
  return kept;
}

double wal_at(const std::vector<CurvePoint>& curve, double seconds) {
  CurvePoint before;
  for (const CurvePoint& point : curve) {
    if (point.seconds >= seconds) {
      const double length = point.seconds - before.seconds;
      const double part = length > 0 ? (seconds - before.seconds) / length : 1;
      return static_cast<double>(before.wal_bytes) +
             part * static_cast<double>(point.wal_bytes - before.wal_bytes);
    }
    before = point;
  }
  return static_cast<double>(before.wal_bytes);
}

double evened(const std::vector<FreePoint>& points, double at) {
  // Of what came after the last look nothing is known.
  if (points.empty() || at >= points.back().seconds) return at;
  const FreePoint& last = points.back();
  const auto after =
      std::upper_bound(points.begin(), points.end(), at,
                       [](double moment, const FreePoint& point) { return moment < point.seconds; });
  const FreePoint before = after == points.begin() ? FreePoint{} : *(after - 1);
  const double part = (at - before.seconds) / (after->seconds - before.seconds);
  // Unlike a sum, lerp never goes back, not by rounding either.
  const double free = std::lerp(before.free, after->free, part);
  return std::min(1.0, free / std::max(last.free, least_free * last.seconds)) * last.seconds;
}

Recorder::Recorder(Direction direction, int version, std::string kind) {
  cost_.direction = direction;
  cost_.version = version;
  cost_.kind = std::move(kind);
}

void Recorder::add(const Sample& sample) {
  ++looks_;
  ++waits_[sample.wait.empty() ? "CPU" : sample.wait];
  add_free(sample);
  add_point(sample.seconds, sample.wal_bytes);
  add_statement(sample);
  add_locks(sample);
}

void Recorder::add_point(double seconds, std::int64_t wal_bytes) {
  if (++samples_since_point_ < samples_a_point_) return;
  samples_since_point_ = 0;
  // What was taken for the step's may turn out to be another's: the curve never falls.
  while (!curve_.empty() && curve_.back().wal_bytes > wal_bytes) curve_.pop_back();
  curve_.push_back({seconds, wal_bytes});
  if (curve_.size() < most_points_kept) return;
  curve_ = thinned(curve_, most_curve_points);
  samples_a_point_ *= 2;
}

void Recorder::add_free(const Sample& sample) {
  tells_free_ = tells_free_ && sample.queued_seconds;
  if (!tells_free_) return;
  const FreePoint last = free_.empty() ? FreePoint{} : free_.back();
  if (sample.seconds <= last.seconds) return;
  const double free = std::max(
      0.0, std::min(sample.seconds - *sample.queued_seconds, last.free + (sample.seconds - last.seconds)));
  // The kernel counts a wait when it is over: looks that fell into it took it for time of the step's own.
  for (auto before = free_.rbegin(); before != free_.rend() && before->free > free; ++before)
    before->free = free;
  free_.push_back({sample.seconds, free});
  if (free_.size() < most_points_kept) return;
  std::size_t kept = 0;
  for (std::size_t at = 1; at < free_.size(); at += 2) free_[kept++] = free_[at];
  free_.resize(kept);
}

void Recorder::notice(double seconds, const std::string& text) {
  if (phases_.size() < most_phases) phases_.push_back({"notice", excerpt(text, longest_name), seconds});
}

void Recorder::add_statement(const Sample& sample) {
  const std::string name = phase_name(sample.statement);
  if (name.empty() || name == statement_) return;
  statement_ = name;
  if (phases_.size() < most_phases) phases_.push_back({"statement", name, sample.seconds});
}

void Recorder::add_locks(const Sample& sample) {
  for (auto& entry : locks_) {
    const auto& [table, mode] = entry.first;
    bool held = false;
    for (const HeldLock& one : sample.locks) held = held || (one.table == table && one.mode == mode);
    if (!held && !entry.second.ended) entry.second.ended = sample.seconds;
  }
  for (const HeldLock& held : sample.locks) {
    const auto [found, fresh] = locks_.try_emplace({held.table, held.mode}, Lock{sample.seconds, {}, 0});
    Lock& lock = found->second;
    // Let go and taken again, as from statement to statement: it counts as one.
    lock.ended.reset();
    lock.waited_for = std::max(lock.waited_for, sample.waiting);
  }
}

StepCost Recorder::finish(const Sample& end) const {
  StepCost cost = cost_;
  cost.seconds = end.seconds;
  cost.wal_bytes = std::max(end.wal_bytes, curve_.empty() ? 0 : curve_.back().wal_bytes);
  cost.cpu_seconds = end.cpu_seconds;
  const std::vector<FreePoint> known = tells_free_ ? free_ : std::vector<FreePoint>();
  // A look that was under way at the end may have been taken behind it.
  const auto even = [&](double at) { return std::min(evened(known, at), end.seconds); };
  std::vector<CurvePoint> curve = curve_;
  for (CurvePoint& point : curve) point.seconds = even(point.seconds);
  while (!curve.empty() && curve.back().seconds >= end.seconds) curve.pop_back();
  cost.curve = thinned(curve, most_curve_points - 1);
  cost.curve.push_back({end.seconds, cost.wal_bytes});

  for (std::size_t at = 0; at < phases_.size(); ++at) {
    const Phase& phase = phases_[at];
    const double began = even(phase.began);
    const auto next = std::find_if(phases_.begin() + static_cast<std::ptrdiff_t>(at) + 1, phases_.end(),
                                   [&](const Phase& other) { return other.kind == phase.kind; });
    const double ended = std::max(began, next == phases_.end() ? end.seconds : even(next->began));
    cost.phases.push_back(
        {phase.kind, phase.name, began, ended - began,
         std::llround(wal_at(cost.curve, ended)) - std::llround(wal_at(cost.curve, began))});
  }
  for (const auto& [name, lock] : locks_) {
    const double began = even(lock.began);
    cost.locks.push_back({name.first, name.second, began,
                          std::max(0.0, even(lock.ended.value_or(end.seconds)) - began), lock.waited_for});
  }
  for (const auto& [wait, looks] : waits_) cost.waits[wait] = static_cast<double>(looks) / looks_;
  return cost;
}

}  // namespace dbtool::window
