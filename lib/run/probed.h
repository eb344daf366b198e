#pragma once

#include <string>

#include "ledger/probes.h"
#include "model/version.h"
#include "run/prediction.h"
#include "window/forecast.h"

/// Forecasts from what a probe of this database found. Pure.
namespace dbtool::run {

/// The newest probe of that part of a version; nullptr: there is none.
const ledger::ProbeRecord* probe_of(const Knowledge& knowledge, Direction direction, const Version& version,
                                    bool online);

/// Why a probe that there is counts for nothing: it was of another script, or could run nothing of weight.
/// Empty: it counts, or there is none.
std::string unused_text(const ledger::ProbeRecord* probe, const Version& version);

/// What it says of the rows that there are now. `longer`: how many times longer than that the whole may take;
/// `note` goes behind where it comes from.
window::Forecast by_probe(const Knowledge& knowledge, const ledger::ProbeRecord& probe, double longer,
                          const std::string& note);

/// Sets the conversions of `scale` to the cost of a row here against that in the rehearsal, where the
/// version's own work was probed here: no benchmark comes as near.
void convert_by_probe(const Knowledge& knowledge, Direction direction, const Version& version,
                      const StepCost& cost, window::Scale& scale);

}  // namespace dbtool::run
