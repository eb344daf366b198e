#include "run/prediction.h"

#include "catalog/table_rows.h"
#include "test/support/catch.h"

using namespace dbtool;
using run::Weight;

namespace {

Version with_script(const std::string& script) {
  Version version;
  version.migration_script = SqlText{script, {}, 0};
  return version;
}

}  // namespace

TEST_CASE("how heavy a version is depends on its script and the rows it meets", "[status]") {
  CHECK(run::weight_of(Version{}, Direction::upgrade, std::nullopt) == Weight::methods_only);
  const Version fill = with_script("begin\n  insert into tasks select * from queue_tasks_entities;\nend");
  CHECK(run::weight_of(fill, Direction::upgrade, 10) == Weight::quick);
  CHECK(run::weight_of(fill, Direction::upgrade, std::nullopt) ==
        Weight::quick);  // none of its tables is there yet
  CHECK(run::weight_of(fill, Direction::upgrade, 5'000'000) == Weight::slow);
  CHECK(run::weight_of(with_script("begin\n  create table a (b integer);\nend"), Direction::upgrade,
                       5'000'000) == Weight::quick);
  Version single = with_script("create index concurrently i on tasks (a);");
  single.transactional = false;
  CHECK(run::weight_of(single, Direction::upgrade, 10) == Weight::quick);
  CHECK(run::weight_of(single, Direction::upgrade, 5'000'000) == Weight::slow);
}

TEST_CASE("a script names tables as words", "[status]") {
  const std::map<std::string, std::int64_t> rows{{"tasks", 5}, {"tasks_old", 70}, {"hooks", 3}};
  CHECK(catalog::rows_named("select from tasks, hooks", rows) == 5);
  CHECK(catalog::rows_named("public.tasks_old;", rows) == 70);
  CHECK(catalog::rows_named("mytasks tasks2", rows) == std::nullopt);
}

namespace {

StepCost rehearsed(int version, double seconds, std::int64_t rows) {
  StepCost cost;
  cost.direction = Direction::upgrade;
  cost.version = version;
  cost.seconds = seconds;
  cost.wal_bytes = rows * 100;
  cost.curve = {{seconds / 2, rows * 50}, {seconds, rows * 100}};
  TableCost table;
  table.name = "tasks";
  table.rows_before = table.rows_after = rows;
  cost.tables = {table};
  return cost;
}

Version update_of_tasks(int number) {
  Version version = with_script("begin\n  update tasks set a = 1;\nend");
  version.number = number;
  return version;
}

}  // namespace

TEST_CASE("What a version takes is predicted from its rehearsal, from what it took here, or from its rows",
          "[run]") {
  run::Knowledge knowledge;
  knowledge.table_rows = {{"tasks", 1'000'000}};
  knowledge.earlier_seconds[{Direction::upgrade, 3}] = 42;

  const auto by_rows = run::predict(knowledge, Direction::upgrade, update_of_tasks(2));
  CHECK(by_rows.trust == window::Trust::weak);
  CHECK(by_rows.range.low == Approx(10));
  CHECK(by_rows.range.high == Approx(2000));
  CHECK(by_rows.source.find("dbtool rehearse") != std::string::npos);

  const auto by_time = run::predict(knowledge, Direction::upgrade, update_of_tasks(3));
  CHECK(by_time.trust == window::Trust::weak);
  CHECK(by_time.range.low < 42);
  CHECK(by_time.range.high > 42);

  knowledge.rehearsal.emplace();
  knowledge.rehearsal->made_at = "2026-11-20T10:00:00Z";
  knowledge.rehearsal->source = "copy";
  knowledge.rehearsal->steps = {rehearsed(3, 100, 500'000)};
  const auto by_rehearsal = run::predict(knowledge, Direction::upgrade, update_of_tasks(3));
  CHECK(by_rehearsal.range.low < 200);  // twice the rows
  CHECK(by_rehearsal.range.high > 200);
  CHECK(by_rehearsal.source.find("rehearsed on 2026-11-20") != std::string::npos);

  const auto unknown = run::predict({}, Direction::upgrade, [] {
    Version version = with_script("create index concurrently i on elsewhere (a);");
    version.transactional = false;
    return version;
  }());
  CHECK(unknown.trust == window::Trust::unknown);
}

TEST_CASE("The online part of a version is predicted for itself, and is in no window's total", "[run]") {
  Version version = with_script("begin\n  create table copies (a integer);\nend");
  version.number = 4;
  version.online_migration.emplace();
  version.online_migration->table = "tasks";
  run::TransactionStep script;
  script.version = &version;
  script.script = &*version.migration_script;
  run::Plan plan;
  plan.steps = {script, run::OnlineStep{Direction::upgrade, &version, 4}};
  run::Knowledge knowledge;
  knowledge.table_rows = {{"tasks", 1'000'000}};

  CHECK(run::predict(knowledge, plan).range.high <= 1);
  const auto by_rows = run::predict_online(knowledge, plan);
  REQUIRE(by_rows);
  CHECK(by_rows->trust == window::Trust::weak);
  CHECK(by_rows->range.low == Approx(10));

  knowledge.earlier_online_seconds[{Direction::upgrade, 4}] = 300;
  CHECK(run::predict_online(knowledge, plan)->range.high == Approx(600));

  knowledge.rehearsal.emplace();
  knowledge.rehearsal->made_at = "2026-11-20T10:00:00Z";
  knowledge.rehearsal->source = "copy";
  StepCost online = rehearsed(4, 3600, 500'000);
  online.kind = online_kind;
  knowledge.rehearsal->steps = {rehearsed(4, 3, 500'000), online};
  const run::Total window = run::predict(knowledge, plan);
  CHECK(window.range.low < 6);  // twice the rows
  CHECK(window.range.high > 6);
  CHECK(window.range.high < 60);
  const auto apart = run::predict_online(knowledge, plan);
  CHECK(apart->range.low < 7200);
  CHECK(apart->range.high > 7200);

  // What is only finished has no script any more.
  plan.steps = {run::OnlineStep{Direction::upgrade, &version, 4}};
  CHECK(run::predict(knowledge, plan).range.high == 0);
  plan.steps = {script};
  CHECK_FALSE(run::predict_online(knowledge, plan));
}

TEST_CASE("An online part that is under way is predicted by the rows that are left", "[run]") {
  Version version = with_script("begin\n  create table copies (a integer);\nend");
  version.number = 4;
  run::Knowledge knowledge;
  // Moved rows are gone from the table: its count says nothing of the whole.
  knowledge.table_rows = {{"tasks", 0}};
  knowledge.under_way.emplace();
  knowledge.under_way->version = 4;
  knowledge.under_way->direction = Direction::upgrade;
  knowledge.under_way->rows_done = 600'000;
  knowledge.under_way->rows_total = 1'000'000;
  knowledge.under_way->rows_per_second = 4000;

  const auto rest = run::predict_online(knowledge, Direction::upgrade, version);
  CHECK(rest.likely == Approx(100));
  CHECK(rest.range.low == Approx(50));
  CHECK(rest.range.high == Approx(200));
  CHECK(rest.trust == window::Trust::weak);
  CHECK(rest.source == "it is under way: about 400,000 rows are left, 4,000 rows/s of late");

  const auto back = run::predict_online(knowledge, Direction::downgrade, version);
  CHECK(back.likely == Approx(150));

  knowledge.under_way->rows_total = 600'000;  // and it is not done
  CHECK(run::predict_online(knowledge, Direction::upgrade, version).trust == window::Trust::unknown);
  knowledge.under_way->rows_total.reset();
  version.migration_script->text = "begin\n  insert into copies select a from tasks;\nend";
  knowledge.table_rows = {{"tasks", 1'000'000}};
  const auto by_table = run::predict_online(knowledge, Direction::upgrade, version);
  CHECK(by_table.range.low == Approx(50));
  CHECK(by_table.range.high == Approx(500));
  knowledge.table_rows = {{"tasks", 500'000}};
  CHECK(run::predict_online(knowledge, Direction::upgrade, version).trust == window::Trust::unknown);

  version.number = 5;
  CHECK(run::predict_online(knowledge, Direction::upgrade, version).source.find("under way") ==
        std::string::npos);
}

TEST_CASE("The total of a plan names what it does not hold", "[run]") {
  run::Total total;
  total.add(2, {window::Trust::measured, {10, 20}, 15, ""});
  total.add(3, {window::Trust::unknown, {}, 0, ""});
  total.add(4, {window::Trust::weak, {1, 2}, 1.5, ""});
  CHECK(total.range.low == 11);
  CHECK(total.range.high == 22);
  CHECK(total.trust == window::Trust::unknown);
  CHECK(total.unknown == std::vector<int>{3});
}

TEST_CASE("What a probe found counts as long as the script is the same, and converts a rehearsal", "[run]") {
  Version version = update_of_tasks(3);
  version.checksum = "same";
  run::Knowledge knowledge;
  knowledge.table_rows = {{"tasks", 2'000'000}};
  ledger::ProbeRecord probe;
  probe.version = 3;
  probe.checksum = "same";
  probe.made_at = "2026-11-30T10:00:00Z";
  probe.table = "tasks";
  probe.table_rows = 1'000'000;
  probe.rows = 10'000;
  probe.low = 300;
  probe.high = 500;
  knowledge.probes = {probe};

  SECTION("without a rehearsal it is rows times cost") {
    const auto found = run::predict(knowledge, Direction::upgrade, version);
    CHECK(found.trust == window::Trust::weak);
    CHECK(found.range.low == Approx(600));  // twice the rows
    CHECK(found.range.high == Approx(1000));
    CHECK(found.source == "probed here on 2026-11-30, 10,000 of 1.0 M rows, scaled to 2.0 M");
  }
  SECTION("what it could not run is named") {
    knowledge.probes[0].lacks = ledger::ProbeLacks::builds;
    knowledge.probes[0].missing = "create index a on tasks (b)";
    CHECK_THAT(run::predict(knowledge, Direction::upgrade, version).source,
               Catch::Contains("; not counted: create index a on tasks (b)"));
  }
  SECTION("where nothing that goes through rows could be run it counts for nothing") {
    knowledge.probes[0].lacks = ledger::ProbeLacks::work;
    knowledge.probes[0].rows = 0;
    const auto found = run::predict(knowledge, Direction::upgrade, version);
    CHECK(found.range.high == Approx(4000));
    CHECK_THAT(found.source, Catch::Contains("could run nothing that goes through rows"));
  }
  SECTION("of another script it counts for nothing") {
    version.checksum = "other";
    const auto found = run::predict(knowledge, Direction::upgrade, version);
    CHECK(found.range.high == Approx(4000));
    CHECK_THAT(found.source, Catch::Contains("the probe of 2026-11-30 was of another script"));
  }
  SECTION("with a rehearsal it is the conversion") {
    knowledge.rehearsal.emplace();
    knowledge.rehearsal->made_at = "2026-11-20T10:00:00Z";
    knowledge.rehearsal->source = "copy";
    knowledge.rehearsal->steps = {rehearsed(3, 100, 500'000)};  // 200 µs a row there, 300 to 500 here
    const auto found = run::predict(knowledge, Direction::upgrade, version);
    CHECK(found.trust == window::Trust::measured);
    CHECK(found.range.low < 600);
    CHECK(found.range.low > 400);
    CHECK(found.range.high > 1000);
    CHECK(found.range.high < 1400);
    CHECK_THAT(found.source,
               Catch::Contains("converted by 1.5–2.5: probed here on 2026-11-30, 10,000 of 1.0 M rows"));
  }
  SECTION("with a rehearsal and parts that it lacks it is none") {
    knowledge.rehearsal.emplace();
    knowledge.rehearsal->made_at = "2026-11-20T10:00:00Z";
    knowledge.rehearsal->source = "copy";
    knowledge.rehearsal->steps = {rehearsed(3, 100, 500'000)};
    knowledge.probes[0].lacks = ledger::ProbeLacks::work;
    CHECK_THAT(run::predict(knowledge, Direction::upgrade, version).source, Catch::Contains("not converted"));
  }
}

TEST_CASE("How many rows an online part moves is told by its rehearsal and the size of its table", "[run]") {
  Version version = with_script("begin\n  create table copies (a integer);\nend");
  version.number = 4;
  run::Knowledge knowledge;
  const auto rows = [&] { return run::rows_to_move(knowledge, Direction::upgrade, version); };
  CHECK_FALSE(rows());
  knowledge.rehearsal.emplace();
  StepCost script = rehearsed(4, 1, 1000);
  script.kind = "script";
  StepCost online = rehearsed(4, 10, 1000);
  online.kind = online_kind;
  knowledge.rehearsal->steps = {script, online};
  knowledge.table_rows = {{"tasks", 5'000'000}};
  CHECK_FALSE(rows());  // of a file that does not say
  // Each task became two and a half rows.
  knowledge.rehearsal->steps[1].rows_moved = 2500;
  CHECK(rows() == 12'500'000);
  CHECK_FALSE(run::rows_to_move(knowledge, Direction::downgrade, version));
  knowledge.table_rows = {{"tasks", 0}};
  CHECK_FALSE(rows());
  knowledge.table_rows = {{"hooks", 5}};
  CHECK_FALSE(rows());
  knowledge.table_rows = {{"tasks", 5'000'000}};
  knowledge.rehearsal->steps[1].rows_moved = 0;
  CHECK_FALSE(rows());
  knowledge.rehearsal->steps[1].rows_moved = 2500;
  knowledge.rehearsal->steps[1].tables.clear();
  CHECK_FALSE(rows());
}
