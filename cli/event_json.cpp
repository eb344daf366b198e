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

Json fields(const LockRetry& retry) {
  Json blockers = Json::array();
  for (const Blocker& blocker : retry.blockers)
    blockers.push_back({{"pid", blocker.pid},
                        {"user", blocker.user},
                        {"application", blocker.application},
                        {"state", blocker.state},
                        {"query", blocker.query},
                        {"age_ms", blocker.query_age.count()},
                        {"autovacuum", blocker.autovacuum}});
  return {{"event", "lock_retry"},      {"version", retry.version}, {"attempt", retry.attempt},
          {"attempts", retry.attempts}, {"reason", retry.reason},   {"pause_ms", retry.pause.count()},
          {"blockers", blockers}};
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
