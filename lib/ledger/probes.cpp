#include "ledger/probes.h"

#include <fmt/format.h>

#include "ledger/readable.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

const char* lacks_to_text(ProbeLacks lacks) {
  return lacks == ProbeLacks::nothing ? "nothing" : lacks == ProbeLacks::builds ? "builds" : "work";
}

ProbeLacks lacks_from_text(std::string_view text) {
  if (text == "nothing") return ProbeLacks::nothing;
  return text == "builds" ? ProbeLacks::builds : ProbeLacks::work;
}

constexpr int kept_probes = 10;  // as probes.h says

}  // namespace

void record(pg::Connection& connection, const Session& session, const ProbeRecord& probe) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  connection.query(R"(
      insert into dbtool.probes (version, direction, online, checksum, table_name, table_rows, rows, low, high,
                                 missing, lacks, statements)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))",
                   {std::to_string(probe.version), to_text(probe.direction), probe.online ? "true" : "false",
                    probe.checksum, probe.table, std::to_string(probe.table_rows), std::to_string(probe.rows),
                    fmt::format("{}", probe.low), fmt::format("{}", probe.high), probe.missing,
                    lacks_to_text(probe.lacks), probe.statements});
  connection.query(R"(
      delete from dbtool.probes
       where ctid = any (array(select ctid from dbtool.probes
                                where version = $1 and direction = $2 and online = $3
                                order by made desc offset $4)))",
                   {std::to_string(probe.version), to_text(probe.direction), probe.online ? "true" : "false",
                    std::to_string(kept_probes)});
  transaction.commit();
}

std::vector<ProbeRecord> read_probes(pg::Connection& connection) {
  std::vector<ProbeRecord> probes;
  if (!are_readable(connection, {"probes"})) return probes;
  const pg::Result rows = connection.query(R"(
      select distinct on (version, direction, online)
             version, direction, online, checksum, to_char(made at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             table_name, table_rows, rows, low, high, missing, lacks
        from dbtool.probes
       order by version, direction, online, made desc)");
  for (int row = 0; row < rows.rows(); ++row) {
    ProbeRecord probe;
    probe.version = static_cast<int>(rows.integer(row, 0));
    probe.direction = rows.text(row, 1) == "downgrade" ? Direction::downgrade : Direction::upgrade;
    probe.online = rows.boolean(row, 2);
    probe.checksum = rows.text(row, 3);
    probe.made_at = rows.text(row, 4);
    probe.table = rows.text(row, 5);
    probe.table_rows = rows.integer(row, 6);
    probe.rows = rows.integer(row, 7);
    probe.low = rows.number(row, 8);
    probe.high = rows.number(row, 9);
    probe.missing = rows.text(row, 10);
    probe.lacks = lacks_from_text(rows.text(row, 11));
    probes.push_back(std::move(probe));
  }
  return probes;
}

}  // namespace dbtool::ledger
