#include <fmt/format.h>

#include <cctype>

#include "base/overloaded.h"
#include "ledger/write.h"
#include "pg/quote.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

// In one pass, so that a value that holds a "$1" of its own stays as it is.
std::string with_values(const pg::Statement& statement) {
  const std::string& sql = statement.sql;
  if (statement.parameters.empty()) return sql;
  std::string text;
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = at + 1;
    while (sql[at] == '$' && end < sql.size() && std::isdigit(static_cast<unsigned char>(sql[end])) != 0)
      ++end;
    if (end == at + 1) {
      text += sql[at++];
      continue;
    }
    const std::size_t index = std::stoul(sql.substr(at + 1, end - at - 1));
    const pg::Parameter& parameter = statement.parameters.at(index - 1);
    text += parameter ? pg::quote_literal(*parameter) : "null";
    at = end;
  }
  return text;
}

class Printer {
 public:
  Printer(const Settings& settings, int server_version)
      : settings_(settings), session_(ledger::Session::from(settings)), server_version_(server_version) {}

  std::string print(const Plan& plan) {
    if (!plan.steps.empty()) text_ += "-- In the fence, 0 stands for the number of the run.\n\n";
    for (const Step& step : plan.steps) {
      std::visit(Overloaded{[&](const TransactionStep& it) { print_step(it); },
                            [&](const StatementsStep& it) { print_step(it); },
                            [&](const OnlineStep& it) { print_step(it); }},
                 step);
    }
    return std::move(text_);
  }

 private:
  void line(const std::string& sql) { text_ += sql + ";\n"; }
  void lines(const std::vector<pg::Statement>& statements) {
    for (const pg::Statement& statement : statements) line(with_values(statement));
  }

  void print_step(const TransactionStep& step) {
    const int number = step.version->number;
    text_ +=
        fmt::format("-- {} {}: {}\n", step.direction == Direction::upgrade ? "upgrade to" : "downgrade from",
                    number, step.version->description);
    line("begin isolation level read committed");
    lines(session_.setup(server_version_));
    if (step.creates_version_table) lines(ledger::create_version_table(session_));
    lines(ledger::fence_statements(session_, {0, number, step.expected, ledger::Fence::Mode::exclusive}));
    lines({ledger::note_wal_position()});
    lines(lock_statements(step, settings_.user_prefix, settings_.lock_timeout));
    if (step.drops_online) lines(ledger::online_end_statements(*step.drops_online, number));
    for (const Piece& piece : pieces_of(step, settings_.user_prefix)) lines({piece.statement});
    if (begins_online(*step.version, step.direction))
      lines({ledger::online_begin_statement(step.direction, number)});
    lines(ledger::step_end_statements(session_, {0, step.direction, number, step.leaves, false},
                                      *step.version));
    if (step.ends_statements) lines({ledger::position_end_statement(number)});
    text_ += "commit;\n\n";
  }

  void print_step(const StatementsStep& step) {
    text_ += fmt::format("-- version {}, statement by statement, from statement {} of {}\n",
                         step.version->number, step.position + 1, step.statements.size());
    for (std::size_t index = static_cast<std::size_t>(step.position); index < step.statements.size();
         ++index) {
      line(piece_of(step, index, settings_.user_prefix).statement.sql);
    }
    print_step(step.last);
  }

  void print_step(const OnlineStep& step) {
    const int number = step.version->number;
    text_ += fmt::format("-- online {} of {}: in short transactions, again and again until it is complete\n",
                         to_text(step.direction), number);
    line(fmt::format("select {}()", ledger::online_function(step.direction, number, "is_complete")));
    line(fmt::format("select * from {}(batch_size, state)",
                     ledger::online_function(step.direction, number, "batch")));
    lines(ledger::online_end_statements(step.direction, number));
    text_ += "\n";
  }

  const Settings& settings_;
  ledger::Session session_;
  int server_version_;
  std::string text_;
};

}  // namespace

std::string to_sql(const Plan& plan, const Settings& settings, int server_version) {
  return Printer(settings, server_version).print(plan);
}

}  // namespace dbtool::run
