#include "run/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/overloaded.h"
#include "base/parallel.h"
#include "base/text.h"
#include "ledger/write.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

// A deprecated entry without a body leaves its function as it stands.
std::vector<MethodChange> methods_of_upgrade(const Version& version) {
  std::vector<MethodChange> changes;
  for (const Method& method : version.methods) {
    if (method.body) changes.push_back({MethodChange::Kind::define, &method});
  }
  return changes;
}

std::vector<MethodChange> methods_of_downgrade(const Project& project, const Version& version) {
  std::vector<MethodChange> changes;
  for (const Method& method : version.methods) {
    const MethodState earlier = method_state(project, method.name, version.number - 1);
    if (earlier.definition != nullptr) {
      changes.push_back({MethodChange::Kind::define, earlier.definition});
    } else if (method.args) {
      changes.push_back({MethodChange::Kind::drop, &method});
    }
  }
  return changes;
}

bool changes_methods_only(const Version& version) {
  return !version.migration_script && !version.online_migration;
}

class Planner {
 public:
  Planner(const Project& project, const ledger::State& state, const Request& request)
      : project_(project), state_(state), request_(request), at_(state.version) {
    plan_.direction = request.direction;
    plan_.from = state.version;
    plan_.goal = request.goal;
  }

  Plan make() {
    check_goal();
    if (resume_partly() && resume_online()) walk();
    read_effects();
    return std::move(plan_);
  }

 private:
  bool up() const { return request_.direction == Direction::upgrade; }
  const std::string& user_prefix() const { return project_.settings.user_prefix; }

  void check_goal() const {
    if (state_.version > project_.newest()) {
      throw Error(ExitCode::failed,
                  fmt::format("the database is at version {}, newer than the newest file (version {})",
                              state_.version, project_.newest()),
                  "use the project directory that brought it there");
    }
    if (request_.goal > project_.newest() || request_.goal < 0) {
      throw Error(ExitCode::usage,
                  fmt::format("there is no version {}; the newest is {}", request_.goal, project_.newest()),
                  fmt::format("give a version from 0 to {}", project_.newest()));
    }
    if (up() ? request_.goal < state_.version : request_.goal > state_.version) {
      throw Error(ExitCode::usage,
                  fmt::format("cannot {} to version {}: the database is at {}", to_text(request_.direction),
                              request_.goal, state_.version),
                  fmt::format("dbtool {} {}", up() ? "downgrade" : "upgrade", request_.goal));
    }
  }

  // Statements of a version that is only partly there: on with it, or back. Partly up, the version row says
  // v-1; partly down, it says v. False: the plan ends here.
  bool resume_partly() {
    if (!state_.partly) return true;
    const ledger::PartlyState& partly = *state_.partly;
    const Version& version = file_of(partly.version);
    if (up() ? request_.goal < partly.version : request_.goal >= partly.version) {
      throw Error(
          ExitCode::failed,
          fmt::format("version {} is partly {}; it must be finished or taken back first", partly.version,
                      partly.direction == Direction::upgrade ? "there" : "gone"),
          fmt::format("dbtool upgrade {}, or dbtool downgrade {}", partly.version, partly.version - 1));
    }
    StatementsStep step = statements(version, request_.direction);
    step.expected = step.last.expected = state_.version;
    step.turned = partly.turned || partly.direction != request_.direction;
    if (partly.direction == request_.direction) {
      if (partly.checksum != version.checksum) {
        throw Error(ExitCode::failed,
                    fmt::format("{} has changed since version {} was begun; its statements cannot be resumed",
                                version.place.file, partly.version),
                    fmt::format("give the file as it was, or turn round: dbtool {}",
                                up() ? fmt::format("downgrade {}", partly.version - 1)
                                     : fmt::format("upgrade {}", partly.version)));
      }
      step.position = partly.position;
      step.started = partly.started;
    }
    at_ = step.last.leaves;
    plan_.steps.emplace_back(std::move(step));
    return add_online(version);
  }

  // Of a version that the database has not yet reached, or has just left, the files may be too old.
  const Version& file_of(int number) const {
    if (number <= project_.newest()) return project_.version(number);
    throw Error(ExitCode::failed,
                fmt::format("version {} is unfinished in this database, and the newest file is version {}",
                            number, project_.newest()),
                "use the project directory that began it");
  }

  // An online migration that is under way is finished first, or turned round. False: the plan ends here.
  bool resume_online() {
    if (!state_.online || state_.partly) return true;
    const ledger::OnlineState& online = *state_.online;
    const Version& version = file_of(online.version);
    // Versions that only change methods may stand above the one that still moves rows: down through them
    // first.
    if (!up()) walk_down_to(std::max(online.version, request_.goal));
    if (!up() && at_ != state_.version && at_ == request_.goal) return finish_or_defer(online, version);
    const bool turn_round = online.direction != request_.direction &&
                            (up() ? request_.goal >= online.version : request_.goal < online.version);
    if (turn_round) {
      TransactionStep step = transaction(version, request_.direction);
      step.drops_online = online.direction;
      at_ = step.leaves;
      if (version.transactional || step.script == nullptr) {
        plan_.steps.emplace_back(std::move(step));
      } else {
        StatementsStep single = statements(version, request_.direction);
        single.last.drops_online = online.direction;
        plan_.steps.emplace_back(std::move(single));
      }
      return add_online(version);
    }
    return finish_or_defer(online, version);
  }

  bool finish_or_defer(const ledger::OnlineState& online, const Version& version) {
    if (request_.defer_online) return defer(online.version, online.direction);
    plan_.steps.emplace_back(OnlineStep{online.direction, &version, at_});
    return true;
  }

  // The plan ends with the online part of that version left open. An emergency fix may come on top of it:
  // versions that change methods only, while the rows of the one below are still on their way.
  bool defer(int number, Direction direction) {
    plan_.deferred_online = number;
    while (up() && direction == Direction::upgrade && at_ < request_.goal &&
           changes_methods_only(project_.version(at_ + 1))) {
      plan_.steps.emplace_back(transaction(project_.version(at_ + 1), Direction::upgrade));
      ++at_;
    }
    return false;
  }

  void walk_down_to(int number) {
    while (at_ > number && state_.online->direction == Direction::upgrade) {
      plan_.steps.emplace_back(transaction(project_.version(at_), Direction::downgrade));
      --at_;
    }
  }

  void walk() {
    while (at_ != request_.goal) {
      const Version& version = project_.version(up() ? at_ + 1 : at_);
      if (version.transactional || script_of(version, request_.direction) == nullptr) {
        plan_.steps.emplace_back(transaction(version, request_.direction));
      } else {
        plan_.steps.emplace_back(statements(version, request_.direction));
      }
      at_ += up() ? 1 : -1;
      if (!add_online(version)) return;
    }
  }

  // The online part of the version just reached or left. False: it is put off, and the plan ends.
  bool add_online(const Version& version) {
    if (!begins_online(version, request_.direction)) return true;
    if (request_.defer_online) return defer(version.number, request_.direction);
    plan_.steps.emplace_back(OnlineStep{request_.direction, &version, at_});
    return true;
  }

  TransactionStep transaction(const Version& version, Direction direction) const {
    const bool upward = direction == Direction::upgrade;
    TransactionStep step;
    step.direction = direction;
    step.version = &version;
    step.expected = upward ? version.number - 1 : version.number;
    step.leaves = upward ? version.number : version.number - 1;
    step.script = script_of(version, direction);
    step.methods = upward ? methods_of_upgrade(version) : methods_of_downgrade(project_, version);
    step.verify = upward ? &version.verify_upgrade : &version.verify_downgrade;
    step.creates_version_table = upward && version.number == 1 && !state_.version_table;
    return step;
  }

  StatementsStep statements(const Version& version, Direction direction) const {
    StatementsStep step;
    step.direction = direction;
    step.version = &version;
    step.last = transaction(version, direction);
    step.expected = step.last.expected;
    step.script = step.last.script;
    step.last.script = nullptr;
    step.last.ends_statements = true;
    if (step.script == nullptr) return step;
    sql::SplitResult split = sql::split(step.script->text);
    if (split.error) {
      throw Error(
          ExitCode::usage,
          fmt::format("{}: {}", to_text(step.script->locate(split.error->offset)), split.error->message),
          "a script with `transactional: false` is plain SQL statements, not a block");
    }
    step.statements = std::move(split.statements);
    return step;
  }

  // To parse the scripts is most of the work of a plan, a fifth of a millisecond each, and they are
  // independent.
  void read_effects() {
    constexpr std::size_t scripts_for_a_thread = 16;
    in_parallel(plan_.steps.size(), scripts_for_a_thread, [this](std::size_t i) {
      std::visit(Overloaded{[this](TransactionStep& it) { read_effects(it); },
                            [this](StatementsStep& it) { read_effects(it); }, [](OnlineStep&) {}},
                 plan_.steps[i]);
    });
  }

  void read_effects(TransactionStep& step) const {
    if (step.script == nullptr || !step.version->transactional) return;
    step.effects = sql::effects_of_block(substitute_prefix(step.script->text, user_prefix()));
  }

  void read_effects(StatementsStep& step) const {
    if (step.script == nullptr) return;
    step.effects = sql::effects_of_statements(substitute_prefix(step.script->text, user_prefix()));
  }

  const Project& project_;
  const ledger::State& state_;
  const Request& request_;
  Plan plan_;
  int at_ = 0;
};

}  // namespace

Plan make_plan(const Project& project, const ledger::State& state, const Request& request) {
  return Planner(project, state, request).make();
}

std::string kind_of(const Step& step) {
  return std::visit(Overloaded{[](const TransactionStep& transaction) -> std::string {
                                 return transaction.script != nullptr ? "script" : "methods only";
                               },
                               [](const StatementsStep&) -> std::string { return "statement by statement"; },
                               [](const OnlineStep&) -> std::string { return "online"; }},
                    step);
}

const Version& version_of(const Step& step) {
  return *std::visit([](const auto& any) { return any.version; }, step);
}

Direction direction_of(const Step& step) {
  return std::visit([](const auto& any) { return any.direction; }, step);
}

int version_after(const Step& step) {
  return std::visit(Overloaded{[](const TransactionStep& it) { return it.leaves; },
                               [](const StatementsStep& it) { return it.last.leaves; },
                               [](const OnlineStep& it) { return it.expected; }},
                    step);
}

int version_after(const Plan& plan) {
  return plan.steps.empty() ? plan.from : version_after(plan.steps.back());
}

const SqlText* script_of(const Version& version, Direction direction) {
  const auto& script = direction == Direction::upgrade ? version.migration_script : version.downgrade_script;
  return script ? &*script : nullptr;
}

bool begins_online(const Version& version, Direction direction) {
  if (version.online(direction)) return true;
  const SqlText* script = script_of(version, direction);
  // Names are folded to lower case by the server, too.
  return script != nullptr &&
         to_lower(script->text).find(ledger::online_function(direction, version.number, "batch")) !=
             std::string::npos;
}

}  // namespace dbtool::run
