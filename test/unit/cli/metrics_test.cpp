#include "cli/metrics.h"

#include "cli/exposition.h"
#include "test/support/catch.h"
#include "test/support/prometheus.h"

using namespace dbtool;
using namespace dbtool::cli;
using namespace dbtool::test;
using namespace std::chrono_literals;

namespace {

const Clock::Wall began{1'700'000'000s};

Metrics metrics_of(const std::vector<Event>& events) {
  Metrics metrics(began);
  for (const Event& event : events) advance(metrics, event, began + 10s);
  return metrics;
}

BatchDone batch() {
  BatchDone event;
  event.direction = Direction::downgrade;
  event.version = 20;
  event.rows_done = 250;
  event.rows_total = 1000;
  event.rows_per_second = 50;
  event.recent_rows_per_second = 25;
  event.batch_size = 128;
  event.duration = 40ms;
  event.differing = 2;
  return event;
}

OnlinePulse pulse() {
  OnlinePulse event;
  event.direction = Direction::downgrade;
  event.version = 20;
  event.rows_done = 250;
  event.rows_total = 1000;
  event.rows_per_second = 50;
  event.recent_rows_per_second = 25;
  event.workers = 1;
  event.workers_wished = 4;
  event.batch_time = 20ms;
  event.note = "replica r2 lag 300 MB (limit 200 MB)";
  event.signals = {{"lag", 1.5, false, true, 300.0, 200.0, "bytes"},
                   {"vacuum", 0, false, false, {}, {}, {}},
                   {"my \"own\"\\\n", 1, true, false, {}, {}, {}}};
  return event;
}

}  // namespace

TEST_CASE("Names, values and labels are written as Prometheus reads them", "[cli]") {
  Exposition out;
  out.gauge("a_seconds", "What \\ it\nmeans.", {{"name", "C:\\ \"x\"\ny"}, {"empty", ""}}, 0.1);
  out.counter("b_total", "Counts.", {}, 12345678901.0);
  CHECK(out.text() ==
        "# HELP a_seconds What \\\\ it\\nmeans.\n# TYPE a_seconds gauge\n"
        "a_seconds{name=\"C:\\\\ \\\"x\\\"\\ny\",empty=\"\"} 0.1\n"
        "# HELP b_total Counts.\n# TYPE b_total counter\nb_total 12345678901\n");
  const Exposed exposed = parse_exposition(out.text());
  CHECK(exposed.value("a_seconds", {{"name", "C:\\ \"x\"\ny"}}) == Approx(0.1));
  CHECK(exposed.value("b_total") == 12345678901.0);
}

TEST_CASE("The strict reader refuses what Prometheus refuses", "[cli]") {
  const std::string family = "# HELP a A.\n# TYPE a gauge\n";
  CHECK_NOTHROW(parse_exposition(family + "a{x=\"1\"} 1\n"));
  for (const std::string& text :
       {std::string("a 1\n"), family + "a 1", family + "a{x=\"1\"} 1\na{x=\"1\"} 2\n", family + "a x\n",
        family + "a{x=\"1} 1\n", family + "a{x=\"\\t\"} 1\n", family + "b 1\n", family + "\na 1\n",
        family + "a 1\n" + family + "a{x=\"2\"} 1\n", family,
        std::string("# HELP c_total C.\n# TYPE c_total gauge\nc_total 1\n")}) {
    CAPTURE(text);
    CHECK_THROWS(parse_exposition(text));
  }
}

TEST_CASE("A run's metrics follow its events", "[cli]") {
  Metrics metrics = metrics_of(
      {Connected{"ci", "host", "db", "ana"}, RunStarted{Direction::downgrade, 21, 19, 2},
       StepStarted{Direction::downgrade, 21, "", "script"}, LockRetry{},
       StepDone{Direction::downgrade, 21, 20, 1s}, StepStarted{Direction::downgrade, 20, "", "online"},
       batch(), batch(), BatchRepeated{Direction::downgrade, 20, "deadlock"}, pulse(),
       Message{Message::Level::warning, "look"}, Message{Message::Level::note, "hm"}});
  const Exposed told = parse_exposition(exposition(metrics, began + 12s));
  const Exposed::Labels online{{"database", "ci"}, {"version", "20"}, {"direction", "downgrade"}};
  CHECK(told.value("dbtool_running", {{"database", "ci"}}) == 1);
  CHECK(told.value("dbtool_start_time_seconds") == 1'700'000'000);
  CHECK(told.value("dbtool_update_time_seconds") == 1'700'000'012);
  CHECK(told.value("dbtool_version") == 20);
  CHECK(told.value("dbtool_goal_version") == 19);
  CHECK(told.value("dbtool_steps") == 2);
  CHECK(told.value("dbtool_steps_done") == 1);
  CHECK(told.value("dbtool_step_version") == 20);
  CHECK(told.value("dbtool_lock_retries_total") == 1);
  CHECK(told.value("dbtool_warnings_total") == 1);
  CHECK(told.value("dbtool_errors_total") == 0);
  CHECK_FALSE(told.has("dbtool_exit_status"));
  CHECK(told.value("dbtool_online_rows_done", online) == 250);
  CHECK(told.value("dbtool_online_rows_estimated", online) == 1000);
  CHECK(told.value("dbtool_online_done_ratio", online) == Approx(0.25));
  CHECK(told.value("dbtool_online_rows_per_second", online) == 50);
  CHECK(told.value("dbtool_online_recent_rows_per_second", online) == 25);
  CHECK(told.value("dbtool_online_eta_low_seconds", online) == Approx(15));
  CHECK(told.value("dbtool_online_eta_high_seconds", online) == Approx(30));
  CHECK(told.value("dbtool_online_batches_total", online) == 2);
  CHECK(told.value("dbtool_online_batches_repeated_total", online) == 1);
  CHECK(told.value("dbtool_online_differing_rows", online) == 4);
  CHECK(told.value("dbtool_online_batch_seconds", online) == Approx(0.04));
  CHECK(told.value("dbtool_online_batch_size_rows", online) == 128);
  CHECK(told.value("dbtool_online_last_batch_time_seconds", online) == 1'700'000'010);
  CHECK(told.value("dbtool_online_batch_target_seconds", online) == Approx(0.02));
  CHECK(told.value("dbtool_online_workers", online) == 1);
  CHECK(told.value("dbtool_online_workers_wished", online) == 4);
  CHECK(told.value("dbtool_online_paused", online) == 0);
  CHECK(told.value("dbtool_online_slowed", online) == 1);
  CHECK(told.value("dbtool_online_rate_collapsed", online) == 0);
  CHECK(told.value("dbtool_throttle_load_ratio", {{"signal", "lag"}}) == Approx(1.5));
  CHECK(told.value("dbtool_throttle_ruling", {{"signal", "lag"}}) == 1);
  CHECK(told.value("dbtool_throttle_ruling", {{"signal", "vacuum"}}) == 0);
  CHECK(told.value("dbtool_throttle_lost", {{"signal", "my \"own\"\\\n"}}) == 1);
  CHECK(told.value("dbtool_throttle_value", {{"signal", "lag"}, {"unit", "bytes"}}) == 300);
  CHECK(told.value("dbtool_throttle_limit", {{"signal", "lag"}, {"unit", "bytes"}}) == 200);

  SECTION("at its end") {
    metrics.exit_code = ExitCode::failed;
    metrics.exit_status = 1;
    const Exposed end = parse_exposition(exposition(metrics, began + 20s));
    CHECK(end.value("dbtool_running") == 0);
    CHECK(end.value("dbtool_exit_status") == 1);
    CHECK(end.value("dbtool_errors_total") == 1);
  }
  SECTION("stopped on purpose, which is no error") {
    metrics.exit_code = ExitCode::stopped;
    metrics.exit_status = 130;
    CHECK(parse_exposition(exposition(metrics, began)).value("dbtool_errors_total") == 0);
  }
  SECTION("in the next step") {
    advance(metrics, StepStarted{Direction::downgrade, 19, "", "script"}, began);
    CHECK_FALSE(parse_exposition(exposition(metrics, began)).has("dbtool_online_rows_done"));
  }
}

TEST_CASE("Before the first event there are metrics, and without an estimate no share", "[cli]") {
  CHECK(parse_exposition(exposition(Metrics(began), began)).value("dbtool_running") == 1);
  BatchDone unknown = batch();
  unknown.rows_total.reset();
  const Exposed told = parse_exposition(exposition(metrics_of({unknown}), began));
  CHECK(told.has("dbtool_online_rows_done"));
  for (const char* name :
       {"dbtool_online_rows_estimated", "dbtool_online_done_ratio", "dbtool_online_eta_low_seconds"})
    CHECK_FALSE(told.has(name));
}
