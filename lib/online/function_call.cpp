#include "online/function_call.h"

#include <fmt/format.h>

namespace dbtool::online {

namespace {

// After a batch that moved nothing the next pass begins with {}. A count that is none is seen by who reads
// the answer, and the checkpoint goes with the transaction.
constexpr const char* call = R"(
  with batch as materialized (select b.count, coalesce(b.count, 0) as moved, b.state
                                from public.{}($2::integer, $3::jsonb) as b),
       put as (insert into dbtool.checkpoints (version, range, batch, state, rows, size, done)
               select $1, 1, $4, case when moved = 0 then '{{}}' else state end, $5::bigint + moved, $2::integer, moved = 0
                 from batch limit 1)
  select count, state is null, state is not distinct from $3::jsonb, state from batch)";

}  // namespace

std::string batch_call(const std::string& function) {
  return fmt::format(call, function);
}

std::string complete_call(const std::string& function) {
  return fmt::format("select public.{}()", function);
}

}  // namespace dbtool::online
