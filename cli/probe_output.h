#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "environment/probe.h"
#include "ledger/probes.h"

namespace dbtool::cli {

/// What `environment probe` has found, and what of it was kept.
struct ShownProbe {
  std::string description;  ///< of the version
  environment::Probe probe;
  std::vector<ledger::ProbeRecord> records;
};

std::string to_text(const ShownProbe& shown, const Style& style);
std::string to_json_line(const ShownProbe& shown);
/// The statements of the online part, or of the script, as they are kept.
std::string statements_json(const environment::Probe& probe, bool online);

}  // namespace dbtool::cli
