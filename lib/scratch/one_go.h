#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/interrupt.h"
#include "model/finding.h"
#include "scratch/database.h"
#include "scratch/trip_finding.h"

namespace dbtool::scratch {

/// All versions in one go: from nothing to the newest, back to nothing, and up once more, in a database and a
/// thread of its own from construction on.
class OneGo {
 public:
  OneGo(Host& host, Clock& clock, const InterruptCount& interrupts);
  OneGo(const OneGo&) = delete;
  OneGo& operator=(const OneGo&) = delete;
  ~OneGo();

  /// Waits for the end, and tells what the single trips of the versions (`told`) did not show. `reached` is
  /// the last version that went up there, `nothing` and `newest` are the catalogs before the first and after
  /// that one.
  std::vector<Finding> findings(const Catalog& nothing, const Catalog& newest, int reached,
                                const std::vector<Finding>& told);

 private:
  struct Leg {
    int goal = 0;
    Way way{};
    std::optional<Fault> fault{};
    Catalog catalog{};
  };
  std::vector<Leg> run();
  void add_failure(const Leg& leg, const std::set<int>& faulty, std::vector<Finding>& findings) const;

  Host& host_;
  Database database_;
  const InterruptCount& interrupts_;
  std::atomic<bool> given_up_ = false;
  std::future<std::vector<Leg>> legs_;
};

}  // namespace dbtool::scratch
