#include "cli/blocked_note.h"

#include <fmt/format.h>

#include <memory>

#include "run/lock_watch.h"

namespace dbtool::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 2s;
constexpr auto gap = 1s;  // calls are that far apart only where a statement ended between them

class Note {
 public:
  Note(const pg::Connection& connection, Clock& clock, Observer observer)
      : pid_(connection.backend_pid()),
        clock_(clock),
        observer_(std::move(observer)),
        watch_(connection.address(), clock) {}

  void on_wait() {
    const auto now = clock_.now();
    if (now - last_call_ > gap) {
      began_ = now;
      is_told_ = false;
      watch_.begin(pid_, 0ms);
    }
    last_call_ = now;
    if (is_told_ || now - began_ < patience) return;
    watch_.poll();
    if (!watch_.is_blocked()) return;
    is_told_ = true;
    observer_(Message{Message::Level::note,
                      fmt::format("waiting for a lock, held by {}", run::describe(watch_.blockers()))});
  }

 private:
  int pid_;
  Clock& clock_;
  Observer observer_;
  run::LockWatch watch_;
  Clock::Monotonic began_{};
  Clock::Monotonic last_call_{};
  bool is_told_ = false;
};

}  // namespace

std::function<void()> blocked_note(const pg::Connection& connection, Clock& clock, const Observer& observer) {
  return [note = std::make_shared<Note>(connection, clock, observer)] { note->on_wait(); };
}

}  // namespace dbtool::cli
