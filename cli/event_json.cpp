#include <nlohmann/json.hpp>

#include "cli/progress_state.h"

namespace dbtool::cli {

namespace {

using Json = nlohmann::ordered_json;

Json fields(const Connected& connected) {
  return {{"event", "connected"},
          {"name", connected.name},
          {"host", connected.host},
          {"database", connected.database},
          {"user", connected.user}};
}

Json fields(const RunStarted& run) {
  return {{"event", "run_started"},
          {"direction", to_text(run.direction)},
          {"from", run.from},
          {"goal", run.goal},
          {"steps", run.steps}};
}

Json fields(const StepStarted& step) {
  return {{"event", "step_started"},
          {"direction", to_text(step.direction)},
          {"version", step.version},
          {"description", step.description},
          {"kind", step.kind}};
}

Json fields(const ScriptNotice& notice) {
  return {{"event", "notice"}, {"severity", notice.severity}, {"message", notice.message}};
}

Json to_json(const std::vector<Blocker>& blockers) {
  Json json = Json::array();
  for (const Blocker& blocker : blockers)
    json.push_back({{"pid", blocker.pid},
                    {"user", blocker.user},
                    {"application", blocker.application},
                    {"state", blocker.state},
                    {"query", blocker.query},
                    {"age_ms", blocker.query_age.count()},
                    {"autovacuum", blocker.autovacuum}});
  return json;
}

Json fields(const LockRetry& retry) {
  return {{"event", "lock_retry"},
          {"version", retry.version},
          {"attempt", retry.attempt},
          {"attempts", retry.attempts},
          {"reason", retry.reason},
          {"pause_ms", retry.pause.count()},
          {"blockers", to_json(retry.blockers)}};
}

Json fields(const StatementDone& statement) {
  return {{"event", "statement_done"},
          {"version", statement.version},
          {"position", statement.position},
          {"count", statement.count},
          {"statement", statement.statement}};
}

Json fields(const BatchDone& batch) {
  Json json{{"event", "batch_done"},
            {"direction", to_text(batch.direction)},
            {"version", batch.version},
            {"rows", batch.rows},
            {"rows_done", batch.rows_done},
            {"rows_total", nullptr},
            {"rows_per_second", batch.rows_per_second},
            {"recent_rows_per_second", batch.recent_rows_per_second},
            {"workers", batch.workers},
            {"batch_size", batch.batch_size},
            {"verifies", batch.verifies},
            {"slowed_by", batch.note},
            {"duration_ms", batch.duration.count()}};
  if (batch.rows_total) json["rows_total"] = *batch.rows_total;
  return json;
}

Json fields(const BatchRepeated& batch) {
  return {{"event", "batch_repeated"},
          {"direction", to_text(batch.direction)},
          {"version", batch.version},
          {"reason", batch.reason}};
}

Json fields(const OnlinePulse& pulse) {
  Json signals = Json::array();
  for (const SignalState& signal : pulse.signals) {
    Json json{{"signal", signal.name}, {"load", signal.load},   {"value", nullptr},   {"limit", nullptr},
              {"unit", signal.unit},   {"rules", signal.rules}, {"lost", signal.lost}};
    if (signal.value) json["value"] = *signal.value;
    if (signal.limit) json["limit"] = *signal.limit;
    signals.push_back(std::move(json));
  }
  return {{"event", "online_pulse"},
          {"direction", to_text(pulse.direction)},
          {"version", pulse.version},
          {"rows_done", pulse.rows_done},
          {"workers", pulse.workers},
          {"paused", pulse.paused},
          {"batch_time_ms", pulse.batch_time.count()},
          {"pause_ms", pulse.pause.count()},
          {"slowed_by", pulse.note},
          {"signals", signals}};
}

Json fields(const RateCollapsed& event) {
  Json tables = Json::array();
  for (const TableState& table : event.tables)
    tables.push_back({{"table", table.name},
                      {"live_rows", table.live_rows},
                      {"dead_rows", table.dead_rows},
                      {"dead_rows_at_start", table.dead_rows_at_start},
                      {"rows_read_by_scans", table.rows_read_by_scans},
                      {"last_analyze", table.last_analyze},
                      {"vacuum", table.vacuum}});
  return {{"event", "rate_collapsed"},
          {"direction", to_text(event.direction)},
          {"version", event.version},
          {"rows_per_second", event.rows_per_second},
          {"usual_rows_per_second", event.usual_rows_per_second},
          {"reasons", event.reasons},
          {"blockers", to_json(event.blockers)},
          {"tables", tables},
          {"plan", event.plan},
          {"first_plan", event.first_plan}};
}

Json fields(const StepForecast& forecast) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  Json json{{"event", "step_forecast"},
            {"direction", to_text(forecast.direction)},
            {"version", forecast.version},
            {"seconds", forecast.seconds},
            {"left_low_seconds", nullptr},
            {"left_high_seconds", nullptr},
            {"left_likely_seconds", nullptr},
            {"source", forecast.source},
            {"progress", or_null(forecast.progress)},
            {"marked", or_null(forecast.marked)},
            {"reasons", forecast.reasons},
            {"waiting", forecast.waiting},
            {"locks", forecast.locks},
            {"window_left_seconds", or_null(forecast.window_left)},
            {"turn_back_in_seconds", or_null(forecast.turn_back_in)},
            {"doubt", forecast.doubt}};
  if (forecast.left) {
    json["left_low_seconds"] = forecast.left->first;
    json["left_high_seconds"] = forecast.left->second;
    json["left_likely_seconds"] = forecast.likely;
  }
  return json;
}

Json fields(const TurningBack& turn) {
  return {{"event", "turning_back"},
          {"direction", to_text(turn.direction)},
          {"version", turn.version},
          {"reason", turn.reason},
          {"because", turn.because}};
}

Json fields(const StepDone& done) {
  return {{"event", "step_done"},
          {"direction", to_text(done.direction)},
          {"version", done.version},
          {"at", done.at},
          {"duration_ms", done.duration.count()}};
}

Json fields(const Message& message) {
  return {{"event", "message"},
          {"level", message.level == Message::Level::warning ? "warning" : "note"},
          {"text", message.text}};
}

}  // namespace

std::string event_json(const Event& event, Clock::Wall time) {
  Json json = std::visit([](const auto& known) { return fields(known); }, event);
  json["time"] = utc_time(time);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dbtool::cli
