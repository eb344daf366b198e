#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"
#include "run/preflight.h"
#include "run/server_range.h"

namespace dbtool::run {

namespace {

void check_sort_order(pg::Connection& connection, const std::string& demand) {
  std::vector<std::string> wanted;
  for (std::size_t from = 0; from <= demand.size();) {
    const std::size_t to = std::min(demand.find('<', from), demand.size());
    wanted.emplace_back(trim(std::string_view(demand).substr(from, to - from)));
    from = to + 1;
  }
  const pg::Result rows =
      connection.query("select x from unnest($1::text[]) with ordinality as u(x, n) order by x, n",
                       {pg::array_literal(wanted)});
  std::vector<std::string> found;
  for (int row = 0; row < rows.rows(); ++row) found.emplace_back(rows.text(row, 0));
  if (found == wanted) return;
  throw Error(
      ExitCode::unreachable,
      fmt::format("the database's default collation sorts {}, not {} as the project asks for",
                  join(found, " < "), demand),
      "make the database anew with a collation that sorts so (e.g. locale_provider icu, icu_locale 'en-US')");
}

}  // namespace

void check_server(pg::Connection& connection, const Settings& settings) {
  const int major = connection.server_version() / 10000;
  constexpr int oldest = 14;
  if (major < oldest) {
    throw Error(ExitCode::unreachable,
                fmt::format("the server is PostgreSQL {}; dbtool needs {} or newer", major, oldest), "");
  }
  if (!is_in_range(major, settings.server)) {
    throw Error(ExitCode::unreachable,
                fmt::format("the server is PostgreSQL {}; the project asks for {}", major, settings.server),
                "connect to another server, or change `server:` in dbtool.yml");
  }
  const pg::Result mode =
      connection.ask("select pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean");
  if (mode.boolean(0, 0)) {
    throw Error(
        ExitCode::unreachable, "the server is a standby and read-only",
        "connect to the primary (several hosts and target_session_attrs=read-write in the URL find it)");
  }
  if (mode.boolean(0, 1)) {
    throw Error(ExitCode::unreachable, "the database is read-only (default_transaction_read_only is on)",
                "alter database … reset default_transaction_read_only, or use a role for which it is off");
  }
  if (!settings.sort_order.empty()) check_sort_order(connection, settings.sort_order);
}

}  // namespace dbtool::run
