#include <fmt/format.h>

#include "ledger/run_lock.h"
#include "ledger/write.h"
#include "online/function_call.h"
#include "pg/quote.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

void append(std::vector<pg::Statement>& statements, const std::vector<pg::Statement>& more) {
  statements.insert(statements.end(), more.begin(), more.end());
}

[[noreturn]] void refuse(std::string message, std::string advice) {
  pg::ErrorFields fields;
  fields.severity = "ERROR";
  fields.message = std::move(message);
  throw pg::PgError(ExitCode::failed, std::move(fields), std::move(advice));
}

/// That there are both functions of an online migration after the script, or none, that the plan knew of
/// them, and that they bear the version's number and take what they are given; else all that follows would
/// pass over rows that were not moved.
pg::Statement online_functions_statement(Direction direction, int version, bool begins) {
  const std::string batch = ledger::online_function(direction, version, "batch");
  const std::string is_complete = ledger::online_function(direction, version, "is_complete");
  pg::Statement statement{R"(
select count(*) filter (where proname = $1) > 0, count(*) filter (where proname = $2) > 0,
       min(format('%s(%s)', proname, oidvectortypes(proargtypes)))
         filter (where (proname = $1 and oidvectortypes(proargtypes) <> 'integer, jsonb')
                    or (proname = $2 and pronargs > 0)),
       -- Made by this transaction; those of others were there before, or are none of its business.
       min(proname::text) filter (where substring(proname from '_v([0-9]+)_') <> $3
                                    and age(xmin) <= age(pg_current_xact_id()::xid))
from pg_proc
where pronamespace = 'public'::regnamespace and proname ~ '^online_(migration|downgrade)_v[0-9]+_(batch|is_complete)$')",
                          {batch, is_complete, std::to_string(version)},
                          true};
  statement.judge = [=](const pg::Result& found) {
    if (const auto other = found.optional_text(0, 3)) {
      refuse(fmt::format(
                 "after the script there is {}, which nothing would call: in version {} the functions of "
                 "an online migration are {} and {}",
                 *other, version, batch, is_complete),
             "give it the number of its version, without zeros before it, then run the same command again");
    }
    const bool has_batch = found.boolean(0, 0), has_is_complete = found.boolean(0, 1);
    if (has_batch != has_is_complete) {
      refuse(
          fmt::format("after the script there is {}, but not {}", has_batch ? batch : is_complete,
                      has_batch ? is_complete : batch),
          "an online migration by functions needs both: let the script create the missing one (or drop the "
          "other, if it was left behind), then run the same command again");
    }
    if (const auto other = found.optional_text(0, 2)) {
      refuse(fmt::format("after the script there is {}; what is called is {}(integer, jsonb), and {}()",
                         *other, batch, is_complete),
             "let the script create each of them once, with these arguments (and drop what was left behind), "
             "then "
             "run the same command again");
    }
    if (has_batch && !begins) {
      refuse(fmt::format("after the script there is {}, whose name does not stand in its text", batch),
             "write the name out in the script (a comment is enough), so that the plan knows of the online "
             "migration (or drop the function, if it was left behind), then run the same command again");
    }
  };
  return statement;
}

/// That what calls the functions of an online migration would be understood, if there are such: the server
/// parses it, and runs nothing.
pg::Statement online_calls_statement(Direction direction, int version) {
  constexpr const char* check = R"(do $dbtool$
declare
  called text := '{batch}';
  returned text := 'count (how many rows were moved, an integer) and state (jsonb)';
begin
  if to_regprocedure('public.{batch}(integer, jsonb)') is null
     or to_regprocedure('public.{complete}()') is null then
    return;
  end if;
  begin
    execute $call$prepare dbtool_online_call as {batch_call}$call$;
    deallocate dbtool_online_call;
    called := '{complete}';
    returned := 'a boolean';
    execute $call$prepare dbtool_online_call as select ({complete_call}) is true$call$;
    deallocate dbtool_online_call;
  exception when others then
    raise exception '% does not return what it must, %: %', called, returned, sqlerrm;
  end;
end $dbtool$)";
  const std::string batch = ledger::online_function(direction, version, "batch");
  const std::string complete = ledger::online_function(direction, version, "is_complete");
  return {fmt::format(check, fmt::arg("batch", batch), fmt::arg("complete", complete),
                      fmt::arg("batch_call", online::batch_call(batch)),
                      fmt::arg("complete_call", online::complete_call(complete)))};
}

}  // namespace

std::vector<pg::Statement> setup_of(const TransactionStep& step, const Sending& sending) {
  std::vector<pg::Statement> statements = sending.session.setup(sending.server_version, sending.lock_timeout);
  if (step.creates_version_table) append(statements, ledger::create_version_table(sending.session));
  statements.push_back(ledger::note_wal_position());
  append(statements,
         ledger::fence_statements(sending.session, {sending.run, step.version->number, step.expected,
                                                    ledger::Fence::Mode::exclusive}));
  return statements;
}

StepWork work_of(const TransactionStep& step, const Sending& sending) {
  const int number = step.version->number;
  StepWork work;
  if (step.drops_online) append(work.statements, ledger::online_end_statements(*step.drops_online, number));
  const bool begins = begins_online(*step.version, step.direction);
  const bool declared = step.version->online(step.direction).has_value();
  // Left behind by a run of long ago, they would be in the way of a script that creates them.
  if (begins && !declared) append(work.statements, ledger::online_end_statements(step.direction, number));
  append(work.statements, lookup_statements(step));
  work.pieces = pieces_of(step, sending.user_prefix);
  for (const Piece& piece : work.pieces) {
    work.positions.push_back(work.statements.size());
    work.statements.push_back(piece.statement);
    // A script may have set something for itself; the methods must not feel it.
    const bool is_script = step.script != nullptr && &piece == &work.pieces.front();
    if (is_script) append(work.statements, sending.session.setup(sending.server_version));
  }
  if (step.script != nullptr && !declared) {
    work.statements.push_back(online_functions_statement(step.direction, number, begins));
    if (begins) work.statements.push_back(online_calls_statement(step.direction, number));
  }
  if (begins) append(work.statements, ledger::online_begin_statements(step.direction, number, declared));
  append(work.statements,
         ledger::step_end_statements(
             sending.session, {sending.run, step.direction, number, step.leaves, false}, *step.version));
  if (step.ends_statements) work.statements.push_back(ledger::position_end_statement(number));
  return work;
}

std::vector<pg::Statement> setup_of(const StatementsStep& step, const Sending& sending) {
  std::vector<pg::Statement> statements = sending.session.setup(sending.server_version, sending.lock_timeout);
  append(statements,
         ledger::fence_statements(sending.session, {sending.run, step.version->number, step.expected,
                                                    ledger::Fence::Mode::exclusive}));
  return statements;
}

std::vector<pg::Statement> work_of(const StatementsStep& step, const Sending& sending, const Piece* piece,
                                   Position position) {
  std::vector<pg::Statement> statements;
  if (piece != nullptr) {
    statements.push_back(piece->statement);
    append(statements, sending.session.setup(sending.server_version));
  }
  append(statements, ledger::position_statements(*step.version, step.direction, position.done,
                                                 position.started, step.turned));
  return statements;
}

namespace {

/// There is no transaction that could hold the step's lock, by which a later run finds an orphan.
std::string outside_lock(const char* function, int version) {
  return fmt::format("select {}({}, {})", function, ledger::lock_class, version);
}

}  // namespace

std::string session_outside(const ledger::Session& session, int version, int server_version) {
  std::string sql =
      "reset all; set search_path = public; set statement_timeout = 0; set lock_timeout = 0; "
      "set DateStyle = 'ISO, MDY'; set client_min_messages = log; set client_connection_check_interval = "
      "'2s'; "
      "set idle_session_timeout = 0";
  if (server_version >= 170000) sql += "; set transaction_timeout = 0";
  sql +=
      session.role.empty() ? std::string("; reset role") : "; set role " + pg::quote_identifier(session.role);
  return sql + "; " + outside_lock("pg_advisory_lock_shared", version);
}

std::string session_after_outside(int version) {
  return outside_lock("pg_advisory_unlock_shared", version) + "; reset role; reset all";
}

}  // namespace dbtool::run
