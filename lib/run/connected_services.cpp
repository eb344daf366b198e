#include <fmt/format.h>

#include "model/release.h"
#include "pg/quote.h"
#include "run/preflight.h"

namespace dbtool::run {

std::vector<std::string> connected_services_that_need_more(pg::Connection& connection, const Project& project,
                                                           int goal) {
  std::vector<std::string> found;
  if (project.settings.user_prefix.empty() || project.releases.empty()) return found;
  const pg::Result rows = connection.query(
      R"(select usename, coalesce(application_name, ''), count(*) from pg_stat_activity
          where datname = current_database() and usename = any($1::text[]) group by 1, 2 order by 1, 2)",
      {pg::array_literal(service_users(project))});
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string application(rows.text(row, 1));
    for (const Release& release : project.releases) {
      const std::string name = release.name.starts_with("v") ? release.name.substr(1) : release.name;
      if (release.version <= goal || application.find(name) == std::string::npos) continue;
      found.push_back(fmt::format("{} ({} sessions, application {}): release {} needs version {}",
                                  rows.text(row, 0), rows.text(row, 2), application, release.name,
                                  release.version));
      break;
    }
  }
  return found;
}

}  // namespace dbtool::run
