#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "model/window_settings.h"
#include "pg/connection.h"
#include "run/prediction.h"
#include "run/step_guard.h"
#include "run/step_watch.h"
#include "window/deadline.h"
#include "window/decision.h"

namespace dbtool::run {

/// A person who can be asked while the work goes on.
struct Adviser {
  /// `nobody`: there is no terminal any more, or another program has it.
  enum class Answer { none, go_on, turn_back, nobody };
  std::function<void(const std::string&)> ask;  ///< puts the question; returns at once
  std::function<Answer()> answer;               ///< what has been answered since; never waits
};

/// What became of a step that was turned back, or not begun, because it does not fit the window.
struct Overrun {
  int version = 0;
  Direction direction{};
  bool begun = false;
  std::string reason;                ///< "needs 9 h 50 – 16 h more; 8 h 20 left"
  std::vector<std::string> because;  ///< why it is slow, a sentence each
  window::Forecast needs;            ///< what is left of it, or all of it
  std::string advice{};              ///< of the team's own rule, as downtime_advice gives it
  int backend_pid = 0;
  double rollback_seconds = 0;      ///< from the cancel until the backend was done with it
  std::vector<std::string> tables;  ///< that it wrote and that stay: vacuum takes back what it left there
};

/// Holds the steps of a run against a window: forecasts them, begins none that does not fit, and turns one
/// back that turns out not to. Without a deadline it only forecasts.
class WindowGuard final : public StepGuard {
 public:
  struct Options {
    std::optional<window::Deadline> deadline;
    /// What the deadline has become, since somebody else may move it; nullopt: as it was. Empty: nobody can.
    std::function<std::optional<window::Deadline>()> moved_deadline;
    window::OnOverrun on_overrun = window::OnOverrun::stop;
    bool begin_anyway = false;       ///< steps are begun although they are not expected to fit
    std::optional<Adviser> adviser;  ///< where on_overrun is `ask`
    InterruptCount interrupts;       ///< heeded while a question keeps a step from being begun
    Knowledge knowledge;
    WindowSettings settings;
    ledger::Session session;  ///< in which the ledger gets what was forecast and seen
  };
  /// `observer` gets StepForecast about once a second, and messages.
  WindowGuard(Options options, pg::Address address, Clock& clock, Observer observer);
  ~WindowGuard() override;

  /// The plan that is about to run: tells whether all of it is expected to fit.
  void tell_total(const Plan& plan);
  /// Events of the run: notices name the phases of a script.
  void observe(const Event& event);
  const std::optional<Overrun>& overrun() const { return overrun_; }

  void before(std::int64_t run, const Step& step) override;
  void works(int backend_pid) override;
  void poll() override;
  std::optional<std::int64_t> rows_to_move(const OnlineStep& step) const override;
  void after(const Step& step, bool done) override;

 private:
  void read_deadline();
  void pause_online() const;
  void record_online() const noexcept;
  StepForecast forecast_event() const;
  double left() const;
  double window_seconds() const;
  double turn_back_cost(const StepCost* cost) const;
  double follows(const StepCost* cost) const;
  void add_analyze(std::map<std::string, double>& seconds, const StepCost* cost) const;
  void heed(const window::Judgement& judgement);
  bool is_time_to_ask(const window::Judgement& judgement) const;
  void ask(const window::Judgement& judgement);
  void heed_answer(const window::Judgement& judgement);
  Adviser::Answer await_answer() const;
  [[noreturn]] void turn_back(const window::Judgement& judgement);
  [[noreturn]] void refuse(const window::Judgement& judgement);
  void decide_before(const window::Judgement& judgement);
  std::string advice() const;
  std::string name() const;
  void warn(const std::string& text);

  Options options_;
  pg::Address address_;
  Clock& clock_;
  Observer observer_;
  std::unique_ptr<StepWatch> watch_;  ///< of the step at hand
  std::int64_t run_ = 0;
  const Step* step_ = nullptr;
  int last_done_ = 0;                      ///< version of the last step that was done in this run
  std::map<std::string, double> analyze_;  ///< of tables that steps have filled so far, in seconds
  window::Forecast before_;
  window::Judge judge_;
  bool asked_ = false;                    ///< the adviser, about the step at hand
  bool only_warns_ = false;               ///< a person wants the step at hand to go on, whatever comes
  std::optional<Clock::Monotonic> told_;  ///< when a doubt was last told
  std::optional<Overrun> overrun_;
  std::optional<Clock::Monotonic> cancelled_;
  Clock::Monotonic deadline_read_{};
};

}  // namespace dbtool::run
