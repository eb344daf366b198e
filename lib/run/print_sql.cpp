#include <fmt/format.h>

#include "base/text.h"

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
      : sending_{ledger::Session::from(settings), 0, settings.user_prefix, settings.lock_timeout,
                 server_version} {}

  std::string print(const Plan& plan) {
    if (!plan.steps.empty()) {
      text_ +=
          "-- A step goes on only where current_run is the run's number and version what the step starts "
          "from.\n\n";
    }
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
    lines(setup_of(step, sending_));
    lines(lock_statements(step, sending_.lock_timeout));
    lines(work_of(step, sending_).statements);
    text_ += "commit;\n\n";
  }

  void print_step(const StatementsStep& step) {
    text_ += fmt::format("-- version {}, statement by statement, from statement {} of {}\n",
                         step.version->number, step.position + 1, step.statements.size());
    for (auto index = static_cast<std::size_t>(step.position); index < step.statements.size(); ++index) {
      const Piece piece = piece_of(step, index, sending_.user_prefix);
      const int position = static_cast<int>(index);
      if (sql::outside_transaction(piece.statement.sql).kind == sql::OutsideKind::none) {
        print_transaction(step, &piece, {position + 1, 0});
        continue;
      }
      print_transaction(step, nullptr, {position, position + 1});
      line(session_outside(sending_.session, step.version->number, sending_.server_version));
      lines({piece.statement});
      line(session_after_outside(step.version->number));
      print_transaction(step, nullptr, {position + 1, 0});
    }
    print_step(step.last);
  }

  void print_transaction(const StatementsStep& step, const Piece* piece, Position position) {
    line("begin isolation level read committed");
    lines(setup_of(step, sending_));
    lines(work_of(step, sending_, piece, position));
    text_ += "commit;\n\n";
  }

  void print_step(const OnlineStep& step) {
    const int number = step.version->number;
    text_ += fmt::format("-- online {} of {}: in short transactions, again and again until it is complete\n",
                         to_text(step.direction), number);
    const auto& declared = step.version->online(step.direction);
    if (declared) {
      text_ += fmt::format("-- $range$ is a range of the keys ({}) of {}\n", join(declared->key, ", "),
                           declared->table);
      line(declared->complete.text);
      line(declared->batch.text);
      if (declared->verify_source && declared->verify_copy) {
        text_ += "-- compared, range by range\n";
        line(declared->verify_source->text);
        line(declared->verify_copy->text);
      }
    } else {
      line(fmt::format("select {}()", ledger::online_function(step.direction, number, "is_complete")));
      line(fmt::format("select * from {}(batch_size, state)",
                       ledger::online_function(step.direction, number, "batch")));
    }
    lines(ledger::online_end_statements(step.direction, number));
    text_ += "\n";
  }

  Sending sending_;
  std::string text_;
};

}  // namespace

std::string to_sql(const std::vector<pg::Statement>& statements, const ledger::Session& session,
                   int server_version, std::chrono::milliseconds lock_timeout) {
  if (statements.empty()) return {};
  std::string text = "begin isolation level read committed;\n";
  for (const auto& part : {session.setup(server_version, lock_timeout), statements}) {
    for (const pg::Statement& statement : part) text += with_values(statement) + ";\n";
  }
  return text + "commit;\n\n";
}

std::string to_sql(const Plan& plan, const Settings& settings, int server_version) {
  return Printer(settings, server_version).print(plan);
}

}  // namespace dbtool::run
