#include <memory>

#include <fmt/format.h>

#include "online/throttle/rate.h"
#include "online/throttle/signals.h"
#include "pg/quote.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto statements_window = 5s;
/// Fewer calls within the window tell nothing.
constexpr double enough_calls = 10;

constexpr const char* latency_query = R"(
select coalesce(sum(s.calls), 0)::bigint, coalesce(sum(s.total_exec_time), 0)
  from {0}.pg_stat_statements(false) s join pg_roles r on r.oid = s.userid
 where s.dbid = (select oid from pg_database where datname = current_database()){1}
   and case when $1::text[] <> '{{}}' then r.rolname = any ($1)
            else r.rolname not in (current_user, session_user) and starts_with(r.rolname, $2) end)";

}  // namespace

Built watch_latency(const LatencySettings& settings, const std::string& user_prefix,
                    const ServerFacts& facts) {
  if (facts.statements_schema.empty()) {
    return SignalOff{"latency", "the extension pg_stat_statements is not in this database",
                     "create extension pg_stat_statements, which must be in shared_preload_libraries"};
  }
  Signal::Together way;
  const std::string sql =
      fmt::format(latency_query, facts.statements_schema, facts.statements_nested ? " and s.toplevel" : "");
  const std::string prefix = user_prefix.empty() ? "" : user_prefix + "_";
  way.ask = [sql, users = pg::array_literal(settings.users), prefix](const Moment&) {
    return pg::Statement{sql, {users, prefix}};
  };
  way.judge = [limit = settings.limit, rate = std::make_shared<Rate>(statements_window)](
                  const pg::Result& result, const Moment& moment) {
    rate->add(moment.now, result.number(0, 0), result.number(0, 1));
    if (rate->growth() < enough_calls) return Answer{};
    const double mean = rate->second_growth() / rate->growth();
    const std::string text =
        fmt::format("mean statement of the services {:.3g} ms (limit {} ms)", mean, limit.count());
    return measured({"latency", Signal::load_of(mean, static_cast<double>(limit.count())), text},
                    {mean / 1000, to_seconds(limit), "seconds"});
  };
  Signal signal{"latency", std::move(way)};
  signal.every = 1s;  // there may be thousands of statements
  return signal;
}

}  // namespace dbtool::online
