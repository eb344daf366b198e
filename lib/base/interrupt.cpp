#include "base/interrupt.h"

#include "base/duration.h"
#include "base/error.h"

namespace dbtool {

namespace {

using namespace std::chrono_literals;

constexpr auto young = 60s;
constexpr auto confirmation = 5s;

Error stopped() {
  return Error(ExitCode::stopped, "as asked", "go on with the same command");
}

}  // namespace

void Interrupts::stop_if_requested() const {
  if (requested()) throw stopped();
}

void Interrupts::cancel_if_requested(Clock::Monotonic began, const Observer& observer) {
  const int count = count_();
  if (count <= heeded_) return;
  const auto now = clock_.now();
  const auto age = now - began;
  const bool confirmed = count >= heeded_ + 2 || (first_wish_ && now - *first_wish_ <= confirmation);
  if (age < young || confirmed) throw stopped();
  heeded_ = count;
  first_wish_ = now;
  observer(Message{Message::Level::warning,
                   "the script has worked for " +
                       to_text(std::chrono::duration_cast<std::chrono::milliseconds>(age)) +
                       "; Ctrl-C again within 5 s cancels it and rolls it back"});
}

}  // namespace dbtool
