#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "online/throttle/absence.h"
#include "online/throttle/rate.h"
#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

/// A standby that does not answer must not keep the other signals waiting.
constexpr auto patience = 1s;
constexpr auto retry_interval = 30s;

constexpr const char* cancelled_query = R"(
select confl_tablespace + confl_lock + confl_snapshot + confl_bufferpin + confl_deadlock
  from pg_stat_database_conflicts
 where datname = current_database())";

/// Called while somebody waits for a standby.
std::function<void()> deadline() {
  return [until = std::chrono::steady_clock::now() + patience] {
    if (std::chrono::steady_clock::now() > until)
      throw Error(ExitCode::unreachable, "no answer within a second");
  };
}

/// One standby and the connection to it.
class Standby {
 public:
  explicit Standby(const std::string& url) {
    address_.url = url;
    address_.application_name = "dbtool throttle";
    address_.options = {"-c statement_timeout=1s"};
    name_ = pg::mask_password(url);
  }

  const std::string& name() const { return name_; }

  /// Adds what it has cancelled. Throws Error when it cannot be read.
  void look(Clock::Monotonic now) {
    if (!connection_) {
      next_try_ = now + retry_interval;
      connection_ = pg::Connection::open(address_, deadline());
    }
    try {
      // A standby that is silent is left, not waited for.
      connection_->on_wait([this, late = deadline()] {
        try {
          late();
        } catch (const Error&) {
          connection_->abandon();
        }
      });
      const pg::Result result = connection_->query(cancelled_query);
      cancelled_.add(now, result.rows() == 0 ? 0 : result.number(0, 0));
      failed_ = false;
    } catch (const Error&) {
      connection_.reset();
      cancelled_.forget();
      throw;
    }
  }

  bool is_due(Clock::Monotonic now) const { return connection_.has_value() || now >= next_try_; }
  /// Whether it could be read before; says so once.
  bool is_first_failure() { return !std::exchange(failed_, true); }
  double cancelled_lately() const { return cancelled_.growth(); }

 private:
  std::string name_;
  pg::Address address_;
  std::optional<pg::Connection> connection_;
  Clock::Monotonic next_try_{};
  Rate cancelled_{1min};
  bool failed_ = false;
};

/// All of them.
class Standbys {
 public:
  Standbys(const CancelledSettings& settings, std::chrono::milliseconds absence)
      : limit_(settings.limit), gone_("cancelled", absence) {
    for (const auto& replica : settings.replicas) standbys_.emplace_back(replica.url);
  }

  Answer look(const Moment& moment) {
    Answer answer;
    double cancelled = 0;
    for (Standby& standby : standbys_) {
      try {
        if (standby.is_due(moment.now)) {
          standby.look(moment.now);
          gone_.see(standby.name(), moment.now);
        }
      } catch (const Error& error) {
        if (standby.is_first_failure())
          answer.warnings.push_back(fmt::format("replica {} cannot be asked for cancelled queries: {}",
                                                standby.name(), error.what()));
      }
      cancelled += standby.cancelled_lately();
    }
    const std::string text = fmt::format(
        "{:.0f} standby queries cancelled by replay within a minute (limit {:.0f})", cancelled, limit_);
    answer.readings.push_back({"cancelled", Signal::load_of(cancelled, limit_), text});
    answer.readings.back().measure = Measure{cancelled, limit_, "queries_per_minute"};
    gone_.judge(moment.now, answer);
    return answer;
  }

 private:
  double limit_;
  std::vector<Standby> standbys_;
  Absence gone_;
};

}  // namespace

Signal watch_cancelled(const CancelledSettings& settings, std::chrono::milliseconds absence) {
  for (const auto& replica : settings.replicas) {
    if (!replica.unset.empty()) throw Error(ExitCode::usage, replica.unset);
  }
  Signal::Elsewhere way;
  way.look = [standbys = std::make_shared<Standbys>(settings, absence)](const Moment& moment) {
    return standbys->look(moment);
  };
  Signal signal{"cancelled", std::move(way)};
  signal.every = 2s;
  return signal;
}

}  // namespace dbtool::online
