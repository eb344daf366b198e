#include <fmt/format.h>

#include "base/text.h"
#include "ledger/write.h"
#include "pg/quote.h"
#include "pg/transaction.h"
#include "run/execute.h"
#include "run/step_error.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

/// Runs the statements of one version, each with the record of the position reached.
class StatementRunner {
 public:
  StatementRunner(Execution& execution, const StatementsStep& step)
      : execution_(execution), work_(execution.work), step_(step) {}

  void run() {
    const auto count = static_cast<int>(step_.statements.size());
    for (int position = step_.position; position < count; ++position) {
      work_.interrupts.stop_if_requested();
      execution_.lock.confirm();
      const Piece piece =
          piece_of(step_, static_cast<std::size_t>(position), execution_.settings.user_prefix);
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
    began_ = work_.clock.now();
    execution_.watch.begin(work_.connection.backend_pid());
    work_.connection.on_wait([this] {
      execution_.watch.poll();
      work_.interrupts.cancel_if_requested(began_, work_.observer);
    });
    if (outside.kind == sql::OutsideKind::none) {
      in_transaction(&piece, position + 1, 0);
    } else {
      const bool resumed = step_.started == position + 1;
      if (!resumed) in_transaction(nullptr, position, position + 1);
      if (!(resumed && is_done(outside))) {
        if (!finish_half_done(outside)) run_outside(piece);
      }
      in_transaction(nullptr, position + 1, 0);
    }
    work_.connection.on_wait({});
  }

  // The statement, if any, and the position reached commit together.
  void in_transaction(const Piece* piece, int position, int started) {
    std::vector<pg::Statement> setup = work_.session.setup(work_.connection.server_version());
    setup.push_back(
        {fmt::format("set local lock_timeout = {}", execution_.settings.lock_timeout.count()), {}});
    for (pg::Statement& statement : ledger::fence_statements(
             work_.session,
             {work_.run, step_.version->number, step_.expected, ledger::Fence::Mode::exclusive})) {
      setup.push_back(std::move(statement));
    }
    pg::Transaction transaction(work_.connection, "isolation level read committed", setup);
    std::vector<pg::Statement> statements;
    if (piece != nullptr) statements.push_back(piece->statement);
    for (pg::Statement& statement :
         ledger::position_statements(*step_.version, step_.direction, position, started)) {
      statements.push_back(std::move(statement));
    }
    if (piece != nullptr) statements.insert(statements.begin() + 1, session_again());
    work_.connection.batch(statements);
    transaction.commit();
  }

  pg::Statement session_again() const {
    return work_.session.setup(work_.connection.server_version()).front();
  }

  // A timed-out concurrent build leaves an invalid index: these wait for their locks as long as it takes.
  void run_outside(const Piece& piece) {
    set_session();
    work_.connection.exec(piece.statement.sql);
    work_.connection.exec("reset all");
  }

  void set_session() {
    work_.connection.exec(
        "reset all; set search_path = public; set statement_timeout = 0; set lock_timeout = 0; "
        "set client_min_messages = log; set client_connection_check_interval = '2s'" +
        (work_.session.role.empty() ? std::string("; reset role")
                                    : "; set role " + pg::quote_identifier(work_.session.role)));
  }

  static std::string qualified(const sql::OutsideStatement& outside) {
    return (outside.schema.empty() ? std::string("public") : outside.schema) + "." + outside.name;
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

  // Whether a statement that an earlier run began outside a transaction came to its end before the crash.
  bool is_done(const sql::OutsideStatement& outside) {
    switch (outside.kind) {
      case sql::OutsideKind::create_index_concurrently:
        return index_validity(outside) == std::optional(true);
      case sql::OutsideKind::drop_index_concurrently:
        return !index_validity(outside).has_value();
      case sql::OutsideKind::detach_partition_concurrently:
        return work_.connection
            .query("select not exists (select from pg_inherits where inhrelid = to_regclass($1))",
                   {quoted(outside)})
            .boolean(0, 0);
      default:
        return false;
    }
  }

  // Clears what a broken attempt left behind; true when that was all there is to do.
  bool finish_half_done(const sql::OutsideStatement& outside) {
    if (outside.kind == sql::OutsideKind::create_index_concurrently &&
        index_validity(outside) == std::optional(false)) {
      drop_index(quoted(outside), outside.name);
    }
    if (outside.kind == sql::OutsideKind::reindex_concurrently) drop_reindex_remains();
    if (outside.kind == sql::OutsideKind::detach_partition_concurrently) {
      const pg::Result pending = work_.connection.query(
          R"(select format('%s', inhparent::regclass) from pg_inherits
              where inhrelid = to_regclass($1) and inhdetachpending)",
          {quoted(outside)});
      if (pending.rows() == 0) return false;
      set_session();
      work_.connection.exec(
          fmt::format("alter table {} detach partition {} finalize", pending.text(0, 0), quoted(outside)));
      work_.connection.exec("reset all");
      return true;
    }
    return false;
  }

  void drop_index(const std::string& name, const std::string& shown) {
    work_.observer(
        Message{Message::Level::warning,
                fmt::format("index {} was left invalid by a broken build: dropped, and built again", shown)});
    set_session();
    work_.connection.exec("drop index concurrently if exists " + name);
    work_.connection.exec("reset all");
  }

  void drop_reindex_remains() {
    const pg::Result remains = work_.connection.query(R"(
        select format('%I.%I', n.nspname, c.relname), c.relname
          from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
           and pg_has_role(c.relowner, 'USAGE'))");
    for (int row = 0; row < remains.rows(); ++row) {
      drop_index(std::string(remains.text(row, 0)), std::string(remains.text(row, 1)));
    }
  }

  [[noreturn]] void fail(const Piece& piece, int position, const pg::PgError& error) {
    const sql::SplitStatement& statement = step_.statements[static_cast<std::size_t>(position)];
    std::size_t offset = statement.offset;
    if (error.fields().position > 1 && error.fields().statement == piece.statement.sql) {
      offset += original_offset(statement.text, execution_.settings.user_prefix,
                                static_cast<std::size_t>(error.fields().position - 1));
    }
    const int number = step_.version->number;
    throw StepError(
        error.exit_code(),
        fmt::format("version {}: {}: {}", number, piece.name,
                    error.fields().message.empty() ? error.what() : error.fields().message.c_str()),
        error.advice().empty()
            ? fmt::format("mend what is in the way and run the same command again, or turn round: "
                          "dbtool {}",
                          step_.direction == Direction::upgrade ? fmt::format("downgrade {}", number - 1)
                                                                : fmt::format("upgrade {}", number))
            : error.advice(),
        {number, step_.direction, step_.script->locate(offset), step_.script->line_at(offset), error.fields(),
         fmt::format("DATABASE IS AT {}, version {} is partly {}: {} of {} statements are done.",
                     step_.expected, number, step_.direction == Direction::upgrade ? "there" : "gone",
                     position, step_.statements.size())});
  }

  Execution& execution_;
  ledger::Work& work_;
  const StatementsStep& step_;
  Clock::Monotonic began_{};
};

}  // namespace

void run_statements(Execution& execution, const StatementsStep& step) {
  StatementRunner(execution, step).run();
  run_transaction(execution, step.last);
}

}  // namespace dbtool::run
