#include "test/support/generate/generate.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "test/support/generate/kinds.h"

namespace dbtool::generate {
namespace {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ConnectionHandle = std::unique_ptr<PGconn, CloseConnection>;
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

[[noreturn]] void fail(PGconn* connection, const std::string& what) {
  throw Error(ExitCode::failed, what + ": " + PQerrorMessage(connection));
}

ResultHandle execute(PGconn* connection, const std::string& sql) {
  ResultHandle result{PQexec(connection, sql.c_str())};
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN)
    fail(connection, sql);
  return result;
}

std::vector<Kind> kinds() {
  std::vector<Kind> all = service_kinds();
  all.insert(all.end(), worker_kinds().begin(), worker_kinds().end());
  all.insert(all.end(), task_kinds().begin(), task_kinds().end());
  return all;
}

bool exists(PGconn* connection, const std::string& table) {
  const ResultHandle result =
      execute(connection, fmt::format("select to_regclass('public.{}') is not null", table));
  return *PQgetvalue(result.get(), 0, 0) == 't';
}

/// Lines of COPY, sent in pieces that are worth a system call.
class CopyStream {
 public:
  CopyStream(PGconn* connection, const std::string& table) : connection_(connection) {
    execute(connection,
            fmt::format("copy public.{} (partition_key, row_key, value, version) from stdin", table));
  }
  void add(std::string_view line) {
    buffer_.append(line);
    ++rows_;
    if (buffer_.size() >= 256 * 1024) flush();
  }
  std::int64_t end() {
    flush();
    if (PQputCopyEnd(connection_, nullptr) != 1) fail(connection_, "copy");
    while (ResultHandle result{PQgetResult(connection_)}) {
      if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(connection_, "copy");
    }
    return rows_;
  }

 private:
  void flush() {
    if (PQputCopyData(connection_, buffer_.data(), static_cast<int>(buffer_.size())) != 1)
      fail(connection_, "copy");
    buffer_.clear();
  }

  PGconn* connection_;
  std::string buffer_;
  std::int64_t rows_ = 0;
};

std::int64_t copy(PGconn* connection, const Kind& kind, std::uint64_t seed, std::int64_t rows) {
  CopyStream stream{connection, std::string{kind.table}};
  const Sink sink = [&stream](std::string_view line) { stream.add(line); };
  Entity entity;
  for (std::int64_t row = 0; row < rows; ++row) kind.make(seed, row, entity, sink);
  return stream.end();
}

}  // namespace

Options all_kinds(std::int64_t tasks, std::uint64_t seed) {
  Options options{seed, {}};
  for (const Kind& kind : kinds()) {
    const auto rows = static_cast<std::int64_t>(static_cast<double>(tasks) / kind.tasks_per_row);
    options.rows[std::string{kind.table}] = std::max(rows, kind.fewest);
  }
  return options;
}

Options task_set(std::int64_t tasks, std::uint64_t seed) {
  Options options{seed, {}};
  for (const Kind& kind : kinds()) {
    if (kind.follows_tasks) options.rows[std::string{kind.table}] = tasks;
  }
  return options;
}

std::vector<std::string> tables() {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.emplace_back(kind.table);
  return names;
}

std::vector<Filled> fill(const std::string& url, const Options& options) {
  const std::vector<std::string> known = tables();
  for (const auto& [table, rows] : options.rows) {
    if (std::find(known.begin(), known.end(), table) == known.end()) {
      throw Error(ExitCode::usage, "no entities table is called " + table);
    }
  }
  const ConnectionHandle connection{PQconnectdb(url.c_str())};
  if (PQstatus(connection.get()) != CONNECTION_OK) fail(connection.get(), "cannot connect");
  std::vector<Filled> filled;
  execute(connection.get(), "begin");
  for (const Kind& kind : kinds()) {
    const auto wanted = options.rows.find(std::string{kind.table});
    if (wanted == options.rows.end() || wanted->second == 0) continue;
    if (!exists(connection.get(), wanted->first)) {
      filled.push_back({wanted->first, 0, true});
      continue;
    }
    filled.push_back({wanted->first, copy(connection.get(), kind, options.seed, wanted->second), false});
  }
  execute(connection.get(), "commit");
  for (const Filled& table : filled) {
    if (!table.skipped) execute(connection.get(), "analyze public." + table.table);
  }
  return filled;
}

}  // namespace dbtool::generate
