#include "online/function_lane.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "online/function_call.h"

namespace dbtool::online {

namespace {

// The counters of this backend that are not yet flushed hold earlier batches too: what counts is the
// difference within one transaction.
constexpr const char* rows_read = R"(
  select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_xact_user_tables
   where schemaname <> 'dbtool')";

// The same, and the tables that were touched.
constexpr const char* rows_read_and_tables = R"(
  select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0),
         array_to_json(coalesce(array_agg(format('%I.%I', schemaname, relname) order by schemaname, relname)
           filter (where coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0), '{}'))
    from pg_stat_xact_user_tables
   where schemaname <> 'dbtool')";

// The first batch may be one that finds nothing, and a branch of a function may be taken later.
constexpr int batches_watched_for_tables = 5;

constexpr const char* mend_function = "mend the function; nothing of this batch was kept";

}  // namespace

std::vector<pg::Statement> FunctionLane::statements(int size) {
  const ledger::Checkpoint& last = record().last;
  pending() = last;
  pending().batch = last.batch + 1;
  pending().size = size;
  return {{rows_read, {}},
          {batch_call(function_),
           {std::to_string(version()), std::to_string(size), last.state, std::to_string(pending().batch),
            std::to_string(last.rows)}},
          {batches_ < batches_watched_for_tables ? rows_read_and_tables : rows_read, {}}};
}

BatchResult FunctionLane::read(pg::Connection&, const std::vector<pg::Result>& results) {
  const pg::Result& row = results[1];
  if (row.rows() != 1) {
    throw Error(ExitCode::failed,
                fmt::format("{} returned {} rows; it must return one", function_, row.rows()), mend_function);
  }
  if (row.is_null(0, 0) || row.integer(0, 0) < 0) {
    throw Error(
        ExitCode::failed,
        fmt::format("{} returned {} as its count; it must be how many rows were moved, 0 when none is "
                    "left",
                    function_, row.optional_text(0, 0).value_or("null")),
        mend_function);
  }
  BatchResult batch;
  batch.rows = batch.moved = row.integer(0, 0);
  batch.read = results[2].integer(0, 0) - results[0].integer(0, 0);
  if (results[2].columns() > 1)
    batch.tables = nlohmann::json::parse(results[2].text(0, 1)).get<std::vector<std::string>>();
  batch.done = batch.rows == 0;
  pending().rows += batch.rows;
  pending().state = batch.done ? std::optional<std::string>("{}") : row.optional_text(0, 3);
  pending().done = batch.done;
  const bool null_state = row.boolean(0, 1);
  if (!batch.done && (null_state || row.boolean(0, 2))) {
    batch.odd =
        fmt::format("{} returned {}; right for one that moves and deletes, wrong for one that should walk on",
                    function_, null_state ? "a null state" : "the state that it was given");
  }
  ++batches_;
  return batch;
}

std::optional<std::string> FunctionLane::next_row() const {
  return "the row behind state " + excerpt(record().last.state.value_or("null"), 200);
}

}  // namespace dbtool::online
