#include "run/disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/error.h"
#include "pg/error.h"
#include "pg/quote.h"
#include "pg/transaction.h"
#include "window/log_keeping.h"

namespace dbtool::run {

namespace {

const sql::ScriptEffects* effects_of(const Step& step) {
  if (const auto* statements = std::get_if<StatementsStep>(&step)) return &statements->effects;
  if (const auto* transaction = std::get_if<TransactionStep>(&step)) return &transaction->effects;
  return nullptr;
}

/// Tables that are locked against everybody and filled as well are written anew: a second copy of them.
double least_copies(const Knowledge& knowledge, const Step& step) {
  const sql::ScriptEffects* effects = effects_of(step);
  if (effects == nullptr) return 0;
  double bytes = 0;
  for (const sql::StrongLock& lock : effects->locks) {
    if (lock.mode != "access exclusive" || (!lock.schema.empty() && lock.schema != "public")) continue;
    const std::string schema = lock.schema.empty() ? "" : pg::quote_identifier(lock.schema) + ".";
    const std::string name = schema + pg::quote_identifier(lock.table);
    const auto& written = effects->written;
    const auto size = knowledge.table_bytes.find(lock.table);
    if (std::find(written.begin(), written.end(), name) != written.end() &&
        size != knowledge.table_bytes.end())
      bytes += static_cast<double>(size->second);
  }
  return bytes;
}

window::StepRoom guess_room(const Knowledge& knowledge, const Step& step) {
  const Version& version = version_of(step);
  window::StepRoom room;
  room.version = version.number;
  room.one_transaction = std::holds_alternative<TransactionStep>(step);
  const Weight weight =
      weight_of_script(version, direction_of(step), rows_of(knowledge, direction_of(step), version));
  const bool online = std::holds_alternative<OnlineStep>(step);
  if (!online && (weight == Weight::quick || weight == Weight::methods_only)) {
    room.trust = window::Trust::weak;
    room.source = "few rows or none";
    return room;
  }
  room.data.low = online ? 0 : least_copies(knowledge, step);
  room.source = "unknown: never rehearsed; do so with dbtool rehearse --on COPY";
  return room;
}

/// Whether an earlier run has done a part of the step; how much of the room it has taken is not known.
bool is_begun(const Plan& plan, std::size_t index) {
  const Step& step = plan.steps[index];
  if (const auto* statements = std::get_if<StatementsStep>(&step)) return statements->position > 0;
  if (!std::holds_alternative<OnlineStep>(step) || direction_of(step) == Direction::downgrade) return false;
  return index == 0 || version_of(plan.steps[index - 1]).number != version_of(step).number;
}

}  // namespace

window::StepRoom room_of(const Knowledge& knowledge, const Step& step) {
  const Version& version = version_of(step);
  const Direction direction = direction_of(step);
  if (!knowledge.rehearsal) return guess_room(knowledge, step);
  if (std::holds_alternative<OnlineStep>(step)) {
    const StepCost* cost = knowledge.rehearsal->online_part(direction, version.number);
    return cost == nullptr ? guess_room(knowledge, step)
                           : window::room_for(*cost, scale_of(knowledge, *cost));
  }
  const StepCost* cost = knowledge.rehearsal->step(direction, version.number);
  return cost == nullptr ? guess_room(knowledge, step)
                         : window::room_for(*cost, scale_of(knowledge, direction, version));
}

DiskForecast forecast_disk(const Knowledge& knowledge, const Plan& plan, pg::Connection* connection) {
  DiskForecast forecast;
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    window::StepRoom room = room_of(knowledge, plan.steps[index]);
    if (is_begun(plan, index)) {
      room.data.low = room.wal.low = 0;
      room.stays.low = std::min(room.stays.low, 0.0);
      room.trust = std::min(room.trust, window::Trust::weak);
      room.source += "; a part of it is done already";
    }
    forecast.rooms.push_back(std::move(room));
  }
  if (connection != nullptr) forecast.log = window::read_log_keeping(*connection);
  forecast.peak = window::peak_of(forecast.rooms, forecast.log);
  return forecast;
}

std::optional<double> read_free_disk(pg::Connection& connection, const Settings& settings) {
  if (!settings.throttle.disk) return std::nullopt;
  try {
    pg::Transaction transaction(connection, "read only", {{"set local statement_timeout = 5000"}});
    const pg::Result result = connection.query(settings.throttle.disk->query);
    if (result.rows() == 0 || result.columns() == 0 || result.is_null(0, 0))
      throw Error(ExitCode::usage, "the query gives no number");
    return result.number(0, 0);
  } catch (const pg::PgError& error) {
    if (error.is_connection_lost()) throw;
    throw Error(ExitCode::usage, fmt::format("dbtool.yml: `disk` of `throttle`: {}", error.fields().message),
                "mend it, or remove it");
  } catch (const Error& error) {
    throw Error(ExitCode::usage, fmt::format("dbtool.yml: `disk` of `throttle`: {}", error.what()),
                "let it give a number of bytes");
  }
}

}  // namespace dbtool::run
