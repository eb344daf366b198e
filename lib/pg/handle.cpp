#include "pg/handle.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace dbtool::pg {

namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 50ms;
constexpr auto cancel_interval = 1s;
constexpr auto cancel_patience = 10s;
constexpr const char* copy_refused = "0A000";

int next_number() {
  static std::atomic<int> last = 0;
  return ++last;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

int number_field(const PGresult* result, int code) {
  const std::string text = field(result, code);
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Connection::Handle::Handle(Address given, ConnectionHandle opened)
    : address(std::move(given)),
      connection(std::move(opened)),
      backend_pid(PQbackendPID(connection.get())),
      number(next_number()) {
  PQsetNoticeReceiver(connection.get(), receive_notice, this);
  PQsetnonblocking(connection.get(), 1);
}

void Connection::Handle::receive_notice(void* handle, const pg_result* result) {
  auto& self = *static_cast<Handle*>(handle);
  if (!self.on_notice) return;
  Notice notice{field(result, PG_DIAG_SEVERITY_NONLOCALIZED), field(result, PG_DIAG_SQLSTATE),
                field(result, PG_DIAG_MESSAGE_PRIMARY),       field(result, PG_DIAG_MESSAGE_DETAIL),
                field(result, PG_DIAG_MESSAGE_HINT),          field(result, PG_DIAG_CONTEXT)};
  if (notice.severity.empty()) notice.severity = field(result, PG_DIAG_SEVERITY);
  try {
    self.on_notice(notice);
  } catch (...) {
    // libpq's frames are between here and the caller.
    if (!self.thrown_) self.thrown_ = std::current_exception();
  }
}

bool Connection::Handle::alive() const {
  return !abandoned_ && PQstatus(connection.get()) == CONNECTION_OK;
}

void Connection::Handle::abandon() noexcept {
  abandoned_ = true;
  ::shutdown(PQsocket(connection.get()), SHUT_RDWR);
}

void Connection::Handle::begin(Callbacks callbacks) {
  callbacks_ = callbacks;
  thrown_ = nullptr;
  thrown_at_ = cancelled_at_ = {};
  last_wait_ = std::chrono::steady_clock::now();
}

void Connection::Handle::call_on_wait(Time now) {
  last_wait_ = now;
  if (!on_wait || thrown_ || callbacks_ == Callbacks::ignore) return;
  try {
    on_wait();
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

void Connection::Handle::request_cancel(Time now) {
  cancelled_at_ = now;
  // PQcancel opens a connection and may hang where the network does.
  std::packaged_task<bool()> task([canceller = Canceller(connection.get())] { return canceller.cancel(); });
  cancelling_ = task.get_future();
  std::thread(std::move(task)).detach();
}

void Connection::Handle::tend_cancel(Time now) {
  if (thrown_at_ == Time{}) thrown_at_ = now;
  const bool under_way = cancelling_.valid() && cancelling_.wait_for(0s) != std::future_status::ready;
  if (now - thrown_at_ > cancel_patience) return abandon();
  if (!under_way && now - cancelled_at_ > cancel_interval) request_cancel(now);
}

void Connection::Handle::wait() {
  const bool more_to_send = PQflush(connection.get()) == 1;
  pollfd socket{PQsocket(connection.get()), static_cast<short>(more_to_send ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = ::poll(&socket, 1, static_cast<int>(poll_interval.count()));
  if (ready > 0) PQconsumeInput(connection.get());  // a failure shows in the next result
  const auto now = std::chrono::steady_clock::now();
  if (ready <= 0 || now - last_wait_ >= poll_interval) call_on_wait(now);
  if (thrown_) tend_cancel(now);
}

pg_result* Connection::Handle::next_result() {
  while (PQstatus(connection.get()) == CONNECTION_OK && PQisBusy(connection.get()) != 0) wait();
  return PQgetResult(connection.get());
}

void Connection::Handle::end(bool failed) {
  if (cancelling_.valid()) {
    // A request that arrives late would hit the next statement.
    if (cancelling_.wait_for(2 * cancel_interval) != std::future_status::ready) abandon();
    cancelling_ = {};
  }
  const std::exception_ptr thrown = std::exchange(thrown_, nullptr);
  // A commit whose connection is lost is in doubt, which matters more than why it was to be stopped.
  const bool heed = callbacks_ == Callbacks::heed || (failed && alive());
  if (thrown && heed) std::rethrow_exception(thrown);
}

ErrorFields Connection::Handle::read_error(const pg_result* result, std::string_view sql) const {
  ErrorFields fields;
  fields.sqlstate = field(result, PG_DIAG_SQLSTATE);
  fields.severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  fields.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (fields.message.empty()) {
    const char* text = result == nullptr ? PQerrorMessage(connection.get()) : PQresultErrorMessage(result);
    fields.message = first_line(text);
  }
  fields.detail = mask_password_literals(field(result, PG_DIAG_MESSAGE_DETAIL));
  fields.hint = field(result, PG_DIAG_MESSAGE_HINT);
  fields.context = mask_password_literals(field(result, PG_DIAG_CONTEXT));
  fields.position = number_field(result, PG_DIAG_STATEMENT_POSITION);
  fields.internal_position = number_field(result, PG_DIAG_INTERNAL_POSITION);
  fields.internal_query = mask_password_literals(field(result, PG_DIAG_INTERNAL_QUERY));
  fields.schema = field(result, PG_DIAG_SCHEMA_NAME);
  fields.table = field(result, PG_DIAG_TABLE_NAME);
  fields.column = field(result, PG_DIAG_COLUMN_NAME);
  fields.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  fields.statement = mask_password_literals(sql);
  return fields;
}

void Connection::Handle::fail(ErrorFields fields) const {
  fields.connection_lost = !alive();
  if (fields.message.empty()) fields.message = "the connection to the server is lost";
  // The connection was given up because of the statement, which would fail again.
  const bool refused = fields.connection_lost && fields.sqlstate == copy_refused;
  const bool unreachable = (fields.connection_lost && !refused) || fields.sqlstate == "25006";
  std::string advice;
  if (fields.sqlstate == "57P05") {
    // Another try would end like this one.
    advice =
        "idle_session_timeout is set for this role or database: run it again with "
        "PGOPTIONS='-c idle_session_timeout=0'";
  } else if (refused) {
    advice = "mend the file: write `insert`, or copy a file of the server; then run the same command again";
  } else if (fields.connection_lost) {
    advice = "run it again: what was committed is found out from the database";
  } else if (fields.sqlstate == "25006") {
    advice =
        "connect to the primary, as a role and to a database for which default_transaction_read_only is off";
  } else if (fields.sqlstate == "57014" && fields.message.find("statement timeout") != std::string::npos) {
    advice =
        "statement_timeout is set for this role or database: run it again with "
        "PGOPTIONS='-c statement_timeout=0'";
  } else if (fields.sqlstate == "42501" && fields.message.find("row-level security") != std::string::npos) {
    // What the server advises, to take the policies from their table, would show its rows to everybody.
    advice =
        "a policy may hide rows from this role: work as one with bypassrls (role: in dbtool.yml), or let the "
        "script "
        "say `set local row_security = on` where what it does not see does not matter";
  }
  throw PgError(unreachable ? ExitCode::unreachable : ExitCode::failed, std::move(fields), advice);
}

namespace {

/// What such a statement failed with, SQLSTATE and all.
void set_copy_refused(ErrorFields& fields) {
  fields.severity = "ERROR";
  fields.sqlstate = copy_refused;
  fields.message = "copy from stdin and copy to stdout have nobody to talk to here";
}

}  // namespace

ErrorFields Connection::Handle::refuse_copy(int status) {
  ErrorFields fields;
  set_copy_refused(fields);
  if (status == PGRES_COPY_IN) {
    PQputCopyEnd(connection.get(), fields.message.c_str());
  } else {
    char* row = nullptr;
    int size = 0;
    while ((size = PQgetCopyData(connection.get(), &row, 1)) >= 0 && alive()) {
      if (size == 0) wait();
      PQfreemem(row);
      row = nullptr;
    }
  }
  return fields;
}

namespace {

std::vector<const char*> values_of(const Statement& statement) {
  std::vector<const char*> values;
  for (const Parameter& parameter : statement.parameters)
    values.push_back(parameter ? parameter->c_str() : nullptr);
  return values;
}

}  // namespace

bool Connection::Handle::send(const Statement& statement) const {
  const std::vector<const char*> values = values_of(statement);
  return PQsendQueryParams(connection.get(), statement.sql.c_str(), static_cast<int>(values.size()), nullptr,
                           values.data(), nullptr, nullptr, 0) != 0;
}

bool Connection::Handle::is_kept(const Statement& statement) const {
  return statement.kept || (statement.repeated && address.is_own_server);
}

bool Connection::Handle::send_in_batch(const std::vector<Statement>& statements, std::size_t index,
                                       std::vector<Answer>& answers) {
  const Statement& statement = statements[index];
  if (!is_kept(statement) || !may_keep_) {
    answers.push_back({index});
    return send(statement);
  }
  auto name = kept_.find(statement.sql);
  if (name == kept_.end()) {
    name = kept_.emplace(statement.sql, "dbtool_" + std::to_string(++names_given_)).first;
    answers.push_back({index, true});
    if (PQsendPrepare(connection.get(), name->second.c_str(), statement.sql.c_str(), 0, nullptr) == 0)
      return false;
  }
  answers.push_back({index});
  const std::vector<const char*> values = values_of(statement);
  return PQsendQueryPrepared(connection.get(), name->second.c_str(), static_cast<int>(values.size()),
                             values.data(), nullptr, nullptr, 0) != 0;
}

Result Connection::Handle::run(std::string_view sql, const std::vector<Parameter>* parameters,
                               Callbacks callbacks) {
  begin(callbacks);
  const Statement statement{std::string(sql), parameters == nullptr ? std::vector<Parameter>{} : *parameters};
  const bool sent = abandoned_              ? false
                    : parameters == nullptr ? PQsendQuery(connection.get(), statement.sql.c_str()) != 0
                                            : send(statement);
  if (!sent) fail(read_error(nullptr, sql));
  Result last;
  std::optional<ErrorFields> failure;
  while (pg_result* result = next_result()) {
    const Result owned(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      if (!failure) failure = refuse_copy(status);
    } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      if (!failure) failure = read_error(result, sql);
    } else {
      last = owned;
    }
  }
  end(failure.has_value());
  if (failure) fail(std::move(*failure));
  return last;
}

std::vector<Result> Connection::Handle::run_batch(const std::vector<Statement>& statements) {
  std::vector<Result> results;
  if (statements.empty()) return results;
  begin(Callbacks::heed);
  std::optional<ErrorFields> failure;
  const auto note_failure = [&](const pg_result* result, std::size_t index) {
    if (failure) return;
    failure = read_error(result, statements[std::min(index, statements.size() - 1)].sql);
    failure->statement_index = std::min(index, statements.size() - 1);
  };
  if (abandoned_ || PQenterPipelineMode(connection.get()) == 0)
    fail(read_error(nullptr, statements.front().sql));
  std::vector<Answer> answers;
  std::size_t sent = 0;
  // In non-blocking mode libpq keeps what the socket does not take, so neither side can wait for the other.
  while (sent < statements.size() && send_in_batch(statements, sent, answers)) ++sent;
  if (sent < statements.size()) note_failure(nullptr, sent);
  if (PQpipelineSync(connection.get()) == 0) note_failure(nullptr, sent);

  std::exception_ptr refusal;  // of a user of early answers
  std::size_t next = 0;        // the answer whose results come in
  for (bool ended = false;;) {
    pg_result* result = next_result();
    const bool ended_twice = ended && result == nullptr;  // nothing more will come: the connection is lost
    ended = result == nullptr;
    if (ended_twice) break;
    if (ended) {
      ++next;
      continue;
    }
    const Result owned(result);
    const Answer answer = next < answers.size() ? answers[next] : Answer{statements.size()};
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      note_failure(result, answer.statement);
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      // libpq cannot end a copy within a pipeline.
      abandon();
      note_failure(result, answer.statement);
      set_copy_refused(*failure);
      break;
    } else if (status != PGRES_PIPELINE_ABORTED && !answer.of_keeping) {
      results.push_back(owned);
      try {
        if (const auto& use = statements[answer.statement].use_early; use && !refusal) use(results.back());
      } catch (...) {
        refusal = std::current_exception();
      }
    }
  }
  if (PQexitPipelineMode(connection.get()) == 0) abandon();
  if (!alive() && !failure) note_failure(nullptr, next < answers.size() ? answers[next].statement : sent);
  if (failure) forget_kept(statements, *failure);
  end(failure.has_value());
  if (failure) fail(std::move(*failure));
  if (refusal) std::rethrow_exception(refusal);
  for (std::size_t index = 0; index < statements.size(); ++index)
    if (statements[index].judge) statements[index].judge(results[index]);
  return results;
}

// Which of a failed batch's statements the server has come to keep is not known: they are given new names.
void Connection::Handle::forget_kept(const std::vector<Statement>& statements, ErrorFields& failure) {
  constexpr const char* no_such_statement = "26000";
  failure.kept_statement_lost =
      may_keep_ && is_kept(statements[failure.statement_index]) && failure.sqlstate == no_such_statement;
  if (failure.kept_statement_lost) may_keep_ = false;
  for (const Statement& statement : statements) kept_.erase(statement.sql);
}

}  // namespace dbtool::pg
