#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace dbtool::pg {

/// What the server (or libpq) says of a failed statement.
struct ErrorFields {
  std::string sqlstate;  ///< empty: libpq failed, not the server
  std::string severity;
  std::string message;
  std::string detail;
  std::string hint;
  std::string context;
  int position = 0;           ///< in characters of `statement`, from 1; 0: none
  int internal_position = 0;  ///< in characters of `internal_query`
  std::string internal_query;
  std::string schema, table, column, constraint;
  std::string statement;            ///< as sent, password literals blanked out character by character
  std::size_t statement_index = 0;  ///< in a batch: which one failed
  bool connection_lost = false;     ///< there is no connection any more, or none could be opened
  /// The server no longer had a statement that it was to keep (`deallocate all`): the transaction failed for
  /// that alone and may be repeated at once. It happens once a connection.
  bool kept_statement_lost = false;
};

/// "ERROR 42P01: relation "t" does not exist", one line; what() of a PgError.
std::string to_text(const ErrorFields& fields);

/// The statement with the text of password literals (`… password 'secret'`) replaced by as many asterisks.
std::string mask_password_literals(std::string_view sql);

/// A failed statement or connection.
class PgError : public Error {
 public:
  PgError(ExitCode exit_code, ErrorFields fields, std::string advice = {});

  const ErrorFields& fields() const { return fields_; }
  const std::string& sqlstate() const { return fields_.sqlstate; }
  bool is(std::string_view sqlstate) const { return fields_.sqlstate == sqlstate; }

  bool is_lock_timeout() const { return is("55P03"); }
  bool is_deadlock() const { return is("40P01"); }
  bool is_serialization_failure() const { return is("40001"); }
  bool is_cancelled() const { return is("57014"); }
  bool is_permission_denied() const { return is("42501"); }
  /// The attempt may be repeated as it is: lock timeout, deadlock, serialisation failure.
  bool is_repeatable() const { return is_lock_timeout() || is_deadlock() || is_serialization_failure(); }
  /// The connection is gone; what was committed is to be asked from the database.
  bool is_connection_lost() const;
  bool is_read_only() const { return is("25006"); }

 private:
  ErrorFields fields_;
};

/// The connection was lost after COMMIT was sent and before its answer came.
class CommitInDoubt : public PgError {
 public:
  using PgError::PgError;
};

}  // namespace dbtool::pg
