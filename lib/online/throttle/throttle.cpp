#include "online/throttle/throttle.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds statement_timeout = 1s;

/// A signal that is on, and what it said last.
struct Watched {
  Signal signal;
  Answer last{};
  Clock::Monotonic next{};  ///< when it is to be read again
};

std::vector<Built> build(const ThrottleSettings& settings, const Guarded& guarded, const ServerFacts& facts) {
  std::vector<Built> built;
  if (settings.hours) built.emplace_back(watch_hours(*settings.hours));
  if (settings.disk) built.emplace_back(watch_disk(*settings.disk));
  if (settings.vacuum) built.emplace_back(watch_vacuum(guarded.table));
  if (settings.probe) built.emplace_back(watch_probe(*settings.probe));
  if (settings.latency) built.push_back(watch_latency(*settings.latency, guarded.user_prefix, facts));
  if (settings.active) built.emplace_back(watch_active(*settings.active));
  if (settings.waiting) built.emplace_back(watch_waiting(*settings.waiting));
  if (settings.blocked) built.emplace_back(watch_blocked(*settings.blocked));
  if (settings.wal) built.emplace_back(watch_wal(*settings.wal));
  if (settings.checkpoint) built.emplace_back(watch_checkpoint(*settings.checkpoint));
  if (settings.lag) built.emplace_back(watch_lag(*settings.lag, settings.absence));
  if (settings.slots) built.emplace_back(watch_slots(*settings.slots));
  if (settings.archive) built.push_back(watch_archive(*settings.archive, facts));
  if (settings.transaction) built.emplace_back(watch_transaction(*settings.transaction));
  if (settings.cancelled) built.emplace_back(watch_cancelled(*settings.cancelled, settings.absence));
  for (const NumberSettings& number : settings.queries) built.emplace_back(watch_number(number));
  return built;
}

/// Whether a signal that the server refuses so can never be had in this run.
bool is_lasting(const pg::PgError& error) {
  // Syntax and rights, what the server lacks, what is not set up, arguments that are none, what writes.
  const std::string& state = error.sqlstate();
  return state.starts_with("42") || state == "0A000" || state == "55000" || state == "22023" ||
         error.is_read_only();
}

/// Whether it is the user's words that are wrong, not the server or the rights.
bool is_mistake(const Signal& signal, const pg::PgError& error) {
  if (error.is_permission_denied()) return false;
  return std::holds_alternative<Signal::Alone>(signal.way) || signal.name == "hours";
}

}  // namespace

struct Throttle::State {
  ThrottleSettings settings;
  Guarded guarded;
  Clock& clock;
  std::vector<Watched> signals{};
  std::string user{};
  bool needs_stats = false;
  int session = 0;  ///< backend whose settings are as wished

  Moment moment(const std::vector<int>& worker_pids, const std::vector<std::string>& tables) const {
    return {clock.now(), clock.wall(), worker_pids, tables};
  }

  void set_up(pg::Connection& connection);
  std::optional<SignalOff> try_out(pg::Connection& connection, const Signal& signal) const;

  void look_together(pg::Connection& connection, const Moment& moment, std::vector<Watched*> due);
  void look_alone(pg::Connection& connection, Watched& watched, const Signal::Alone& way);
  template <typename Judge>
  void take(Watched& watched, const Judge& judge);
  static void lose(Watched& watched, const std::string& reason);
};

/// Once a connection: each statement for itself, short, and without a way to change anything.
void Throttle::State::set_up(pg::Connection& connection) {
  if (session == connection.backend_pid()) return;
  milliseconds timeout = statement_timeout;
  if (settings.probe) timeout = std::max(timeout, 2 * settings.probe->limit);
  connection.exec(
      fmt::format("set statement_timeout = {}; set default_transaction_read_only = on; "
                  "set idle_session_timeout = 0",
                  timeout.count()));
  session = connection.backend_pid();
}

std::optional<SignalOff> Throttle::State::try_out(pg::Connection& connection, const Signal& signal) const {
  try {
    if (const auto* together = std::get_if<Signal::Together>(&signal.way)) {
      const pg::Statement statement = together->ask(moment({}, {}));
      connection.query(statement.sql, statement.parameters);
    } else if (const auto* alone = std::get_if<Signal::Alone>(&signal.way)) {
      connection.query(alone->query);
    }
  } catch (const pg::PgError& error) {
    if (error.is_connection_lost()) throw;
    if (!is_lasting(error)) return std::nullopt;  // it counts as loaded until it can be read
    const std::string& message = error.fields().message;
    if (is_mistake(signal, error)) {
      throw Error(ExitCode::usage, fmt::format("dbtool.yml: `{}` of `throttle`: {}", signal.name, message),
                  "mend it, or remove it");
    }
    return SignalOff{signal.name, message,
                     error.is_permission_denied() ? fmt::format("grant the right to {}", user) : ""};
  }
  return std::nullopt;
}

void Throttle::State::lose(Watched& watched, const std::string& reason) {
  const std::string text = fmt::format("{} cannot be read: {}", watched.signal.name, reason);
  watched.last = {{{watched.signal.name, 1, text, watched.signal.hard, true}}, {}};
  watched.next = {};
}

template <typename Judge>
void Throttle::State::take(Watched& watched, const Judge& judge) {
  try {
    watched.last = judge();
    watched.next = clock.now() + watched.signal.every;
  } catch (const Error& error) {
    lose(watched, error.what());
  }
}

void Throttle::State::look_together(pg::Connection& connection, const Moment& moment,
                                    std::vector<Watched*> due) {
  while (!due.empty()) {
    std::vector<pg::Statement> statements;
    // The right may be taken away in mid-run; the views then show nulls, which look like no load.
    statements.push_back({"select pg_has_role('pg_read_all_stats', 'usage')"});
    for (const Watched* watched : due)
      statements.push_back(std::get<Signal::Together>(watched->signal.way).ask(moment));
    try {
      const std::vector<pg::Result> results = connection.batch(statements);
      const bool reads_stats = results.at(0).boolean(0, 0);
      for (std::size_t i = 0; i < due.size(); ++i) {
        const auto& way = std::get<Signal::Together>(due[i]->signal.way);
        if (due[i]->signal.needs_stats && !reads_stats) {
          lose(*due[i], "the right to see other users' sessions is gone; grant pg_monitor to " + user);
        } else {
          take(*due[i], [&] { return way.judge(results.at(i + 1), moment); });
        }
      }
      return;
    } catch (const pg::PgError& error) {
      const std::size_t failed = error.fields().statement_index;
      if (error.is_connection_lost() || failed == 0 || failed > due.size()) {
        for (Watched* watched : due) lose(*watched, error.fields().message);
        return;
      }
      // A batch gives the answers of all or of none, so the others are asked again.
      lose(*due[failed - 1], error.fields().message);
      due.erase(due.begin() + static_cast<std::ptrdiff_t>(failed) - 1);
    }
  }
}

void Throttle::State::look_alone(pg::Connection& connection, Watched& watched, const Signal::Alone& way) {
  take(watched, [&] {
    const auto began = clock.now();
    const pg::Result result = connection.query(way.query);
    return way.judge(result, std::chrono::duration_cast<std::chrono::microseconds>(clock.now() - began));
  });
}

Throttle::Throttle(const ThrottleSettings& settings, Guarded guarded, Clock& clock)
    : state_(new State{settings, std::move(guarded), clock}) {}
Throttle::Throttle(Throttle&&) noexcept = default;
Throttle& Throttle::operator=(Throttle&&) noexcept = default;
Throttle::~Throttle() = default;

std::vector<SignalOff> Throttle::prepare(pg::Connection& connection) {
  state_->set_up(connection);
  const ServerFacts facts = read_facts(connection);
  state_->user = facts.user;
  state_->signals.clear();
  std::vector<SignalOff> off;
  for (Built& built : build(state_->settings, state_->guarded, facts)) {
    if (auto* missing = std::get_if<SignalOff>(&built)) {
      off.push_back(std::move(*missing));
      continue;
    }
    auto& signal = std::get<Signal>(built);
    if (signal.needs_stats && !facts.reads_stats) {
      off.push_back({signal.name, facts.user + " may not see other users' sessions",
                     "grant pg_monitor to " + facts.user});
    } else if (auto refused = state_->try_out(connection, signal)) {
      off.push_back(std::move(*refused));
    } else {
      state_->signals.push_back({std::move(signal)});
    }
  }
  return off;
}

Observation Throttle::observe(pg::Connection& connection, const std::vector<int>& worker_pids,
                              const std::vector<std::string>& tables) {
  State& state = *state_;
  const Moment moment = state.moment(worker_pids, tables);
  std::vector<Watched*> together;
  std::vector<Watched*> others;
  for (Watched& watched : state.signals) {
    watched.last.warnings.clear();
    if (moment.now < watched.next) continue;
    (std::holds_alternative<Signal::Together>(watched.signal.way) ? together : others).push_back(&watched);
  }
  if (!connection.is_alive()) state.session = 0;
  try {
    state.set_up(connection);
  } catch (const pg::PgError&) {
    // Each of the statements below fails in the same way.
  }
  state.look_together(connection, moment, std::move(together));
  for (Watched* watched : others) {
    if (const auto* alone = std::get_if<Signal::Alone>(&watched->signal.way)) {
      state.look_alone(connection, *watched, *alone);
    } else {
      state.take(*watched, [&] { return std::get<Signal::Elsewhere>(watched->signal.way).look(moment); });
    }
  }
  Observation observation;
  for (const Watched& watched : state.signals) {
    const Answer& last = watched.last;
    observation.readings.insert(observation.readings.end(), last.readings.begin(), last.readings.end());
    observation.warnings.insert(observation.warnings.end(), last.warnings.begin(), last.warnings.end());
  }
  return observation;
}

}  // namespace dbtool::online
