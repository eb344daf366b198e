#pragma once

#include "test/database/run/run_fixture.h"

namespace dbtool::test {

/// Asks the fixture's next run to stop after so many batches.
void stop_after(RunFixture& fixture, int batches);

/// Runs to a goal, and checks that it is stopped before that; then nothing is asked for any more, and the
/// events are forgotten.
void expect_stopped(RunFixture& fixture, Direction direction, int goal);

}  // namespace dbtool::test
