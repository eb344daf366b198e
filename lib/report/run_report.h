#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// One run, to be read by people: what was said beforehand, how it went, what it cost the services. Plain
/// values; all times are in seconds, and on the run's own clock where nothing else is said. Texts are as
/// their authors left them: the renderers see to secrets and markup.
namespace dbtool::report {

/// A look at a step while it worked; on the step's own clock.
struct RunSample {
  double seconds = 0;
  std::int64_t wal_bytes = 0;
  std::optional<double> left_low, left_high;
  std::string phase, wait;
  int waiting = 0;
};

/// A lock that a step held; on the step's own clock.
struct RunLockSpan {
  std::string table, mode;
  double began = 0, seconds = 0;
  int waited_for = 0;
  bool reading = false;  ///< it kept services from reading
  bool writing = false;  ///< it kept them from writing
};

/// A point of an online part's curve.
struct RunBatch {
  double at = 0;
  double rows_per_second = 0;
  int batch_size = 0;
  int workers = 0;
  std::string note;
};

/// How long the services waited over an interval of an online part, by one measure of the throttle.
struct RunLatency {
  std::string measure;  ///< "probe", "latency"
  double at = 0, seconds = 0;
  std::int64_t looks = 0, failed = 0;   ///< that gave a time; that gave none
  std::optional<double> median, worst;  ///< nullopt: no look gave a time
  double limit = 0;
};

struct RunStep {
  int version = 0;
  std::string direction, outcome;
  bool done = true;
  double began = 0, seconds = 0;
  std::optional<std::int64_t> wal_bytes;
  bool forecast = false;            ///< whether anything was said of it
  std::optional<double> low, high;  ///< nullopt: unknown
  std::string source;
  std::vector<RunSample> samples;
  std::vector<RunLockSpan> locks;
  std::vector<RunBatch> batches;
  std::vector<RunLatency> latency;
};

/// The window that the run was in.
struct RunWindow {
  std::int64_t number = 0;
  std::string opened_at, closes_at, closed_at;
  double opened = 0, closes = 0;
  std::optional<double> closed;  ///< nullopt: it is open
  double reserve = 0;
};

/// A table that services could not use.
struct RunDowntime {
  std::string table;
  double not_readable = 0, not_writable = 0;
};

struct RunReport {
  std::string name;  ///< environment's name; empty: none known
  std::int64_t run = 0;
  std::string command, outcome, message;
  int from = 0, goal = 0;
  std::string started_at, finished_at;
  double seconds = 0;
  std::string by;  ///< "ana on ops1"
  std::string program;
  std::optional<RunWindow> window;
  std::vector<RunStep> steps;
  std::vector<RunDowntime> downtime;
  std::string calibration;  ///< how good forecasts were over all runs; empty: none to judge
};

/// One page that needs nothing from anywhere: no network, no script.
std::string run_html(const RunReport& report);
/// For a ticket.
std::string run_markdown(const RunReport& report);

}  // namespace dbtool::report
