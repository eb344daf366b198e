#include "online/throttle/signal.h"

#include <algorithm>
#include <utility>

namespace dbtool::online {

namespace {

/// As good as infinite, and still a number in JSON.
constexpr double largest_load = 1000;

}  // namespace

Answer measured(Reading reading, Measure measure) {
  reading.measure = std::move(measure);
  return {{std::move(reading)}, {}};
}

pg::Parameter Moment::pids() const {
  std::string text = "{";
  for (const int pid : worker_pids) text += (text.size() > 1 ? "," : "") + std::to_string(pid);
  return text + "}";
}

double Signal::load_of(double value, double limit) {
  return std::clamp(value / limit, 0.0, largest_load);
}

double Signal::load_of_least(double value, double least) {
  return value <= 0 ? largest_load : std::clamp(least / value, 0.0, largest_load);
}

ServerFacts read_facts(pg::Connection& connection) {
  const pg::Result row = connection.query(R"(
select current_user, pg_has_role('pg_read_all_stats', 'usage'), current_setting('archive_mode') <> 'off',
       has_function_privilege('pg_ls_archive_statusdir()', 'execute'), quote_ident(n.nspname),
       e.extversion not in ('1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8')
  from (values (1)) as one
  left join pg_extension e on e.extname = 'pg_stat_statements'
  left join pg_namespace n on n.oid = e.extnamespace)");
  ServerFacts facts;
  facts.user = row.text(0, 0);
  facts.reads_stats = row.boolean(0, 1);
  facts.archives = row.boolean(0, 2);
  facts.lists_archive = row.boolean(0, 3);
  facts.statements_schema = row.text(0, 4);
  facts.statements_nested = row.boolean(0, 5);
  return facts;
}

}  // namespace dbtool::online
