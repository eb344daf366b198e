#include <fmt/format.h>

#include "base/text.h"
#include "ledger/doubt.h"
#include "ledger/write.h"
#include "pg/quote.h"
#include "pg/transaction.h"
#include "run/execute.h"
#include "run/lock_retries.h"
#include "run/same_index.h"
#include "run/step_error.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

constexpr std::chrono::seconds between_words_on_blockers{10};

/// Runs the statements of one version, each with the record of the position reached.
class StatementRunner {
 public:
  StatementRunner(Execution& execution, const StatementsStep& step)
      : execution_(execution), work_(execution.work), step_(step) {}

  void run() {
    const auto count = static_cast<int>(step_.statements.size());
    for (int position = step_.position; position < count; ++position) {
      work_.interrupts.stop_if_requested();
      confirm_lock(execution_);
      const Piece piece =
          piece_of(step_, static_cast<std::size_t>(position), execution_.project.settings.user_prefix);
      try {
        run_one(piece, position);
      } catch (const pg::PgError& error) {
        work_.connection.on_wait({});
        fail(piece, position, error);
      }
      const std::string first_line(trim(piece.statement.sql.substr(0, piece.statement.sql.find('\n'))));
      work_.observer(StatementDone{step_.version->number, position + 1, count, first_line.substr(0, 80)});
    }
  }

 private:
  void run_one(const Piece& piece, int position) {
    const sql::OutsideStatement outside = sql::outside_transaction(piece.statement.sql);
    if (outside.kind == sql::OutsideKind::none) {
      in_transaction(&piece, position + 1, 0);
    } else {
      const bool resumed = step_.started == position + 1;
      if (!((resumed || step_.turned) && is_done(piece, position, outside)) &&
          !finish_half_done(outside, resumed)) {
        // What is so already makes the statement fail at once: then it was not begun, and must not pass as
        // done.
        if (!resumed && !is_so(outside)) in_transaction(nullptr, position, position + 1);
        exec_outside(piece.statement.sql);
      }
      in_transaction(nullptr, position + 1, 0);
    }
  }

  // `lock_timeout`: 0 where it waits for ever, and says for whom.
  void watch(std::chrono::milliseconds lock_timeout) {
    began_ = work_.clock.now();
    told_ = began_;
    execution_.watch.begin(work_.connection.backend_pid(), lock_timeout);
    if (execution_.guard != nullptr) execution_.guard->works(work_.connection.backend_pid());
    work_.connection.on_wait([this, lock_timeout] {
      execution_.watch.poll();
      if (execution_.guard != nullptr) execution_.guard->poll();
      if (lock_timeout.count() == 0) tell_blockers();
      work_.interrupts.cancel_if_requested(began_, work_.observer);
    });
  }

  void tell_blockers() {
    const auto now = work_.clock.now();
    if (!execution_.watch.is_blocked() || now - told_ < between_words_on_blockers) return;
    told_ = now;
    work_.observer(
        Message{Message::Level::warning, fmt::format("version {} waits for {}", step_.version->number,
                                                     describe(execution_.watch.blockers()))});
  }

  // The statement, if any, and the position reached commit together. Repeated when a lock is not to be had,
  // as a whole version would be.
  void in_transaction(const Piece* piece, int position, int started) {
    for (LockRetries retries(execution_, step_.version->number);;) {
      try {
        watch(retries.lock_timeout());
        attempt(piece, position, started, retries.lock_timeout());
        return;
      } catch (const pg::CommitInDoubt&) {
        if (was_committed(position, started)) return;
        confirm_lock(execution_);
      } catch (const pg::PgError& error) {
        work_.connection.on_wait({});
        if (error.fields().kept_statement_lost) continue;
        if (!retries.pause_after(error, work_.clock.now() - began_)) throw;
      }
    }
  }

  void attempt(const Piece* piece, int position, int started, std::chrono::milliseconds lock_timeout) {
    const Sending sending{work_.session, work_.run, execution_.project.settings.user_prefix, lock_timeout,
                          work_.connection.server_version()};
    pg::Transaction transaction(work_.connection, "isolation level read committed", setup_of(step_, sending));
    const bool walk_was_there = piece != nullptr && is_walk_there();
    const std::vector<pg::Statement> statements = work_of(step_, sending, piece, {position, started});
    work_.connection.batch(statements);
    if (walk_was_there && !is_walk_there()) refuse_loss_of_walk(position - 1);
    work_.connection.on_wait({});
    transaction.commit();
  }

  // The table that the online part walks, which begins when all statements are committed.
  bool is_walk_there() {
    const std::optional<OnlineDeclaration>& declared = step_.version->online(step_.direction);
    return declared &&
           work_.connection
               .query("select to_regclass($1) is not null", {pg::quote_qualified(declared->table)})
               .boolean(0, 0);
  }

  // Its rows would be nowhere once this statement is committed.
  [[noreturn]] void refuse_loss_of_walk(int position) {
    const sql::SplitStatement& statement = step_.statements[static_cast<std::size_t>(position)];
    const int number = step_.version->number;
    throw StepError(
        ExitCode::failed,
        fmt::format("version {}: a statement of the {} would leave no table {}, which the online {} of the "
                    "version walks afterwards",
                    number, to_text(step_.direction), step_.version->online(step_.direction)->table,
                    to_text(step_.direction)),
        "it was rolled back; take it out of the script, and " +
            (step_.direction == Direction::downgrade
                 ? fmt::format("turn round, which records the mended file: dbtool upgrade {0} "
                               "--accept-changed {0}",
                               number)
             : position == 0 && !step_.turned
                 ? std::string("run the same command again")
                 : fmt::format("turn round before the same command: dbtool downgrade {}", number - 1)),
        {number,
         step_.direction,
         step_.script->locate(statement.offset),
         step_.script->line_at(statement.offset),
         {},
         state_at(position)});
  }

  bool was_committed(int position, int started) {
    return ledger::was_committed(work_, [&](pg::Connection& connection) {
      return connection
          .query(R"(select exists (select from dbtool.positions
                                    where version = $1 and direction = $2 and position = $3 and started = $4))",
                 {std::to_string(step_.version->number), to_text(step_.direction), std::to_string(position),
                  std::to_string(started)})
          .boolean(0, 0);
    });
  }

  void exec_outside(const std::string& sql) {
    const int number = step_.version->number;
    work_.connection.exec(session_outside(work_.session, number, work_.connection.server_version()));
    watch({});
    work_.connection.exec(sql);
    work_.connection.on_wait({});
    work_.connection.exec(session_after_outside(number));
    ledger::prepare(work_.connection, work_.observer);
  }

  static std::string quoted(const sql::OutsideStatement& outside) {
    return pg::quote_identifier(outside.schema.empty() ? "public" : outside.schema) + "." +
           pg::quote_identifier(outside.name);
  }

  // nullopt: there is no such index; else whether it is valid.
  std::optional<bool> index_validity(const sql::OutsideStatement& outside) {
    const pg::Result rows = work_.connection.query(
        "select indisvalid and indisready from pg_index where indexrelid = to_regclass($1)",
        {quoted(outside)});
    if (rows.rows() == 0) return std::nullopt;
    return rows.boolean(0, 0);
  }

  // An index of this name on another table is not what the statement makes.
  bool is_valid_on_its_table(const sql::OutsideStatement& outside) {
    return work_.connection
        .query(
            "select exists (select from pg_index where indexrelid = to_regclass($1) and indisvalid and "
            "indisready and indrelid = to_regclass($2))",
            {quoted(outside), quoted({outside.kind, outside.schema, outside.table, {}})})
        .boolean(0, 0);
  }

  // Whether what a statement outside a transaction makes or drops is so already, of an index by its name
  // alone.
  bool is_so(const sql::OutsideStatement& outside) {
    switch (outside.kind) {
      case sql::OutsideKind::create_index_concurrently:
        return is_valid_on_its_table(outside);
      case sql::OutsideKind::drop_index_concurrently:
        return !index_validity(outside).has_value();
      case sql::OutsideKind::detach_partition_concurrently:
        return work_.connection
            .query(
                "select to_regclass($1) is not null and not exists "
                "(select from pg_inherits where inhrelid = to_regclass($1))",
                {quoted(outside)})
            .boolean(0, 0);
      default:
        return false;
    }
  }

  // Whether the statement has done its work: an earlier run, either way, may have come to its end before a
  // crash, or not to its beginning. Throws where an index of that name is there that it does not make.
  bool is_done(const Piece& piece, int position, const sql::OutsideStatement& outside) {
    if (!is_so(outside)) return false;
    if (outside.kind != sql::OutsideKind::create_index_concurrently) return true;
    watch({});
    const SameIndex same = is_same_index(work_.connection, work_.session, piece.statement.sql,
                                         quoted(outside), outside.schema, outside.table);
    work_.connection.on_wait({});
    if (same != SameIndex::yes) refuse_index(position, outside, same);
    return true;
  }

  [[noreturn]] void refuse_index(int position, const sql::OutsideStatement& outside, SameIndex same) {
    const sql::SplitStatement& statement = step_.statements[static_cast<std::size_t>(position)];
    const std::string definition(
        work_.connection.query("select pg_get_indexdef(to_regclass($1))", {quoted(outside)}).text(0, 0));
    const std::string name = quoted(outside);
    throw StepError(
        ExitCode::failed,
        fmt::format("version {}: index {} is there already, and {} what this statement makes: {}",
                    step_.version->number, name,
                    same == SameIndex::no ? "is not" : "it cannot be told whether it is", definition),
        fmt::format("a broken attempt may have made it, or somebody else: drop or rename it (drop index "
                    "concurrently {}) and run the same command again, which builds it",
                    name),
        {step_.version->number,
         step_.direction,
         step_.script->locate(statement.offset),
         step_.script->line_at(statement.offset),
         {},
         state_at(position)});
  }

  // Clears what a broken attempt left behind; true when that was all there is to do.
  bool finish_half_done(const sql::OutsideStatement& outside, bool resumed) {
    if (outside.kind == sql::OutsideKind::create_index_concurrently &&
        index_validity(outside) == std::optional(false)) {
      drop_index(quoted(outside), outside.name);
    }
    if (outside.kind == sql::OutsideKind::reindex_concurrently && resumed) drop_reindex_remains(outside);
    if (outside.kind == sql::OutsideKind::detach_partition_concurrently) {
      const pg::Result pending = work_.connection.query(
          R"(select format('%I.%I', n.nspname, c.relname)
               from pg_inherits join pg_class c on c.oid = inhparent join pg_namespace n on n.oid = c.relnamespace
              where inhrelid = to_regclass($1) and inhdetachpending)",
          {quoted(outside)});
      if (pending.rows() == 0) return false;
      exec_outside(
          fmt::format("alter table {} detach partition {} finalize", pending.text(0, 0), quoted(outside)));
      return true;
    }
    return false;
  }

  void drop_index(const std::string& name, const std::string& shown) {
    work_.observer(
        Message{Message::Level::warning,
                fmt::format("index {} was left invalid by a broken build: dropped, and built again", shown)});
    exec_outside("drop index concurrently if exists " + name);
  }

  // Only of what this statement rebuilds: somebody else may be rebuilding other indexes right now.
  void drop_reindex_remains(const sql::OutsideStatement& outside) {
    const pg::Result remains = work_.connection.query(R"(
        select format('%I.%I', n.nspname, c.relname), c.relname
          from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
         where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
           and i.indrelid in (select coalesce(x.indrelid, t.oid)
                                from pg_class t left join pg_index x on x.indexrelid = t.oid
                               where t.oid = to_regclass($1)))",
                                                      {quoted(outside)});
    for (int row = 0; row < remains.rows(); ++row) {
      drop_index(std::string(remains.text(row, 0)), std::string(remains.text(row, 1)));
    }
  }

  [[noreturn]] void fail(const Piece& piece, int position, const pg::PgError& error) {
    const sql::SplitStatement& statement = step_.statements[static_cast<std::size_t>(position)];
    std::size_t offset = statement.offset;
    if (error.fields().position > 1 && error.fields().statement == piece.statement.sql) {
      offset += original_offset(statement.text, execution_.project.settings.user_prefix,
                                static_cast<std::size_t>(error.fields().position - 1));
    }
    const int number = step_.version->number;
    std::string message =
        fmt::format("version {}: {}: {}", number, piece.name,
                    error.fields().message.empty() ? error.what() : error.fields().message.c_str());
    if (error.is_lock_timeout()) message += "; blocked by " + describe(execution_.watch.blockers());
    throw StepError(
        error.exit_code(), message,
        error.advice().empty()
            ? fmt::format("mend what is in the way and run the same command again, or turn round: "
                          "dbtool {}",
                          step_.direction == Direction::upgrade ? fmt::format("downgrade {}", number - 1)
                                                                : fmt::format("upgrade {}", number))
            : error.advice(),
        {number, step_.direction, step_.script->locate(offset), step_.script->line_at(offset), error.fields(),
         state_at(position)});
  }

  // With so many statements done.
  std::string state_at(int position) const {
    const int number = step_.version->number;
    // Turned round, it may be partly there all the same.
    if (position == 0) {
      return fmt::format("DATABASE IS AT {}, no statement of the {} of {} is done.", step_.expected,
                         to_text(step_.direction), number);
    }
    return fmt::format("DATABASE IS AT {}, version {} is partly {}: {} of {} statements are done.",
                       step_.expected, number, step_.direction == Direction::upgrade ? "there" : "gone",
                       position, step_.statements.size());
  }

  Execution& execution_;
  ledger::Work& work_;
  const StatementsStep& step_;
  Clock::Monotonic began_{};
  Clock::Monotonic told_{};  ///< when blockers were named
};

}  // namespace

void run_statements(Execution& execution, const StatementsStep& step) {
  StatementRunner(execution, step).run();
  run_transaction(execution, step.last);
}

}  // namespace dbtool::run
