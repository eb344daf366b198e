#pragma once

#include "base/error.h"

namespace dbtool::cli {

/// A closed pipe becomes a failed write instead of a death.
void ignore_broken_pipes();

/// From now on SIGINT and SIGTERM only count, and SIGHUP (a terminal that goes away) is ignored: the run
/// polls interrupts() and stops at a safe point.
void handle_interrupts();

/// Takes that back: the three signals end the program at once.
void leave_interrupts();

/// SIGINT and SIGTERM received so far.
int interrupts();

/// The signal received last, SIGINT or SIGTERM; 0: none.
int last_interrupt();

/// The number that the program ends with: of a run that a signal stopped, the one that shells give to it.
int exit_status(ExitCode code);

}  // namespace dbtool::cli
