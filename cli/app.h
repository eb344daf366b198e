#pragma once

namespace dbtool::cli {

/// Parses the command line, runs the command, renders errors; returns the exit code. The only place that
/// catches all.
int run(int argc, char** argv);

}  // namespace dbtool::cli
