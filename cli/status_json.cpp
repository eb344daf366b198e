#include <nlohmann/json.hpp>

#include "cli/forecast_json.h"
#include "cli/status_text.h"
#include "report/findings.h"

namespace dbtool::cli {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const status::Estimate& estimate) {
  return {{"low_seconds", estimate.low}, {"high_seconds", estimate.high}, {"source", estimate.source}};
}

Json to_json(const status::Pending& pending) {
  Json json{{"version", pending.version},
            {"description", pending.description},
            {"kind", run::to_text(pending.weight)},
            {"rows", nullptr},
            {"estimate", nullptr},
            {"forecast", forecast_json(pending.forecast)}};
  if (pending.rows) json["rows"] = *pending.rows;
  if (pending.online) json["online_forecast"] = forecast_json(*pending.online);
  const window::Forecast& forecast = pending.main();
  if (forecast.trust != window::Trust::unknown)
    json["estimate"] = to_json(status::Estimate{forecast.range.low, forecast.range.high, forecast.source});
  return json;
}

Json to_json(const status::OnlineProgress& online) {
  const ledger::OnlineState& state = online.state;
  Json json{{"version", state.version},
            {"direction", dbtool::to_text(state.direction)},
            {"form", state.declared ? "declared" : "functions"},
            {"phase", ledger::to_text(state.phase)},
            {"pass", state.pass},
            {"rows_done", state.rows_done},
            {"rows_verified", state.rows_verified},
            {"rows_differing", state.differing},
            {"rows_total", nullptr},
            {"batches", state.batches},
            {"workers", state.workers},
            {"rows_per_second", online.rows_per_second},
            {"recent_rows_per_second", state.rows_per_second},
            {"last_batch_seconds_ago", nullptr},
            {"started", state.started_at},
            {"paused", online.control.paused},
            {"slowed_by", state.note},
            {"left", nullptr}};
  if (online.rows_total) json["rows_total"] = *online.rows_total;
  if (online.age_seconds) json["last_batch_seconds_ago"] = *online.age_seconds;
  if (online.left) json["left"] = to_json(*online.left);
  return json;
}

Json to_json(const ledger::PartlyState& partly) {
  return {{"version", partly.version},
          {"direction", dbtool::to_text(partly.direction)},
          {"statements_done", partly.position}};
}

Json to_json(const ledger::RunRecord& run) {
  return {{"run", run.id},
          {"command", run.command},
          {"from", run.from},
          {"goal", run.goal},
          {"outcome", run.outcome},
          {"message", run.message},
          {"started", run.started_at},
          {"finished", run.finished_at},
          {"database_user", run.database_user},
          {"os_user", run.os_user},
          {"host", run.host},
          {"pid", run.pid},
          {"backend_pid", run.backend_pid}};
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? to_json(*value) : Json(nullptr);
}

}  // namespace

std::string to_json_line(const status::Status& status) {
  Json pending = Json::array();
  for (const status::Pending& one : status.pending) pending.push_back(to_json(one));
  Json releases = Json::array();
  for (const Release& release : status.may_run) releases.push_back(release.name);
  Json drift{{"changed_versions", status.changed}, {"moved_from", nullptr}, {"findings", nullptr}};
  if (status.moved_from) drift["moved_from"] = *status.moved_from;
  if (status.check) drift["findings"] = Json::parse(report::to_json(status.check->findings));
  const Json json{{"name", status.name},
                  {"version", status.version},
                  {"newest", status.newest},
                  {"files_are_older", status.files_are_older()},
                  {"pending", pending},
                  {"releases", releases},
                  {"online", or_null(status.online)},
                  {"partly", or_null(status.partly)},
                  {"running", or_null(status.running)},
                  {"last_run", or_null(status.last_run)},
                  {"drift", drift}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string online_json_line(const status::Status& status) {
  return Json{{"online", or_null(status.online)}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dbtool::cli
