#include "cli/context.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/interrupt.h"

namespace dbtool::cli {

namespace {

void write_progress(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);  // a terminal that went away does not stop a run
  std::fflush(stderr);
}

std::string color_choice(const Arguments& arguments) {
  return arguments.text("color").value_or("auto");
}

}  // namespace

Context::Context(const Command& command, const Arguments& arguments, Environment environment)
    : command_(command),
      arguments_(arguments),
      environment_(std::move(environment)),
      json_(arguments.text("format") == "json"),
      style_(!json_ && use_color(color_choice(arguments), STDOUT_FILENO)),
      progress_(progress_mode(), arguments.has("verbose"),
                Style(use_color(color_choice(arguments), STDERR_FILENO)), clock_,
                {write_progress, [] { return static_cast<std::size_t>(terminal_width(STDERR_FILENO)); }}),
      observer_([this](const Event& event) {
        if (listener_) listener_(event);
        progress_.observe(event);
        if (std::holds_alternative<RunStarted>(event)) progress_.start_ticking();
      }),
      interrupts_([] { return cli::interrupts(); }) {}

ProgressMode Context::progress_mode() const {
  if (json_) return ProgressMode::json;
  if (arguments_.has("quiet")) return ProgressMode::quiet;
  return is_terminal(STDERR_FILENO) ? ProgressMode::live : ProgressMode::plain;
}

std::filesystem::path Context::directory() const {
  return arguments_.text("directory").value_or(".");
}

bool Context::interactive() const {
  return !json_ && !quiet() && is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO);
}

void Context::print(std::string_view text) {
  if (pipe_closed_) return;
  progress_.above([&] {
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (written) return;
    if (errno != EPIPE)
      throw Error(ExitCode::failed,
                  std::string("the result cannot be written to stdout: ") + std::strerror(errno),
                  "what the command was to do is done all the same; dbtool status says where a database is");
    pipe_closed_ = true;
  });
}

void Context::note(const std::string& text) {
  if (json_ || quiet()) return;
  progress_.above([&] { write_progress(text + "\n"); });
}

}  // namespace dbtool::cli
