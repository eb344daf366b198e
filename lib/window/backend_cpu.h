#pragma once

#include <optional>

#include <sys/types.h>

namespace dbtool::window {

/// CPU seconds that a server's process on this machine has used so far, of its own. nullopt: there is no such
/// process, it is none of PostgreSQL's, or it did not begin when the server says that its backend did
/// (seconds since 1970): it is another one that bears the number here, outside of the server's container.
std::optional<double> backend_cpu_seconds(pid_t pid, double backend_start);

}  // namespace dbtool::window
