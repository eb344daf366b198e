#include "pg/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pg/handle.h"

namespace dbtool::pg {

Statement repeated(std::string sql, std::vector<Parameter> parameters) {
  Statement statement{std::move(sql), std::move(parameters)};
  statement.repeated = true;
  return statement;
}

Canceller::Canceller(pg_conn* connection)
    : cancel_(PQgetCancel(connection), [](void* cancel) { PQfreeCancel(static_cast<PGcancel*>(cancel)); }) {}

bool Canceller::cancel() const {
  if (cancel_ == nullptr) return false;
  std::array<char, 256> reason{};
  return PQcancel(static_cast<PGcancel*>(cancel_.get()), reason.data(), static_cast<int>(reason.size())) != 0;
}

Connection::Connection(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Connection Connection::open(const Address& address, const std::function<void()>& on_wait) {
  return Connection(std::make_unique<Handle>(address, connect(address, on_wait)));
}

Result Connection::exec(std::string_view sql) {
  return handle_->run(sql, nullptr);
}

Result Connection::query(std::string_view sql, const std::vector<Parameter>& parameters) {
  return handle_->run(sql, &parameters);
}

Result Connection::ask(std::string_view sql, const std::vector<Parameter>& parameters) {
  if (!address().is_own_server) return query(sql, parameters);
  return batch({repeated(std::string(sql), parameters)}).front();
}

std::vector<Result> Connection::batch(const std::vector<Statement>& statements) {
  const bool can_repeat = address().is_own_server && !in_transaction() &&
                          std::none_of(statements.begin(), statements.end(), [](const Statement& statement) {
                            return statement.use_early != nullptr;
                          });
  try {
    return handle_->run_batch(statements);
  } catch (const PgError& error) {
    // Somebody has deallocated what was kept: the batch was rolled back as a whole, and keeps no more.
    if (!can_repeat || !error.fields().kept_statement_lost || in_transaction()) throw;
  }
  return handle_->run_batch(statements);
}

void Connection::on_wait(std::function<void()> callback) {
  handle_->on_wait = std::move(callback);
}

void Connection::on_notice(NoticeObserver observer) {
  handle_->on_notice = std::move(observer);
}

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(handle_->connection.get());
  return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

bool Connection::is_alive() const {
  return handle_->alive();
}

int Connection::backend_pid() const {
  return handle_->backend_pid;
}

const std::string& Connection::backend_start() const {
  return handle_->backend_start;
}

void Connection::set_backend_start(std::string seconds) {
  handle_->backend_start = std::move(seconds);
}

int Connection::number() const {
  return handle_->number;
}

int Connection::server_version() const {
  return PQserverVersion(handle_->connection.get());
}

std::string Connection::host() const {
  const char* host = PQhost(handle_->connection.get());
  return host == nullptr ? "" : host;
}

std::string Connection::port() const {
  return PQport(handle_->connection.get());
}

std::string Connection::database() const {
  return PQdb(handle_->connection.get());
}

std::string Connection::user() const {
  return PQuser(handle_->connection.get());
}

std::string Connection::parameter_status(const std::string& name) const {
  const char* value = PQparameterStatus(handle_->connection.get(), name.c_str());
  return value == nullptr ? "" : value;
}

Canceller Connection::canceller() const {
  return Canceller(handle_->connection.get());
}

void Connection::abandon() noexcept {
  handle_->abandon();
}

const Address& Connection::address() const {
  return handle_->address;
}

}  // namespace dbtool::pg
