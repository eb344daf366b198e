#include "environment/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "environment/probe_batches.h"
#include "environment/probe_measure.h"
#include "environment/probe_portions.h"
#include "environment/probe_reckoning.h"
#include "environment/probe_rules.h"
#include "environment/probe_sample.h"
#include "pg/transaction.h"
#include "run/step_sql.h"
#include "sql/token.h"

namespace dbtool::environment {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_text = 90;

class Prober {
 public:
  Prober(pg::Connection& connection, const Version& version, const ProbeOptions& options, Clock& clock,
         const Observer& observer)
      : connection_(connection),
        version_(version),
        options_(options),
        observer_(observer),
        portions_(connection, options, clock),
        rules_(read_probe_catalog(connection)),
        tables_(read_large_tables(connection, options.rows)) {}

  Probe run() {
    probe_.version = version_.number;
    probe_.checksum = version_.checksum;
    if (version_.migration_script) probe_script(*version_.migration_script);
    if (version_.online_migration) probe_batch(*version_.online_migration);
    probe_.remarks = std::move(portions_.remarks());
    return std::move(probe_);
  }

 private:
  void probe_script(const SqlText& script) {
    const std::string text = run::substitute_prefix(script.text, options_.user_prefix);
    sql::BlockParts block = sql::parts_of_block(text);
    declarations_ = block.declarations;
    const std::string& event_fault = rules_.event_trigger_fault();
    const std::string fault = rules_.fault_of(declarations_);
    left_ = block.parts.size() + (version_.online_migration ? 1 : 0);
    for (sql::BlockPart& part : block.parts) {
      ProbedStatement statement;
      statement.text = excerpt(part.text, longest_text);
      if (block.has_handler) {
        statement.not_probed = "the script has an exception handler around it all";
      } else if (!event_fault.empty()) {
        statement.not_probed = event_fault;
      } else if (!fault.empty()) {
        statement.not_probed = "the script's declarations: " + fault;
      } else {
        probe_part(part, statement);
      }
      if (!statement.not_probed.empty()) portions_.note_not_run();
      probe_.statements.push_back(std::move(statement));
      --left_;
    }
  }

  void probe_part(const sql::BlockPart& part, ProbedStatement& statement) {
    const ProbeVerdict verdict = rules_.judge(part);
    if (!verdict.runs) {
      statement.not_probed = verdict.reason;
      statement.takes_time = verdict.takes_time;
      statement.builds_index = verdict.builds_index;
      return;
    }
    if (!lacking_.empty() && uses_variable(part.text)) {
      statement.not_probed = lacking_;
      return;
    }
    if (part.sets_variables) {
      statement.takes_time = false;
      // It would run before each portion of all that follows, on all rows.
      const ProbeWork asks = ProbeRules::work_of(part);
      if (std::any_of(asks.reads.begin(), asks.reads.end(),
                      [&](const auto& name) { return !rules_.is_made(name); }))
        lacking_ = "may need a variable whose value comes from a query: " + statement.text;
      else
        prelude_ += part.text + ";\n";
    }
    if (portions_.time().left() == 0ms) {
      statement.not_probed = "the time was over";
      return;
    }
    const ProbeWork work = ProbeRules::work_of(part);
    const LargeTable* table = sampled_table(work, tables_);
    observer_(Message{Message::Level::note, "probing: " + statement.text});
    const bool changes_others = changes_existing(work);
    // What only reads leaves nothing that is needed later, but may hold locks.
    const bool builds =
        !(work.makes.empty() && work.fills.empty() && work.changes.empty() && work.indexes.empty());
    const bool keeps = builds && !changes_others && !locks_rows(part.text);
    if (table != nullptr) {
      probe_sampled(part, *table, work, keeps, changes_others, statement);
    } else {
      probe_whole(part, work, keeps, statement);
    }
    if (statement.portions.empty()) return;
    rules_.take_in(part);
    if (table == nullptr) return;
    for (const std::string& filled : work.fills) {
      if (!rules_.is_made(filled)) continue;
      // Rows that were taken back at once are not there for what follows.
      if (!keeps) emptied_.insert(filled);
      const std::int64_t kept = work.makes.empty() ? statement.rows() : statement.portions.back().rows;
      filled_[filled] = {
          static_cast<double>(statement.table_rows) / static_cast<double>(std::max<std::int64_t>(1, kept)),
          statement.table_rows};
    }
  }

  bool changes_existing(const ProbeWork& work) const {
    const auto exists = [&](const std::string& name) {
      return !rules_.is_made(name) &&
             std::find(work.makes.begin(), work.makes.end(), name) == work.makes.end();
    };
    return std::any_of(work.changes.begin(), work.changes.end(), exists) ||
           std::any_of(work.fills.begin(), work.fills.end(), exists);
  }

  /// Rows that it locks stay locked for as long as what it did stays.
  static bool locks_rows(const std::string& text) {
    const std::vector<sql::Token> tokens = sql::tokenize(text);
    for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
      if (!tokens[at].is("for")) continue;
      for (const char* strength : {"update", "share", "no", "key"})
        if (tokens[at + 1].is(strength)) return true;
    }
    return false;
  }

  /// Whether the text names one of the script's variables.
  bool uses_variable(const std::string& text) const {
    std::set<std::string> variables;
    bool begins = true;
    for (const sql::Token& token : sql::tokenize(declarations_)) {
      if (begins) variables.insert(token.lower);
      begins = token.is(";");
    }
    const std::vector<sql::Token> tokens = sql::tokenize(text);
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const sql::Token& token) { return variables.contains(token.lower); });
  }

  void probe_sampled(const sql::BlockPart& part, const LargeTable& table, const ProbeWork& work, bool keeps,
                     bool changes_others, ProbedStatement& statement) {
    statement.table = table.name;
    statement.table_rows = table.rows;
    const std::string text = without_schema(part.text, table.name);
    const MeasuredForm form = measured_form(part, text, declarations_, prelude_);
    statement.counts_blocks = form.explained;
    const auto allowed = portions_.allowance(left_);
    const ProbeTime own(portions_.time().clock(), allowed);
    for (int at = 0; at < probe_places; ++at) {
      const PageRange pages =
          pages_at(table, portions_.rows_a_place(statement, allowed), place_in_order(at), probe_places);
      // What makes a table can do so once.
      const bool stays = keeps && (work.makes.empty() || at == probe_places - 1);
      const auto limit = std::min(own.left(), portions_.time().left());
      if (limit == 0ms) break;
      const bool done = portions_.add(statement, limit, stays, [&] {
        connection_.exec(view_of(table, pages));
        Portion one = measure(connection_, form, limit);
        if (stays) connection_.exec(drop_view_of(table));
        return one;
      });
      if (!done) break;
      const auto more = std::min(own.left(), portions_.time().left());
      if (changes_others && more > 0ms) {
        portions_.add_again(statement, [&] {
          connection_.exec(view_of(table, pages));
          return measure(connection_, form, more);
        });
      }
      set_time_between();
      // Now that what it did is taken back or the pages are read anyway, counting them changes nothing.
      statement.portions.back().rows = connection_.query(count_of(table, pages)).integer(0, 0);
    }
    set_time_between();
    if (changes_others && form.explained) foresee_first_pages(statement, table);
    reckon_sampled(statement);
  }

  /// For the probe's own questions.
  void set_time_between() { connection_.exec("set local statement_timeout = '2s'"); }

  /// Each page of the table and its indexes is met first once in a run; with every checkpoint its first
  /// change goes into the log as a whole again.
  void foresee_first_pages(ProbedStatement& statement, const LargeTable& table) {
    const pg::Result row = connection_.query(
        R"(select (pg_table_size(c.oid) + pg_indexes_size(c.oid)) / current_setting('block_size')::bigint,
                  pg_size_bytes(current_setting('max_wal_size')), current_setting('block_size')::float8
             from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname = $1)",
        {table.name});
    double bytes = 0;
    double rows = 0;
    for (const Portion& portion : statement.portions) {
      bytes += static_cast<double>(portion.again_wal_bytes);
      rows += static_cast<double>(portion.rows);
    }
    if (row.rows() == 0 || rows == 0) return;
    const double pages_a_row = row.number(0, 0) / static_cast<double>(table.rows);
    // A checkpoint comes when about half of max_wal_size is written.
    const double log = bytes / rows * static_cast<double>(table.rows) + row.number(0, 0) * row.number(0, 2);
    const double checkpoints = 1 + 2 * log / std::max(1.0, row.number(0, 1));
    statement.fewest_first_pages = pages_a_row;
    statement.most_first_pages = pages_a_row * checkpoints;
  }

  void probe_whole(const sql::BlockPart& part, const ProbeWork& work, bool keeps,
                   ProbedStatement& statement) {
    std::optional<double> times;
    std::int64_t rows = 0;
    for (const auto* names : {&work.reads, &work.changes, &work.indexes}) {
      for (const std::string& name : *names) {
        const auto filled = filled_.find(name);
        if (filled == filled_.end()) continue;
        if (emptied_.contains(name)) {
          statement.not_probed = fmt::format(
              "{} is empty here: its rows come from a statement that changes a live table and is taken back "
              "at once",
              name);
          statement.builds_index = !work.indexes.empty() && work.reads.empty() && work.changes.empty();
          return;
        }
        times = std::max(times.value_or(1), filled->second.times);
        rows = std::max(rows, static_cast<std::int64_t>(static_cast<double>(filled->second.rows) / *times));
      }
    }
    const MeasuredForm form = measured_form(part, part.text, declarations_, prelude_);
    statement.counts_blocks = form.explained;
    const auto limit = portions_.allowance(left_);
    portions_.add(statement, limit, keeps, [&] { return measure(connection_, form, limit); });
    if (!statement.portions.empty()) reckon_whole(statement, times, rows, !work.indexes.empty());
    for (const std::string& name : work.fills)
      if (times && rules_.is_made(name)) filled_[name] = {*times, rows};
  }

  void probe_batch(const OnlineDeclaration& declaration) {
    ProbedStatement statement;
    statement.of_batch = true;
    statement.counts_blocks = true;
    statement.text = excerpt(declaration.batch.text, longest_text);
    const ProbeVerdict verdict = rules_.judge(batch_part(declaration, options_.user_prefix));
    if (!rules_.event_trigger_fault().empty()) {
      statement.not_probed = rules_.event_trigger_fault();
    } else if (!verdict.runs) {
      statement.not_probed = verdict.reason;
    } else if (portions_.time().left() == 0ms) {
      statement.not_probed = "the time was over";
    } else {
      observer_(Message{Message::Level::note, "probing: batches of " + declaration.table});
      const auto table = tables_.find(declaration.table);
      // As the planner knows, where it does: after many updates the size misleads.
      probe_batches(portions_, declaration, table == tables_.end() ? 0 : table->second.rows, statement);
    }
    probe_.statements.push_back(std::move(statement));
  }

  /// A table that the script has made and filled from a sample.
  struct Filled {
    double times = 1;       ///< how many times more rows it will have
    std::int64_t rows = 0;  ///< that it will have
  };

  pg::Connection& connection_;
  const Version& version_;
  const ProbeOptions& options_;
  const Observer& observer_;
  Portions portions_;
  ProbeRules rules_;
  std::map<std::string, LargeTable> tables_;
  std::map<std::string, Filled> filled_;
  std::set<std::string> emptied_;
  std::string declarations_;
  std::string prelude_;
  std::string lacking_;   ///< why what may use variables is not run any more
  std::size_t left_ = 1;  ///< statements still to be probed
  Probe probe_;
};

/// Last values of the sequences that the user may see.
std::map<std::string, std::string> read_sequences(pg::Connection& connection) {
  const pg::Result rows = connection.query(
      "select format('%I.%I', schemaname, sequencename), coalesce(last_value::text, '') from pg_sequences");
  std::map<std::string, std::string> values;
  for (int row = 0; row < rows.rows(); ++row) values.emplace(rows.text(row, 0), rows.text(row, 1));
  return values;
}

}  // namespace

Probe run_probe(const pg::Address& address, const Version& version, const ProbeOptions& options, Clock& clock,
                const Observer& observer, const InterruptCount& interrupts) {
  const Interrupts stop(interrupts, clock);
  pg::Address own = address;
  own.application_name = "dbtool probe";
  pg::Connection connection = pg::Connection::open(own);
  const auto began = clock.now();
  // The server ends each statement in time; this is for one that does not heed its limit.
  constexpr auto grace = 3s;
  connection.on_wait([&] {
    stop.stop_if_requested();
    if (clock.now() - began > options.limit + grace)
      throw Error(ExitCode::failed, "a statement did not end in time and was cancelled; all was rolled back");
  });
  const std::map<std::string, std::string> sequences = read_sequences(connection);
  Probe probe;
  {
    pg::Transaction transaction(connection, "isolation level read committed",
                                options.session.setup(connection.server_version(), options.lock_timeout));
    connection.exec(
        "set local idle_in_transaction_session_timeout = '5s'; set local client_min_messages = error");
    connection.exec("set local client_connection_check_interval = '1s'");
    probe = Prober(connection, version, options, clock, observer).run();
    transaction.rollback();
  }
  probe.duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - began);
  for (const auto& [name, value] : read_sequences(connection)) {
    const auto before = sequences.find(name);
    if (before != sequences.end() && before->second != value)
      probe.remarks.push_back(fmt::format(
          "sequence {} moved on from {} to {}, by the probe or by others: no rollback takes that back", name,
          before->second.empty() ? "its start" : before->second, value));
  }
  const bool any_block = std::any_of(probe.statements.begin(), probe.statements.end(), [](const auto& one) {
    return !one.portions.empty() && !one.table.empty() && !one.counts_blocks;
  });
  if (any_block)
    probe.remarks.push_back(
        "what ran inside of a block has no count of blocks, and others' write-ahead log counts as its own");
  return probe;
}

}  // namespace dbtool::environment
