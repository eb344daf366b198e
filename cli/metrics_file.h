#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "cli/context.h"
#include "cli/metrics.h"

namespace dbtool::cli {

/// A file that tells monitoring how a run goes: replaced as a whole once a second while the run goes on, and
/// once more at its end. Safe for use by several threads.
class MetricsFile {
 public:
  /// Writes the file for the first time. Throws Error (usage) when it cannot be written. `tell` is told once,
  /// from any thread, when it cannot be written any more.
  MetricsFile(std::filesystem::path file, const Clock& clock, Observer tell);
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;
  ~MetricsFile();

  void observe(const Event& event);
  /// The run is over: writes the file for the last time.
  void finish(ExitCode code);

 private:
  void write();
  void stop();

  const std::filesystem::path file_;
  const Clock& clock_;
  const Observer tell_;
  std::mutex mutex_;  ///< guards metrics_
  Metrics metrics_;
  bool warned_ = false;
  std::condition_variable_any wake_;
  std::jthread writer_;
};

/// Runs it with the metrics file that the settings in force name, if they name one.
ExitCode with_metrics(Context& context, const std::function<ExitCode()>& run);

}  // namespace dbtool::cli
