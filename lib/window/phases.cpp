#include "window/phases.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace dbtool::window {

namespace {

constexpr std::size_t enough_to_know = 12;  // characters; a statement may come cut off

// Looks are so far apart, in seconds: what is seen to begin so early has begun with the step.
constexpr double first_sight = 0.2;

std::string without_numbers(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!is_digit(c)) result += c;
  }
  return result;
}

std::string first_line(std::string_view text) {
  text = trim(text);
  return std::string(trim(text.substr(0, text.find('\n'))));
}

/// The same statement, though one of both may be cut off; the same notice, though it may tell another number.
bool is_same(const std::string& name, const std::string& seen) {
  if (name == seen) return true;
  const std::string a = without_numbers(name);
  const std::string b = without_numbers(seen);
  const std::size_t shorter = std::min(a.size(), b.size());
  if (a == b) return shorter > 0;
  return shorter >= enough_to_know && a.compare(0, shorter, b, 0, shorter) == 0;
}

std::string without_ellipsis(std::string text) {
  constexpr std::string_view ellipsis = "…";
  if (text.ends_with(ellipsis)) text.resize(text.size() - ellipsis.size());
  return text;
}

}  // namespace

Phases::Phases(const StepCost& cost) {
  for (const PhaseCost& phase : cost.phases) {
    double began = std::clamp(phase.began, 0.0, cost.seconds);
    if (phases_.empty() && began < std::min(first_sight, 0.1 * cost.seconds)) began = 0;
    if (phases_.empty() && began > 0) phases_.push_back({"", "", 0, began});
    if (!phases_.empty()) phases_.back().ended = std::max(phases_.back().began, began);
    phases_.push_back({phase.kind, without_ellipsis(first_line(phase.name)),
                       phases_.empty() ? 0 : phases_.back().ended, 0});
  }
  if (phases_.empty()) phases_.push_back({});
  phases_.back().ended = cost.seconds;
}

bool Phases::see(const Sample& sample) {
  bool entered = false;
  if (sample.statement != statement_) {
    statement_ = sample.statement;
    entered = enter("statement", statement_);
  }
  if (sample.notice != notice_) {
    notice_ = sample.notice;
    entered = enter("notice", notice_) || entered;
  }
  return entered;
}

bool Phases::enter(const std::string& kind, const std::string& text) {
  const std::string line = without_ellipsis(first_line(text));
  if (line.empty()) return false;
  const std::size_t from = phases_[seen_].kind.empty() || seen_ > 0 ? seen_ + 1 : seen_;
  for (std::size_t i = from; i < phases_.size(); ++i) {
    if (phases_[i].kind != kind || !is_same(phases_[i].name, line)) continue;
    const bool is_other = i != current_;
    seen_ = current_ = i;
    return is_other;
  }
  return false;
}

bool Phases::pass_on() {
  if (is_last()) return false;
  ++current_;
  return true;
}

}  // namespace dbtool::window
