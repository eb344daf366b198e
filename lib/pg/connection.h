#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/error.h"
#include "pg/result.h"

struct pg_conn;

namespace dbtool::pg {

/// What `raise notice` and its like send.
struct Notice {
  std::string severity;  ///< not localised: NOTICE, INFO, WARNING, LOG, DEBUG
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  std::string context;
};

using NoticeObserver = std::function<void(const Notice&)>;

/// How to reach a database. Everything that `parameters` does not say comes from libpq's own environment.
struct Address {
  std::string url{};      ///< libpq URL, keyword string, or empty for libpq's own environment
  std::string service{};  ///< libpq service name; beats `url` when not empty
  std::string application_name = "dbtool";  ///< where nothing else names one
  std::vector<std::string> options{};       ///< e.g. "-c search_path=public", sent with the start packet
  std::string database{};                   ///< another database than `url` or `service` name; empty: theirs
  /// A server of this program's own, which many runs come back to and no pooler stands before: it keeps the
  /// statements of ask() and repeated(), too.
  bool is_own_server = false;
};

/// A keyword string that leads other programs of libpq's to the same database; holds the password, if the
/// address does.
std::string connection_string(const Address& address);

/// Text that may be shown: the password and its like in a URL or keyword string are masked, also when
/// malformed.
std::string mask_password(std::string_view url);

/// A parameter of a statement, in text form; nullopt is null.
using Parameter = std::optional<std::string>;

/// One statement of a batch.
struct Statement {
  std::string sql;
  std::vector<Parameter> parameters{};
  /// Sent again and again with this very text: the server parses it once a connection and keeps it.
  bool kept = false;
  /// Looks at the answer when the whole batch has succeeded; what it throws is thrown by the batch.
  std::function<void(const Result&)> judge{};
  /// Gets the answer as soon as it is here, while the server works on what follows, which may still fail.
  /// What it throws is thrown at the end of the batch.
  std::function<void(const Result&)> use_early{};
  bool repeated = false;  ///< by repeated()
};

/// A statement that every run sends with this very text: kept as said above where the server is our own, to
/// which one connection stays for many runs.
Statement repeated(std::string sql, std::vector<Parameter> parameters = {});

/// Sends a cancel request for whatever its connection is doing; may be used from another thread.
class Canceller {
 public:
  explicit Canceller(pg_conn* connection);
  /// False when the request could not be sent; the reason is of no use to anybody.
  bool cancel() const;

 private:
  std::shared_ptr<void> cancel_;
};

/// One connection. Movable, closes itself. Not for use by two threads at once.
class Connection {
 public:
  /// Opens; fails with exit code 6 and an error that never shows a password. Gives up after 10 s a host where
  /// connect_timeout is not set. `on_wait` is called as below while it waits; if it throws, the attempt is
  /// given up.
  static Connection open(const Address& address, const std::function<void()>& on_wait = {});

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Runs one or more statements by the simple protocol, returns the last one's result.
  Result exec(std::string_view sql);
  /// Runs one statement with parameters ($1 …).
  Result query(std::string_view sql, const std::vector<Parameter>& parameters = {});
  /// query() of a statement that every run sends with this very text, as repeated().
  Result ask(std::string_view sql, const std::vector<Parameter>& parameters = {});
  /// Sends all statements in one round trip (pipeline mode), in order; the first failure ends the batch, the
  /// rest is not run, and PgError tells which one by `statement_index`. Without an open transaction the batch
  /// is one; where it failed for a kept statement that the server has let go, it is sent once more, unless
  /// one of its answers was used early.
  std::vector<Result> batch(const std::vector<Statement>& statements);

  /// Called on this thread, at least every 100 ms, while a statement of this connection runs. It may use
  /// other connections and a Canceller; if it throws, the statement is cancelled, its end awaited, and the
  /// exception goes on. A server that does not heed the cancel within 10 s is left: the connection is then no
  /// longer alive.
  void on_wait(std::function<void()> callback);
  void on_notice(NoticeObserver observer);

  bool in_transaction() const;  ///< also when the transaction has failed
  bool is_alive() const;        ///< what libpq knows without asking the server
  int backend_pid() const;
  /// When its backend began, in seconds since 1970 as the server writes them: another one may have its pid
  /// one day. Empty until the server was asked.
  const std::string& backend_start() const;
  void set_backend_start(std::string seconds);
  /// Of this connection in this program: one that takes another's place has another number, also where the
  /// pids of their backends are the same by chance.
  int number() const;
  int server_version() const;  ///< e.g. 150018
  std::string host() const;    ///< host name, address or socket directory
  std::string port() const;
  std::string database() const;
  std::string user() const;
  std::string parameter_status(const std::string& name) const;  ///< "" when the server does not report it
  Canceller canceller() const;
  /// Drops the connection without a word to the server, as a cut cable would.
  void abandon() noexcept;
  /// The address it was opened with, for a second connection to the same server and database.
  const Address& address() const;

 private:
  friend class Transaction;
  struct Handle;
  explicit Connection(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace dbtool::pg
