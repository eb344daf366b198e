#include "cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace dbtool::cli {

namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): a signal handler reaches nothing else
std::atomic<int> count{0};
std::atomic<int> last{0};
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing else");

void on_signal(int signal) {
  last = signal;
  ++count;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: a wait in poll or read ends, and the interrupt is seen at once.
  sigaction(signal, &action, nullptr);
}

}  // namespace

void ignore_broken_pipes() {
  set_handler(SIGPIPE, SIG_IGN);
}

void handle_interrupts() {
  set_handler(SIGINT, on_signal);
  set_handler(SIGTERM, on_signal);
  set_handler(SIGHUP, SIG_IGN);
}

void leave_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) set_handler(signal, SIG_DFL);
}

int interrupts() {
  return count;
}

int last_interrupt() {
  return last;
}

int exit_status(ExitCode code) {
  return code == ExitCode::stopped && last != 0 ? 128 + last : static_cast<int>(code);
}

}  // namespace dbtool::cli
