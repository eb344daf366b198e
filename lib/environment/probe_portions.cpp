#include "environment/probe_portions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/error.h"

namespace dbtool::environment {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t first_rows = 50;  // they tell how many rows there is time for
constexpr std::chrono::milliseconds longest_statement = 12s;

constexpr const char* take_back = "rollback to savepoint dbtool_portion; release savepoint dbtool_portion";

}  // namespace

std::chrono::milliseconds Portions::allowance(std::size_t statements_left) const {
  const auto share = time_.left() / static_cast<int>(std::max<std::size_t>(2, statements_left));
  return std::min({time_.left(), std::max<std::chrono::milliseconds>(share * 2, 1s), longest_statement});
}

std::int64_t Portions::rows_a_place(const ProbedStatement& statement,
                                    std::chrono::milliseconds allowed) const {
  if (statement.portions.empty()) return first_rows;
  const std::int64_t wanted = std::max<std::int64_t>(1, options_.rows / probe_places);
  const double a_row = statement.seconds() / static_cast<double>(std::max<std::int64_t>(1, statement.rows()));
  const double in_time =
      std::chrono::duration<double>(allowed).count() / probe_places / std::max(a_row, 1e-9);
  return static_cast<std::int64_t>(std::clamp(in_time, 1.0, static_cast<double>(wanted)));
}

bool Portions::add(ProbedStatement& statement, std::chrono::milliseconds limit, bool keeps,
                   const std::function<Portion()>& attempt) {
  connection_.exec("savepoint dbtool_portion");
  try {
    statement.portions.push_back(attempt());
    connection_.exec(keeps ? "release savepoint dbtool_portion" : take_back);
    return true;
  } catch (const pg::PgError& error) {
    if (error.is_connection_lost() || !connection_.in_transaction()) throw;
    connection_.exec(take_back);
    if (statement.portions.empty())
      statement.not_probed = reason(error, limit);
    else
      remarks_.push_back(fmt::format("{}: ended after {} of {} places: {}", excerpt(statement.text, 40),
                                     statement.portions.size(), probe_places, reason(error, limit)));
    return false;
  }
}

void Portions::add_again(ProbedStatement& statement, const std::function<Portion()>& attempt) {
  connection_.exec("savepoint dbtool_portion");
  try {
    const Portion again = attempt();
    statement.portions.back().again_seconds = again.seconds;
    statement.portions.back().again_wal_bytes = again.wal_bytes;
  } catch (const pg::PgError& error) {
    if (error.is_connection_lost() || !connection_.in_transaction()) throw;
  }
  connection_.exec(take_back);
}

std::string Portions::reason(const pg::PgError& error, std::chrono::milliseconds limit) const {
  return reason_of(error, limit, options_.lock_timeout, not_run_);
}

}  // namespace dbtool::environment
