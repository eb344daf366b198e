#include <fmt/format.h>

#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr const char* ready_query = R"(
select count(*) from pg_ls_archive_statusdir() where name like '%.ready')";

// Without the right to list the directory: files between the last one archived (or, when none ever was, the
// one that fails) and the one being written.
constexpr const char* distance_query = R"(
with names as (
  select pg_walfile_name(pg_current_wal_lsn()) as written,
         case when last_archived_wal ~ '^[0-9A-F]{24}' then last_archived_wal end as archived,
         case when last_failed_wal ~ '^[0-9A-F]{24}' then last_failed_wal end as failed,
         4294967296 / pg_size_bytes(current_setting('wal_segment_size')) as per_log
    from pg_stat_archiver)
select greatest(coalesce(number(written) - number(archived) - 1, number(written) - number(failed), 0), 0)
  from names)";

/// number(NAME) in a query: the number of a WAL file from its name.
std::string with_numbers(std::string sql) {
  constexpr std::string_view call = "number(";
  for (std::size_t at = sql.find(call); at != std::string::npos; at = sql.find(call, at)) {
    const std::size_t end = sql.find(')', at);
    const std::string name = sql.substr(at + call.size(), end - at - call.size());
    sql.replace(at, end - at + 1,
                fmt::format("(('x' || substr({0}, 9, 8))::bit(32)::bigint * per_log"
                            " + ('x' || substr({0}, 17, 8))::bit(32)::bigint)",
                            name));
  }
  return sql;
}

}  // namespace

Built watch_archive(std::int64_t limit, const ServerFacts& facts) {
  if (!facts.archives)
    return SignalOff{"archive", "the server archives no WAL (archive_mode is off)", "remove the key"};
  Signal::Together way;
  way.ask = [sql = facts.lists_archive ? std::string(ready_query) : with_numbers(distance_query)](
                const Moment&) { return pg::Statement{sql}; };
  way.judge = [limit](const pg::Result& result, const Moment&) {
    const std::int64_t files = result.integer(0, 0);
    const double load = Signal::load_of(static_cast<double>(files), static_cast<double>(limit));
    return measured({"archive", load, fmt::format("{} WAL files not archived (limit {})", files, limit)},
                    {static_cast<double>(files), static_cast<double>(limit), "files"});
  };
  Signal signal{"archive", std::move(way)};
  signal.every = 2s;  // the directory may hold many files
  return signal;
}

}  // namespace dbtool::online
