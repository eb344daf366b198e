#include "online/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/online.h"
#include "ledger/write.h"
#include "online/earlier_statements.h"
#include "online/form.h"
#include "online/pass_watch.h"
#include "online/transact.h"
#include "online/walk.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;
using ledger::OnlinePhase;

constexpr int empty_passes_of_functions = 10;  // a pass is one call, and the services write meanwhile
constexpr int empty_passes_of_declared = 2;    // a pass walks the whole table
constexpr auto longest_pause = 5s;
constexpr auto longest_wait_for_statements = 30s;
// A pass of functions may be over within a millisecond, in which a service has added a row or two.
constexpr int passes_without_gain_of_functions = 100;
constexpr int passes_without_gain_of_declared = 5;

class Engine {
 public:
  Engine(ledger::Work& work, const Migration& migration, const std::function<void()>& confirm_lock)
      : work_(work),
        migration_(migration),
        confirm_lock_(confirm_lock),
        fence_{work.run, migration.version->number, migration.expected, ledger::Fence::Mode::shared},
        form_(make_form(*migration.version, migration.direction, work.clock, migration.rows_total)),
        walk_(work, migration, fence_, *form_, confirm_lock),
        pass_watch_(form_->is_parallel() ? passes_without_gain_of_declared
                                         : passes_without_gain_of_functions) {}

  void run() {
    if (!in_transaction([&] { return form_->prepare(work_.connection); })) return;
    refuse_paused();
    read_state();
    heed_changed_declaration();
    int empty_passes = 0;
    bool is_pass_in_vain = false;  // a whole one has just moved nothing
    for (;;) {
      work_.interrupts.stop_if_requested();
      connection_ = work_.connection.number();
      std::vector<ledger::RangeRecord> ranges =
          in_transaction([&] { return ledger::read_ranges(work_.connection, number()); });
      if (phase_ == OnlinePhase::verify) {
        if (!form_->verifies()) {
          // The file says no longer what to compare. Whether all is moved is asked once more.
          begin_pass(OnlinePhase::walk, pass_ + 1);
          continue;
        }
        if (is_finished(ranges) && differing_ == 0) {
          if (finish()) return;
          continue;
        }
        if (ranges.empty() || is_finished(ranges)) {
          begin_verify();
          continue;
        }
        walk_.run(pass_of(std::move(ranges)));
        read_state();
        if (differing_ > 0) report_differences();
        continue;
      }
      // In the midst of a walk there is no need to ask, and the answer may take a while.
      const bool asks = !form_->is_parallel() || is_finished(ranges) || !is_begun(ranges);
      if (asks && is_complete()) {
        if (form_->verifies())
          begin_verify();
        else if (finish())
          return;
        continue;
      }
      if (asks && std::exchange(is_pass_in_vain, false)) tell_pass_in_vain();
      if (ranges.empty() || is_finished(ranges))
        ranges = begin_pass(OnlinePhase::walk, ranges.empty() ? pass_ : pass_ + 1);
      const bool whole = !is_begun(ranges);
      if (whole && pass_ == 1)
        await_earlier_statements(work_, fence_, confirm_lock_, longest_wait_for_statements);
      if (const std::int64_t moved = walk_.run(pass_of(std::move(ranges))); moved > 0) {
        empty_passes = 0;
        if (whole && pass_watch_.observe(moved, walk_.walked()) && !is_complete()) refuse_endless_passes();
        continue;
      }
      const int most = form_->is_parallel() ? empty_passes_of_declared : empty_passes_of_functions;
      if (++empty_passes >= most && !is_complete()) {
        throw Error(
            ExitCode::failed,
            fmt::format("version {}: there is nothing left to move, but {} says that not all is moved",
                        number(), form_->complete_name()),
            "look for rows that the batch passes over; nothing is lost, the same command goes on");
      }
      is_pass_in_vain = whole;
      wait(work_, std::min<std::chrono::milliseconds>(longest_pause, 100ms * (1 << empty_passes)));
    }
  }

 private:
  int number() const { return migration_.version->number; }

  static bool is_finished(const std::vector<ledger::RangeRecord>& ranges) {
    return !ranges.empty() &&
           std::all_of(ranges.begin(), ranges.end(), [](const auto& range) { return range.last.done; });
  }
  static bool is_begun(const std::vector<ledger::RangeRecord>& ranges) {
    return std::any_of(ranges.begin(), ranges.end(), [](const auto& range) { return range.last.batch > 0; });
  }

  void read_state() {
    in_transaction([&] {
      read_state_once();
      return true;
    });
  }
  void read_state_once() {
    const pg::Result row = work_.connection.query(
        "select phase, pass, rows_done, rows_total, walked from dbtool.online where version = $1",
        {std::to_string(number())});
    if (row.rows() == 0) {
      throw Error(ExitCode::failed,
                  fmt::format("the ledger does not know of the online migration of version {}", number()),
                  "run the same command again");
    }
    phase_ = row.text(0, 0) == to_text(OnlinePhase::verify) ? OnlinePhase::verify : OnlinePhase::walk;
    pass_ = static_cast<int>(row.integer(0, 1));
    rows_of_passes_ = row.integer(0, 2);
    rows_total_ = row.is_null(0, 3) ? migration_.rows_total : row.integer(0, 3);
    walked_ = row.optional_text(0, 4);
    differing_ = 0;
    for (const ledger::RangeRecord& range : ledger::read_ranges(work_.connection, number()))
      differing_ += range.last.differing;
  }

  // The file may have been changed since (--accept-changed). Ranges of another table or key say nothing about
  // these rows.
  void heed_changed_declaration() {
    if (!walked_ || walked_ == form_->walked()) return;
    work_.observer(Message{Message::Level::warning,
                           fmt::format("version {} walked {} before, now {}: all rows are walked again",
                                       number(), *walked_, form_->walked().value_or("functions"))});
    rows_total_.reset();  // that of the other table, perhaps
    begin_pass(OnlinePhase::walk, 1);
  }

  template <class Attempt>
  auto in_transaction(const Attempt& attempt) -> decltype(attempt()) {
    return transact(work_, fence_, confirm_lock_, attempt);
  }

  void refuse_paused() {
    const ledger::Control control =
        in_transaction([&] { return ledger::read_control(work_.connection, number()); });
    if (!control.paused) return;
    throw Error(ExitCode::stopped,
                fmt::format("the online {} of version {} is paused{}", to_text(migration_.direction),
                            number(), control.paused_by.empty() ? "" : " by " + control.paused_by),
                "dbtool online resume, then the same command");
  }

  Pass pass_of(std::vector<ledger::RangeRecord> ranges) const {
    return {phase_, pass_, std::move(ranges), rows_of_passes_, rows_total_};
  }

  bool is_complete() {
    return in_transaction([&] {
      const pg::Result answer = work_.connection.query(form_->complete_query());
      if (answer.rows() == 1 && answer.columns() == 1 && answer.is_null(0, 0)) {
        throw Error(ExitCode::failed,
                    fmt::format("version {}: {} returned null; it must say true or false", number(),
                                form_->complete_name()),
                    "mend it (an aggregate of no rows is null); what was moved stays moved, the same command "
                    "goes on");
      }
      return answer.rows() == 1 && answer.columns() == 1 && answer.boolean(0, 0);
    });
  }

  std::vector<ledger::RangeRecord> begin_pass(OnlinePhase phase, int pass) {
    std::vector<ledger::RangeRecord> ranges = in_transaction([&] { return begin_pass_once(phase, pass); });
    read_state();
    return ranges;
  }
  std::vector<ledger::RangeRecord> begin_pass_once(OnlinePhase phase, int pass) {
    ledger::PassStart start{number(), migration_.direction, phase, pass, {}, std::nullopt, form_->walked()};
    start.ranges = form_->ranges(work_.connection);
    // Kept with the pass: who looks on from elsewhere, and the run that goes on, are told the same total.
    start.rows_total = rows_total_ ? rows_total_ : form_->rows_total(work_.connection);
    work_.connection.batch(ledger::begin_pass_statements(start));
    return start.ranges;
  }

  // The server that answers after a connection is lost may lack what was committed last: a replica, or one
  // that had not written it yet. That all was moved, or compared, must then be seen again, not believed.
  bool is_as_it_was_seen() const { return work_.connection.number() == connection_; }

  void begin_verify() {
    in_transaction([&] {
      if (is_as_it_was_seen()) begin_pass_once(OnlinePhase::verify, pass_);
      return true;
    });
    read_state();
  }

  // Services may have moved the rows that were meant, so it is tried again for a while; but whoever waits
  // must know why.
  void tell_pass_in_vain() {
    if (std::exchange(is_told_of_vain_, true)) return;
    const std::string batch = form_->batch_function();
    work_.observer(Message{
        Message::Level::warning,
        fmt::format("version {}: a whole pass moved no row, but {} says that not all is moved; passes are "
                    "repeated for a while, then given up. Look whether it asks for the rows that {} moves{}",
                    number(), form_->complete_name(), batch.empty() ? "the batch" : batch,
                    batch.empty() ? "" : ", and whether that returns their number as its count")});
  }

  // What a pass moves is committed: only who repeats it in vain is stopped.
  void refuse_endless_passes() const {
    std::string counts;
    for (const std::int64_t moved : pass_watch_.moved())
      counts += fmt::format("{}{}", counts.empty() ? "" : ", ", moved);
    const std::int64_t growth = pass_watch_.growth();
    const std::string table = form_->walked_table();
    const std::string seen = table.empty() ? ""
                             : growth > 0 ? fmt::format("; {} has grown by {} row{} meanwhile", table, growth,
                                                        growth == 1 ? "" : "s")
                                          : fmt::format("; {} has not grown meanwhile", table);
    const std::string services =
        "services add rows all the time that the copy does not get: let them write both sides first (a "
        "trigger of the version, or a release), or stop them until this is done";
    const std::string batch = fmt::format(
        "the batch changes rows that are moved already (leave these out, or `on conflict do nothing`), or "
        "{} asks for something else than the batch does",
        form_->complete_name());
    throw Error(ExitCode::failed,
                fmt::format("version {}: {} whole passes in a row have moved no fewer rows than those before "
                            "them (the last: {}), and {} still says that not all is moved: it would go on "
                            "for ever{}",
                            number(), pass_watch_.passes(), counts, form_->complete_name(), seen),
                fmt::format("{}; or {}; what was moved stays moved, the same command goes on",
                            growth > 0 ? "it looks as if " + services : "either " + batch,
                            growth > 0 ? batch : services));
  }

  void report_differences() const {
    std::string message = fmt::format("version {}: source and copy differ in {} row{} at least", number(),
                                      differing_, differing_ == 1 ? "" : "s");
    for (const std::string& example : walk_.differing()) message += "\n  " + example;
    throw Error(
        ExitCode::failed, message,
        "mend the rows (or `verify`), then the same command compares anew; nothing is dropped until then");
  }

  // Drops the functions and forgets the state, in the transaction that says so in the ledger. False: not
  // done, for whether all is moved must be seen again.
  bool finish() {
    enum class Ended { yes, no };  // the first is what transact gives back where the database has the end
    ledger::Fence fence = fence_;
    fence.mode = ledger::Fence::Mode::exclusive;
    const auto end = [&] {
      if (!is_as_it_was_seen()) return Ended::no;
      std::vector<pg::Statement> statements{{"set local lock_timeout = '300ms'", {}}};
      const ledger::StepEnd step{work_.run, migration_.direction, number(), migration_.expected, true};
      for (auto& statement : ledger::step_end_statements(work_.session, step, *migration_.version))
        statements.push_back(statement);
      for (auto& statement : ledger::online_end_statements(migration_.direction, number()))
        statements.push_back(statement);
      work_.connection.batch(statements);
      return Ended::yes;
    };
    const Ended ended = transact(work_, fence, confirm_lock_, end, [&](pg::Connection& asked) {
      return !asked
                  .query("select exists (select from dbtool.online where version = $1)",
                         {std::to_string(number())})
                  .boolean(0, 0);
    });
    if (ended == Ended::no) read_state();
    return ended == Ended::yes;
  }

  ledger::Work& work_;
  const Migration& migration_;
  const std::function<void()>& confirm_lock_;
  const ledger::Fence fence_;
  std::unique_ptr<Form> form_;
  Walk walk_;
  PassWatch pass_watch_;
  OnlinePhase phase_ = OnlinePhase::walk;
  int pass_ = 1;
  bool is_told_of_vain_ = false;
  int connection_ = 0;               ///< by which the state of things was last seen
  std::int64_t rows_of_passes_ = 0;  ///< moved by the passes before this one
  std::optional<std::int64_t> rows_total_;
  std::optional<std::string> walked_;  ///< what the recorded ranges are ranges of
  std::int64_t differing_ = 0;         ///< of the pass under way
};

}  // namespace

void run(ledger::Work& work, const Migration& migration, const std::function<void()>& confirm_lock) {
  Engine(work, migration, confirm_lock).run();
}

}  // namespace dbtool::online
