#pragma once

#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <string>
#include <vector>

#include "pg/connect.h"

namespace dbtool::pg {

/// A connection's inside: everything that is sent is waited for in the one loop here.
struct Connection::Handle {
  using Time = std::chrono::steady_clock::time_point;

  Handle(Address given, ConnectionHandle opened);
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  /// Whether exceptions of callbacks end the statement: `tolerate` cancels all the same but lets a statement
  /// that succeeds nevertheless count (commit); `ignore` does not even call on_wait (rollback).
  enum class Callbacks { heed, tolerate, ignore };

  /// Runs SQL by the simple protocol, or one statement with parameters by the extended one.
  Result run(std::string_view sql, const std::vector<Parameter>* parameters,
             Callbacks callbacks = Callbacks::heed);
  std::vector<Result> run_batch(const std::vector<Statement>& statements);
  void abandon() noexcept;
  bool alive() const;

  Address address;
  ConnectionHandle connection;
  int backend_pid = 0;
  std::string backend_start;
  int number = 0;
  std::function<void()> on_wait;
  NoticeObserver on_notice;

 private:
  /// What the next results of a batch belong to.
  struct Answer {
    std::size_t statement = 0;
    bool of_keeping = false;  ///< only says that the server now keeps the statement
  };

  static void receive_notice(void* handle, const pg_result* result);
  void begin(Callbacks callbacks);
  /// Waits for the next result; nullptr when the current statement has no more.
  pg_result* next_result();
  void wait();
  void call_on_wait(Time now);
  void request_cancel(Time now);
  /// Repeats the cancel request, which misses a backend that is just between two statements; at last gives
  /// up.
  void tend_cancel(Time now);
  /// Sees to it that no cancel request is still under way, then rethrows what a callback threw.
  void end(bool failed);
  ErrorFields read_error(const pg_result* result, std::string_view sql) const;
  [[noreturn]] void fail(ErrorFields fields) const;
  ErrorFields refuse_copy(int status);
  bool send(const Statement& statement) const;
  bool is_kept(const Statement& statement) const;
  /// Sends a statement of a batch and notes in `answers` whose results will come.
  bool send_in_batch(const std::vector<Statement>& statements, std::size_t index,
                     std::vector<Answer>& answers);
  void forget_kept(const std::vector<Statement>& statements, ErrorFields& failure);

  Callbacks callbacks_ = Callbacks::heed;
  bool abandoned_ = false;
  Time last_wait_{};
  std::exception_ptr thrown_;  ///< by a callback during the current statement
  Time thrown_at_{}, cancelled_at_{};
  std::future<bool> cancelling_;
  /// Names by text of the statements that the server keeps.
  std::map<std::string, std::string, std::less<>> kept_;
  int names_given_ = 0;
  bool may_keep_ = true;
};

}  // namespace dbtool::pg
