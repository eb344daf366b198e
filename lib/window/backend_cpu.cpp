#include "window/backend_cpu.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace dbtool::window {

namespace {

/// When the machine was started, in seconds since 1970; 0: not known.
double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

/// As the scheduler counts it, of the process's only thread.
std::optional<double> queued_seconds(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/schedstat", pid));
  double run = 0, queued = 0;  // nanoseconds
  if (!(file >> run >> queued) || run <= 0) return std::nullopt;
  return queued / 1e9;
}

}  // namespace

std::optional<BackendCpu> backend_cpu(pid_t pid, double backend_start) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  if (!line.substr(open + 1, close - open - 1).starts_with("postgres")) return std::nullopt;
  std::istringstream rest(line.substr(close + 1));
  std::vector<std::string> fields;  // from the third one on
  for (std::string field; rest >> field;) fields.push_back(field);
  if (fields.size() < 20) return std::nullopt;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  // The start of the machine is known by the second.
  constexpr double tolerance = 3;
  if (std::abs(boot_time() + std::stod(fields[19]) / ticks - backend_start) > tolerance) return std::nullopt;
  return BackendCpu{(std::stod(fields[11]) + std::stod(fields[12])) / ticks, queued_seconds(pid)};
}

}  // namespace dbtool::window
