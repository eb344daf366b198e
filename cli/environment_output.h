#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "environment/benchmark.h"
#include "model/environment.h"

namespace dbtool::cli {

/// What `environment save` has written.
struct SavedEnvironment {
  std::string file;
  dbtool::Environment environment;
  bool measured = false;
  environment::Benchmark benchmark;  ///< with remarks and cost, where it was measured
};

std::string to_text(const SavedEnvironment& saved, const Style& style);
std::string to_json_line(const SavedEnvironment& saved);

/// Two environments side by side; each with a word for where it comes from ("environments/ci.json", "live").
struct ComparedEnvironments {
  dbtool::Environment there, here;
  std::string there_source, here_source;
  std::vector<std::string> remarks;
};

/// What matters most first, then how many times slower each kind of work is here.
std::string to_text(const ComparedEnvironments& compared, const Style& style);
std::string to_json_line(const ComparedEnvironments& compared);

}  // namespace dbtool::cli
