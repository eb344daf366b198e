#pragma once

#include <optional>

#include <sys/types.h>

namespace dbtool::window {

/// What a server's process had of this machine's processors, in seconds since it began.
struct BackendCpu {
  double used = 0;  ///< of its own
  std::optional<double>
      queued;  ///< could compute, and waited for a processor; nullopt: the kernel does not tell
};

/// Of a process on this machine. nullopt: there is no such process, it is none of PostgreSQL's, or it did not
/// begin when the server says that its backend did (seconds since 1970): it is another one that bears the
/// number here, outside of the server's container.
std::optional<BackendCpu> backend_cpu(pid_t pid, double backend_start);

}  // namespace dbtool::window
