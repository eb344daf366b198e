#include "window/files.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "window/file_format.h"

namespace dbtool::window {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const std::map<std::string, std::string>& texts) {
  Json json = Json::object();
  for (const auto& [name, text] : texts) json[name] = text;
  return json;
}

Json json_of(const Environment& environment) {
  Json json{{"taken_at", environment.taken_at},
            {"name", environment.name},
            {"host", environment.host},
            {"database", environment.database},
            {"server_started", environment.server_started},
            {"server_version", environment.server_version},
            {"version", environment.version},
            {"settings", json_of(environment.settings)},
            {"collations", json_of(environment.collations)},
            {"extensions", json_of(environment.extensions)},
            {"database_bytes", environment.database_bytes},
            {"tables", Json::array()},
            {"replicas", environment.replicas},
            {"cache_hit_share", json_of(environment.cache_hit_share)},
            {"measures", Json::array()}};
  for (const MeasuredTable& table : environment.tables) {
    json["tables"].push_back({{"name", table.name},
                              {"rows", table.rows},
                              {"bytes", table.bytes},
                              {"index_bytes", table.index_bytes},
                              {"indexes", table.indexes},
                              {"dead_rows", table.dead_rows}});
  }
  for (const Measure& measure : environment.measures) {
    const auto* work = std::find_if(work_names.begin(), work_names.end(),
                                    [&](const auto& one) { return one.first == measure.work; });
    json["measures"].push_back({{"work", work->second}, {"unit", measure.unit}, {"values", measure.values}});
  }
  return json;
}

Json json_of(const TableCost& table) {
  return {{"name", table.name},
          {"rows_before", table.rows_before},
          {"rows_after", table.rows_after},
          {"bytes_before", table.bytes_before},
          {"bytes_after", table.bytes_after},
          {"index_bytes_before", table.index_bytes_before},
          {"index_bytes_after", table.index_bytes_after},
          {"dead_rows", table.dead_rows},
          {"rewritten", table.rewritten},
          {"analyze_seconds", json_of(table.analyze_seconds)}};
}

Json json_of(const StepCost& step) {
  Json json{{"direction", to_text(step.direction)},
            {"version", step.version},
            {"kind", step.kind},
            {"seconds", step.seconds},
            {"wal_bytes", step.wal_bytes},
            {"curve", Json::array()},
            {"phases", Json::array()},
            {"tables", Json::array()},
            {"locks", Json::array()},
            {"waits", Json::object()},
            {"peak_bytes", step.peak_bytes ? Json(*step.peak_bytes) : Json(nullptr)},
            {"rows_moved", step.rows_moved ? Json(*step.rows_moved) : Json(nullptr)},
            {"temporary_bytes", step.temporary_bytes},
            {"blocks_read", step.blocks_read},
            {"blocks_hit", step.blocks_hit},
            {"cpu_seconds", json_of(step.cpu_seconds)},
            {"rollback_seconds", json_of(step.rollback_seconds)}};
  for (const CurvePoint& point : step.curve)
    json["curve"].push_back(Json::array({point.seconds, point.wal_bytes}));
  for (const PhaseCost& phase : step.phases) {
    json["phases"].push_back({{"kind", phase.kind},
                              {"name", phase.name},
                              {"began", phase.began},
                              {"seconds", phase.seconds},
                              {"wal_bytes", phase.wal_bytes}});
  }
  for (const TableCost& table : step.tables) json["tables"].push_back(json_of(table));
  for (const LockCost& lock : step.locks) {
    json["locks"].push_back({{"table", lock.table},
                             {"mode", lock.mode},
                             {"began", lock.began},
                             {"seconds", lock.seconds},
                             {"waited_for", lock.waited_for}});
  }
  for (const auto& [wait, share] : step.waits) json["waits"][wait] = share;
  return json;
}

Json json_of(const Growth& growth) {
  Json json{{"direction", to_text(growth.direction)},
            {"version", growth.version},
            {"exponent", growth.exponent},
            {"law", growth.law},
            {"error", growth.error},
            {"fixed_share", growth.fixed_share},
            {"wal_exponent", growth.wal_exponent},
            {"wal_error", growth.wal_error},
            {"wal_fixed_share", growth.wal_fixed_share},
            {"samples", Json::array()},
            {"kind", growth.kind}};
  for (const GrowthSample& sample : growth.samples)
    json["samples"].push_back(
        {{"rows", sample.rows}, {"seconds", sample.seconds}, {"wal_bytes", sample.wal_bytes}});
  return json;
}

// A database holds texts that are no UTF-8 where its encoding is another.
std::string dumped(const std::string& kind, Json value) {
  const Json json{{"kind", kind}, {"format", file_format}, {kind, std::move(value)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const Environment& environment) {
  return dumped("environment", json_of(environment));
}

std::string to_json(const Rehearsal& rehearsal) {
  Json json{{"made_at", rehearsal.made_at}, {"program", rehearsal.program},
            {"source", rehearsal.source},   {"environment", json_of(rehearsal.environment)},
            {"steps", Json::array()},       {"growth", Json::array()}};
  for (const StepCost& step : rehearsal.steps) json["steps"].push_back(json_of(step));
  for (const Growth& growth : rehearsal.growth) json["growth"].push_back(json_of(growth));
  return dumped("rehearsal", std::move(json));
}

}  // namespace dbtool::window
