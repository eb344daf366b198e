#include "environment/probe_measure.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "pg/error.h"
#include "pg/quote.h"
#include "sql/tree.h"

namespace dbtool::environment {

namespace {

/// Whether EXPLAIN takes it.
bool is_explained(const std::string& text) {
  const nlohmann::json tree = sql::parse_tree(text);
  if (tree.size() != 1) return false;
  const std::string kind = tree[0].at("stmt").begin().key();
  return kind == "SelectStmt" || kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt" ||
         kind == "MergeStmt" || kind == "CreateTableAsStmt";
}

Portion explained(pg::Connection& connection, const MeasuredForm& form) {
  const pg::Result rows = connection.query(form.sql, form.parameters);
  std::string text;
  for (int row = 0; row < rows.rows(); ++row) text += rows.text(row, 0);
  const nlohmann::json plan = nlohmann::json::parse(text).at(0);
  const nlohmann::json& top = plan.at("Plan");
  Portion portion;
  portion.seconds = plan.at("Execution Time").get<double>() / 1000;
  portion.wal_bytes = top.value("WAL Bytes", std::int64_t{0});
  portion.full_pages = top.value("WAL FPI", std::int64_t{0});
  portion.blocks_hit = top.value("Shared Hit Blocks", std::int64_t{0});
  portion.blocks_read = top.value("Shared Read Blocks", std::int64_t{0});
  return portion;
}

Portion timed(pg::Connection& connection, const MeasuredForm& form) {
  connection.exec("select set_config('dbtool.ended', '', true)");
  connection.exec(form.sql);
  const pg::Result row = connection.query(R"(
      select coalesce(nullif(current_setting('dbtool.ended'), '')::float8, extract(epoch from clock_timestamp()))
               - current_setting('dbtool.began')::float8,
             pg_wal_lsn_diff(pg_current_wal_insert_lsn(), current_setting('dbtool.log')::pg_lsn))");
  Portion portion;
  portion.seconds = row.number(0, 0);
  portion.wal_bytes = static_cast<std::int64_t>(row.number(0, 1));
  return portion;
}

}  // namespace

MeasuredForm measured_form(const sql::BlockPart& part, const std::string& text,
                           const std::string& declarations, const std::string& prelude) {
  MeasuredForm form;
  form.explained = part.is_plain && declarations.empty() && is_explained(text);
  if (form.explained) {
    form.sql = "explain (analyze, buffers, wal, timing off, format json) " + text;
    return form;
  }
  form.sql = "do " + pg::dollar_quote(fmt::format(
                         R"({}begin
{}
perform set_config('dbtool.log', pg_current_wal_insert_lsn()::text, true),
        set_config('dbtool.began', extract(epoch from clock_timestamp())::text, true);
{}
;
perform set_config('dbtool.ended', extract(epoch from clock_timestamp())::text, true);
end
)",
                         declarations.empty() ? "" : "declare\n" + declarations + "\n", prelude, text));
  return form;
}

Portion measure(pg::Connection& connection, const MeasuredForm& form, std::chrono::milliseconds limit) {
  connection.exec(fmt::format("set local statement_timeout = {}", std::max<std::int64_t>(1, limit.count())));
  return form.explained ? explained(connection, form) : timed(connection, form);
}

std::string reason_of(const pg::PgError& error, std::chrono::milliseconds limit,
                      std::chrono::milliseconds lock_timeout, bool others_not_run) {
  if (error.is_lock_timeout())
    return fmt::format("waited longer than {} for a lock that others hold", to_text(lock_timeout));
  if (error.is_cancelled()) return fmt::format("took longer than {} and was cancelled", to_text(limit));
  std::string text = error.fields().message;
  constexpr std::array undefined{"42703", "42P01", "42883", "42704"};
  for (const char* state : undefined)
    if (error.is(state) && others_not_run)
      text += "; a statement before it, which is not probed, may make that";
  return text;
}

}  // namespace dbtool::environment
