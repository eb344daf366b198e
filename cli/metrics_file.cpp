#include "cli/metrics_file.h"

#include <csignal>

#include <memory>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "cli/interrupt.h"
#include "cli/render.h"

namespace dbtool::cli {

namespace {

constexpr std::chrono::seconds between_writes{1};

Error unwritable(const std::filesystem::path& file, const std::string& reason) {
  return Error(ExitCode::usage, "--metrics-file " + file.string() + ": " + reason + "; nothing was done",
               "name a file in a folder that exists and may be written to");
}

}  // namespace

MetricsFile::MetricsFile(std::filesystem::path file, const Clock& clock, Observer tell)
    : file_(std::move(file)), clock_(clock), tell_(std::move(tell)), metrics_(clock.wall()) {
  std::error_code ignored;
  // A rename would put a file in the place of a device or a pipe.
  if (std::filesystem::exists(file_, ignored) && !std::filesystem::is_regular_file(file_, ignored))
    throw unwritable(file_, "it is no file");
  try {
    replace_file(file_, exposition(metrics_, clock_.wall()));
  } catch (const Error& error) {
    throw unwritable(file_, error.what());
  }
  writer_ = std::jthread([this](const std::stop_token& stop) {
    // So that signals wake the thread that waits for the server, not this one.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::mutex sleep;
    std::unique_lock lock(sleep);
    while (!wake_.wait_for(lock, stop, between_writes, [&stop] { return stop.stop_requested(); })) write();
  });
}

MetricsFile::~MetricsFile() {
  stop();
}

void MetricsFile::stop() {
  if (!writer_.joinable()) return;
  writer_.request_stop();
  writer_.join();
}

void MetricsFile::observe(const Event& event) {
  const std::lock_guard lock(mutex_);
  advance(metrics_, event, clock_.wall());
}

void MetricsFile::write() {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = exposition(metrics_, clock_.wall());
  }
  try {
    replace_file(file_, text);
  } catch (const std::exception& error) {
    if (std::exchange(warned_, true)) return;
    tell_(Message{
        Message::Level::warning,
        std::string("the metrics cannot be written, which is tried again every second: ") + error.what()});
  }
}

void MetricsFile::finish(ExitCode code) {
  stop();
  {
    const std::lock_guard lock(mutex_);
    metrics_.exit_code = code;
    metrics_.exit_status = exit_status(code);
  }
  write();
}

ExitCode with_metrics(Context& context, const std::function<ExitCode()>& run) {
  const std::string& file = context.settings().metrics_file;
  if (file.empty()) return run();
  MetricsFile metrics(file, context.clock(), context.observer());
  context.listen([&metrics](const Event& event) { metrics.observe(event); });
  // No event may come to it when it is gone.
  const std::shared_ptr<void> deaf(nullptr, [&context](void*) { context.listen({}); });
  try {
    const ExitCode code = run();
    metrics.finish(code);
    return code;
  } catch (const std::exception& error) {
    metrics.finish(describe(error).exit_code);
    throw;
  }
}

}  // namespace dbtool::cli
