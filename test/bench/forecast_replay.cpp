// forecast_replay REHEARSAL REPORT ROWS: says what this build would have said is left of a run that is over,
// look after look. REHEARSAL is a rehearsal file, or "none"; REPORT what `dbtool report RUN --format json`
// printed of a run of version 2; ROWS those of its table. A line each: second, low, high, likely, all of what
// is left then.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"
#include "window/files.h"
#include "window/forecast.h"

namespace {

using namespace dbtool;

window::Sample sample_of(const nlohmann::json& look) {
  window::Sample sample;
  sample.seconds = look["seconds"];
  sample.wal_bytes = look["wal_bytes"];
  sample.wal_bytes_least = sample.wal_bytes;
  sample.statement = look["phase"];
  sample.wait = look["wait"];
  return sample;
}

int replay(const char* rehearsal_file, const char* report_file, std::int64_t rows) {
  std::optional<Rehearsal> rehearsal;
  if (std::string(rehearsal_file) != "none") rehearsal = window::read_rehearsal(rehearsal_file);
  constexpr int version = 2;
  window::Scale scale;
  scale.rows = rows;
  const Rehearsal* known = rehearsal ? &*rehearsal : nullptr;
  const window::Forecast before = window::forecast_before(known, Direction::upgrade, version, scale);
  window::Estimator estimator(known ? known->step(Direction::upgrade, version) : nullptr, before, scale);
  std::ifstream text(report_file);
  const auto report = nlohmann::json::parse(text);
  for (const auto& look : report["samples"]) {
    if (look["version"] != version) continue;
    estimator.add(sample_of(look));
    const window::Forecast left = estimator.left();
    std::printf("%.3f %.3f %.3f %.3f\n", look["seconds"].get<double>(), left.range.low, left.range.high,
                left.likely);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: forecast_replay REHEARSAL REPORT ROWS\n", stderr);
    return 2;
  }
  try {
    return replay(argv[1], argv[2], std::atoll(argv[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
