#include "test/database/online/stopping.h"

#include "test/support/catch.h"

namespace dbtool::test {

void stop_after(RunFixture& fixture, int batches) {
  fixture.on_event = [&fixture, batches](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) &&
        static_cast<int>(fixture.events_of<BatchDone>().size()) == batches) {
      fixture.interrupts = 1;
    }
  };
}

void expect_stopped(RunFixture& fixture, Direction direction, int goal) {
  try {
    fixture.go(direction, goal, fixture.load());
    FAIL("not stopped");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::stopped);
  }
  fixture.interrupts = 0;
  fixture.on_event = {};
  fixture.events.clear();
}

}  // namespace dbtool::test
