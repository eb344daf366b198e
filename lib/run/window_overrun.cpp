#include "run/window_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/downtime_rule.h"

// What becomes of a step that does not fit the window: not begun, asked about, turned back.
namespace dbtool::run {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::minutes between_words{5};
/// So long before the latest moment a person is asked, or a tenth of the window where that is less.
constexpr double time_to_answer = 300;

const TransactionStep* transaction_of(const Step& step) {
  if (const auto* statements = std::get_if<StatementsStep>(&step)) return &statements->last;
  return std::get_if<TransactionStep>(&step);
}

}  // namespace

/// By what is left now: of a step that does not fit it is the online form, whatever the team's threshold.
std::string WindowGuard::advice() const {
  return downtime_advice(options_.knowledge, options_.settings, *step_, std::max(0.0, left()));
}

void WindowGuard::decide_before(const window::Judgement& judgement) {
  switch (judgement.verdict) {
    case window::Verdict::go_on:
      return;
    case window::Verdict::doubtful:
      return warn(fmt::format("{} may not fit the window: {}", name(), judgement.reason));
    case window::Verdict::turn_back:
      break;
  }
  if (options_.begin_anyway || options_.on_overrun == window::OnOverrun::warn)
    return warn(fmt::format("{} is begun although it is not expected to fit the window: {}", name(),
                            judgement.reason));
  if (!options_.adviser) refuse(judgement);
  options_.adviser->ask(fmt::format("{} is not expected to fit the window: {}. Begin it all the same?",
                                    name(), judgement.reason));
  if (await_answer() != Adviser::Answer::go_on) refuse(judgement);
}

Adviser::Answer WindowGuard::await_answer() const {
  while (left() > 0) {
    if (options_.interrupts && options_.interrupts() > 0)
      throw Error(ExitCode::stopped, fmt::format("as asked; {} was not begun", name()));
    clock_.sleep(100ms);
    const Adviser::Answer answer = options_.adviser->answer();
    if (answer != Adviser::Answer::none) return answer;
  }
  return Adviser::Answer::none;
}

void WindowGuard::refuse(const window::Judgement& judgement) {
  overrun_.emplace();
  overrun_->version = version_of(*step_).number;
  overrun_->direction = direction_of(*step_);
  overrun_->reason = judgement.reason;
  overrun_->needs = before_;
  overrun_->advice = advice();
  throw Error(ExitCode::stopped,
              fmt::format("{} is not begun, it is not expected to fit the window: {} ({})", name(),
                          judgement.reason, before_.source),
              "a longer window (dbtool window extend), or --force to begin it all the same");
}

void WindowGuard::heed(const window::Judgement& judgement) {
  const bool asks = options_.on_overrun == window::OnOverrun::ask && !only_warns_;
  if (asks && asked_) return heed_answer(judgement);
  if (asks && is_time_to_ask(judgement)) return ask(judgement);
  if (judgement.verdict == window::Verdict::go_on) return;
  const bool misses = judgement.verdict == window::Verdict::turn_back;
  if (misses && options_.on_overrun == window::OnOverrun::stop && !only_warns_) turn_back(judgement);
  const auto now = clock_.now();
  if (told_ && now - *told_ < between_words) return;
  told_ = now;
  warn(fmt::format("{} {}: {}", name(), misses ? "does not fit the window" : "may not fit the window",
                   judgement.reason));
}

bool WindowGuard::is_time_to_ask(const window::Judgement& judgement) const {
  if (judgement.verdict == window::Verdict::turn_back) return true;
  const window::Forecast left_now = watch_->left();
  const bool surely_fits = left_now.trust == window::Trust::measured && left_now.range.high < left();
  return !surely_fits && judgement.latest_turn_back <= std::min(time_to_answer, window_seconds() / 10);
}

void WindowGuard::ask(const window::Judgement& judgement) {
  asked_ = true;
  std::string text = fmt::format(
      "{} {}: {}", name(),
      judgement.verdict == window::Verdict::turn_back ? "does not fit the window" : "may not fit the window",
      judgement.reason);
  for (const std::string& reason : watch_->estimator().reasons()) text += "\n  " + reason;
  options_.adviser->ask(text + "\nTurn back? It goes on until you answer, or until the latest moment.");
}

void WindowGuard::heed_answer(const window::Judgement& judgement) {
  switch (options_.adviser->answer()) {
    case Adviser::Answer::turn_back:
      turn_back(judgement);
    case Adviser::Answer::go_on:
      only_warns_ = true;
      return;
    case Adviser::Answer::nobody:
      if (judgement.verdict == window::Verdict::turn_back) turn_back(judgement);
      return;
    case Adviser::Answer::none:
      // Who is silent until then is not there.
      if (judgement.verdict == window::Verdict::turn_back && judgement.latest_turn_back <= 0)
        turn_back(judgement);
  }
}

void WindowGuard::turn_back(const window::Judgement& judgement) {
  Overrun overrun;
  overrun.version = version_of(*step_).number;
  overrun.direction = direction_of(*step_);
  overrun.begun = true;
  overrun.reason = judgement.reason;
  overrun.because = watch_->estimator().reasons();
  overrun.needs = watch_->left();
  overrun.advice = advice();
  overrun.backend_pid = watch_->backend_pid();
  if (const TransactionStep* transaction = transaction_of(*step_))
    for (const auto& table : transaction->effects.written) overrun.tables.push_back(table);
  overrun_ = std::move(overrun);
  cancelled_ = clock_.now();
  observer_(TurningBack{overrun_->direction, overrun_->version, overrun_->reason, overrun_->because});
  throw Error(ExitCode::stopped,
              fmt::format("{} does not fit the window and was turned back: {}", name(), overrun_->reason));
}

}  // namespace dbtool::run
