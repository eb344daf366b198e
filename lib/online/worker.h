#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/session.h"
#include "ledger/work.h"
#include "online/form.h"
#include "online/orders.h"
#include "online/pace.h"
#include "online/supply.h"

namespace dbtool::online {

/// What all workers of a pass share. The functions are called by any of them, and are safe for it.
struct Shop {
  Direction direction{};
  ledger::PassId pass;
  ledger::Session session;
  ledger::Fence fence;
  Clock& clock;
  Interrupts& interrupts;
  Orders& orders;
  Supply& supply;
  /// A new lane for a part that was cut off another.
  std::function<std::unique_ptr<Lane>(ledger::RangeRecord)> make_lane;
  std::function<void(const Event&)> tell;
  /// A batch of this lane is committed.
  std::function<void(Lane&, const BatchResult&, int size, std::chrono::microseconds took)> batch_done;
};

/// Works through lanes of the supply on a connection of its own: batches in transactions with their
/// checkpoints, paced, and repeated where that may help.
class Worker {
 public:
  Worker(Shop& shop, int number, pg::Connection connection, int batch_size);

  /// Until the supply is done or the orders say stop. Throws what ends the run.
  void work();

  int backend_pid() const { return backend_pid_; }
  /// Since when the batch at hand is under way, in the clock's ticks; 0: none is.
  std::chrono::steady_clock::rep busy_since() const { return busy_since_; }
  std::chrono::microseconds recent_batch_time() const {
    return std::chrono::microseconds(recent_batch_time_);
  }
  int batch_size() const { return batch_size_; }

 private:
  struct Done {
    BatchResult result;
    std::chrono::microseconds took{};
  };

  /// The next lane, where the server that answers now says that it stands; false: there is none.
  bool take_lane();
  void work_on_lane();
  /// The next batch, tried until it is committed; nullopt: a stop came between two tries.
  std::optional<Done> run_batch();
  BatchResult try_batch(int size);
  /// After a failure: repeats if that may help (returns), or throws.
  void recover(const pg::PgError& error, int attempt, Clock::Monotonic::duration took);
  /// Opens the connection again, and goes back to where the server says that the lane stands. Throws when
  /// that has been of no use several times.
  void reconnect(std::string_view why);
  /// Puts a new connection in place of the lost one, and asks it when the old backend has let go of its
  /// locks.
  bool reopen(const std::function<bool(pg::Connection&)>& asked);
  /// Goes to where the server of that connection says that the lane stands. Throws Error when it is not in
  /// the midst of this pass.
  void reload(pg::Connection& connection);
  void tell_lost(std::string_view why) const;
  bool narrow(const pg::PgError& error);
  void split_if_wanted();
  /// Cuts `second` off the lane, as range of that number; false: too little is left, or now is not the time.
  bool split(int range, std::optional<ledger::RangeRecord>& second);
  void pause(std::chrono::milliseconds longest);
  void heed_stop_in_long_batch();
  ledger::Work work_of_this_connection();

  Shop& shop_;
  const int number_;
  pg::Connection connection_;
  std::unique_ptr<Lane> lane_;
  Pace pace_;
  BatchResult sent_;                 ///< of the batch whose COMMIT is under way
  std::int64_t rows_to_narrow_ = 0;  ///< a row among the next so many fails
  bool is_alone_ = false;            ///< the batch at hand is one row for certain
  int losses_ = 0;                   ///< of the connection since the last batch
  Clock::Monotonic next_split_{};
  Clock::Monotonic next_lock_message_{};
  std::atomic<int> backend_pid_ = 0;
  std::atomic<std::chrono::steady_clock::rep> busy_since_ = 0;
  std::atomic<std::int64_t> recent_batch_time_ = 0;
  std::atomic<int> batch_size_ = 0;
};

}  // namespace dbtool::online
