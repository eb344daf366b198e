#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/online.h"
#include "ledger/work.h"
#include "online/crew.h"
#include "online/engine.h"
#include "online/form.h"
#include "online/latency_curve.h"
#include "online/meter.h"
#include "online/monitor.h"
#include "online/rate_guard.h"
#include "online/scan_watch.h"
#include "online/staffing.h"

namespace dbtool::online {

/// A pass that is to be walked, or the rest of one.
struct Pass {
  ledger::OnlinePhase phase{};
  int number = 1;
  std::vector<ledger::RangeRecord> ranges;
  std::int64_t rows_before = 0;            ///< moved by earlier passes
  std::optional<std::int64_t> rows_total;  ///< estimate of all
};

/// Leads workers through passes: gives them what to do, watches them and the wishes from other terminals, and
/// notes in the ledger how it goes.
class Walk {
 public:
  Walk(ledger::Work& work, const Migration& migration, const ledger::Fence& fence, Form& form,
       const std::function<void()>& confirm_lock);

  /// To the end of the pass. Returns the rows that this run has moved of it. Throws what ended the work; a
  /// stop is heeded at the end of the batches at hand.
  std::int64_t run(Pass pass);

  /// Rows that the last pass handled in this run, moved or not.
  std::int64_t walked() const { return meter_ ? meter_->of_this_run() : 0; }

  /// Rows that `verify` found to differ in this run, the first ones in words.
  const std::vector<std::string>& differing() const { return differing_; }

 private:
  void begin(const Pass& pass);
  void tick(Crew& crew, Orders& orders);
  void heed_wishes(Orders& orders);
  void read_wishes();
  void watch_load();
  void note(Crew& crew, const Orders& orders);
  void note_latency();
  void guard_rate(Crew& crew);
  void tell_pulse(const Orders& orders);
  void batch_done(Lane& lane, const BatchResult& result, int size, std::chrono::microseconds took);
  void watch_reading(const BatchResult& result);
  void tell(const Event& event);
  std::string what_is_waited_for(const Crew& crew);

  ledger::Work& work_;
  const Migration& migration_;
  const ledger::Fence fence_;
  Form& form_;
  const std::function<void()>& confirm_lock_;

  std::mutex mutex_;  ///< guards what follows, and the observer
  std::optional<Meter> meter_;
  ledger::OnlinePhase phase_{};
  std::int64_t moved_ = 0;
  std::vector<std::string> differing_;
  bool warned_of_state_ = false;
  std::set<std::string> touched_;  ///< tables, by a function's batches
  RateGuard rate_guard_;
  ScanWatch scan_watch_;
  TableScanWatch table_scan_watch_;
  int workers_ = 1;
  std::string reason_;  ///< why the work is slower than it could be

  Monitor monitor_;
  bool watching_ = false;
  Staffing staffing_;
  int workers_wished_ = 1;
  ledger::Control control_;
  int batch_size_ = 0;
  int curve_points_ = 0;
  LatencyCurve latency_curve_;
  Clock::Monotonic next_wishes_{}, next_note_{}, next_confirm_{}, next_point_{}, next_tidy_{}, next_reason_{};
};

}  // namespace dbtool::online
