#include "cli/environment_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/size.h"
#include "cli/table.h"
#include "window/conversion.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

std::string server_name(int version) {
  return fmt::format("PostgreSQL {}.{}", version / 10000, version % 10000);
}

/// As the files and the output spell it.
const char* work_key(Work work) {
  switch (work) {
    case Work::scan_warm:
      return "scan_warm";
    case Work::scan_cold:
      return "scan_cold";
    case Work::write:
      return "write";
    case Work::index_build:
      return "index_build";
    case Work::cpu:
      return "cpu";
    case Work::commit:
      return "commit";
  }
  return "";
}

std::string to_line(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string measured_number(double value) {
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string measures_table(const std::vector<Measure>& measures, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const Measure& measure : measures) {
    std::vector<double> values = measure.values;
    std::sort(values.begin(), values.end());
    rows.push_back({window::to_text(measure.work), measured_number(values[values.size() / 2]),
                    measured_number(values.front()) + "–" + measured_number(values.back()), measure.unit});
  }
  return render_table({"work", "median", "from–to", ""}, rows, style);
}

std::string factor(double value) {
  if (value >= 10) return fmt::format("{:.0f}", value);
  return value >= 2 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string times(const window::Conversion& conversion) {
  if (!conversion.reason.empty()) return "not comparable: " + conversion.reason;
  const std::string low = factor(conversion.low);
  const std::string high = factor(conversion.high);
  return low == high ? low : low + "–" + high;
}

const char* weight_word(int weight) {
  constexpr int decides = 3, likely = 2;
  if (weight >= decides) return "decides";
  return weight == likely ? "likely" : "maybe";
}

std::string headline(const char* side, const dbtool::Environment& environment, const std::string& source) {
  return fmt::format("{}: {}{}, {}, schema version {}, {}\n", side,
                     environment.name.empty() ? environment.database : environment.name,
                     source == "live" ? ", live" : fmt::format(" of {} ({})", environment.taken_at, source),
                     server_name(environment.server_version), environment.version,
                     size_to_text(environment.database_bytes));
}

ordered_json side_json(const dbtool::Environment& environment, const std::string& source) {
  return {{"source", source},
          {"name", environment.name},
          {"host", environment.host},
          {"database", environment.database},
          {"taken_at", environment.taken_at},
          {"server_version", environment.server_version},
          {"version", environment.version},
          {"database_bytes", environment.database_bytes}};
}

}  // namespace

std::string to_text(const SavedEnvironment& saved, const Style& style) {
  const dbtool::Environment& environment = saved.environment;
  std::string text = fmt::format("saved {}: {}, schema version {}, {} in {} tables\n", saved.file,
                                 server_name(environment.server_version), environment.version,
                                 size_to_text(environment.database_bytes), environment.tables.size());
  if (!saved.measured) return text + "no benchmark was run: no conversion can be made of it\n";
  text += fmt::format("measured in {}, {} of write-ahead log:\n", dbtool::to_text(saved.benchmark.duration),
                      size_to_text(saved.benchmark.wal_bytes));
  text += measures_table(environment.measures, style);
  for (const std::string& remark : saved.benchmark.remarks) text += one_line(remark) + "\n";
  return text;
}

std::string to_json_line(const SavedEnvironment& saved) {
  auto measures = ordered_json::array();
  for (const Measure& measure : saved.environment.measures)
    measures.push_back(
        {{"work", work_key(measure.work)}, {"unit", measure.unit}, {"values", measure.values}});
  return to_line({{"file", saved.file},
                  {"environment", side_json(saved.environment, "live")},
                  {"measured", saved.measured},
                  {"measures", measures},
                  {"remarks", saved.benchmark.remarks},
                  {"wal_bytes", saved.benchmark.wal_bytes},
                  {"seconds", static_cast<double>(saved.benchmark.duration.count()) / 1000}});
}

std::string to_text(const ComparedEnvironments& compared, const Style& style) {
  std::string text = headline("there", compared.there, compared.there_source) +
                     headline("here", compared.here, compared.here_source) + "\n";
  std::vector<std::vector<std::string>> rows;
  for (const window::Difference& one : window::differences(compared.there, compared.here))
    rows.push_back({weight_word(one.weight), one.what, one.there, one.here, one.meaning});
  text += rows.empty() ? "they differ in nothing that matters\n"
                       : render_table({"matters", "what", "there", "here", "meaning"}, rows, style);
  rows.clear();
  for (const window::Conversion& conversion : window::conversions(compared.there, compared.here))
    rows.push_back({window::to_text(conversion.work), times(conversion)});
  text += "\n" + render_table({"work", "times slower here than there"}, rows, style);
  for (const std::string& remark : compared.remarks) text += one_line(remark) + "\n";
  return text;
}

std::string to_json_line(const ComparedEnvironments& compared) {
  auto differences = ordered_json::array();
  for (const window::Difference& one : window::differences(compared.there, compared.here))
    differences.push_back({{"what", one.what},
                           {"there", one.there},
                           {"here", one.here},
                           {"matters", weight_word(one.weight)},
                           {"meaning", one.meaning}});
  auto conversions = ordered_json::array();
  for (const window::Conversion& one : window::conversions(compared.there, compared.here)) {
    ordered_json json{
        {"work", work_key(one.work)}, {"low", nullptr}, {"high", nullptr}, {"reason", one.reason}};
    if (one.reason.empty()) {
      json["low"] = one.low;
      json["high"] = one.high;
    }
    conversions.push_back(json);
  }
  return to_line({{"there", side_json(compared.there, compared.there_source)},
                  {"here", side_json(compared.here, compared.here_source)},
                  {"differences", differences},
                  {"conversions", conversions},
                  {"remarks", compared.remarks}});
}

}  // namespace dbtool::cli
