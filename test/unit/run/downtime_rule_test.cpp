#include "run/downtime_rule.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace std::chrono_literals;

namespace {

/// Version 2 updates the tasks, and was rehearsed to take 300 s.
struct RehearsedUpdate {
  Version version;
  run::Knowledge knowledge;
  WindowSettings settings;

  RehearsedUpdate() {
    version.number = 2;
    version.migration_script = SqlText{"begin\n  update tasks set a = 1;\nend", {}, 0};
    StepCost cost;
    cost.direction = Direction::upgrade;
    cost.version = 2;
    cost.seconds = 300;
    cost.wal_bytes = 100'000'000;
    cost.curve = {{150, 50'000'000}, {300, 100'000'000}};
    TableCost table;
    table.name = "tasks";
    table.rows_before = table.rows_after = 1'000'000;
    cost.tables = {table};
    knowledge.table_rows = {{"tasks", 1'000'000}};
    knowledge.rehearsal.emplace().steps = {cost};
  }

  std::string advice(std::optional<double> left, Direction direction = Direction::upgrade) const {
    run::TransactionStep step;
    step.direction = direction;
    step.version = &version;
    step.script = direction == Direction::upgrade ? &*version.migration_script : nullptr;
    return run::downtime_advice(knowledge, settings, run::Step(step), left);
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("What takes more than half of the window is to be moved online", "[window]") {
  const RehearsedUpdate update;
  CHECK(update.advice(std::nullopt).empty());
  CHECK(update.advice(3600).empty());
  CHECK(holds(update.advice(60), "more than the window's 1 min: move its rows online"));
  CHECK(holds(update.advice(1200), "more than half of the window's"));
  CHECK(holds(update.advice(60), "dbtool new --kind online --table tasks TITLE"));
  CHECK(update.advice(60, Direction::downgrade).empty());
}

TEST_CASE("The team's rule says where a downtime is short enough", "[window]") {
  RehearsedUpdate update;
  update.settings.short_downtime = 1min;
  CHECK(holds(update.advice(std::nullopt), "longer than a short downtime (1 min): move its rows online"));
  update.settings.short_downtime = 20min;
  CHECK(update.advice(std::nullopt).empty());
  update.settings.hours = HoursSettings{{{22h, 6h}}, ""};
  update.settings.zone = "Europe/Berlin";
  CHECK(holds(update.advice(std::nullopt),
              "a short downtime in a lull (22:00-06:00 Europe/Berlin): it takes at most"));
  // What was never rehearsed is not known to be short.
  update.knowledge.rehearsal.reset();
  update.knowledge.earlier_seconds[{Direction::upgrade, 2}] = 300;
  CHECK(update.advice(std::nullopt).empty());
  // Of nothing known nothing is said.
  update.knowledge = {};
  CHECK(update.advice(1).empty());
}

TEST_CASE("What moves its rows online already needs no advice", "[window]") {
  RehearsedUpdate update;
  update.version.migration_script->text += " -- online_migration_v2_batch, online_migration_v2_is_complete";
  CHECK(update.advice(1).empty());
}
