#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::sql {

/// One statement of a script; offsets in bytes of the script.
struct SplitStatement {
  std::string text;
  std::size_t offset = 0;
};

/// A syntax error of the parser; a parse failure means "unknown" (the server may be newer), never "wrong".
struct SyntaxError {
  std::string message;
  std::size_t offset = 0;
};

struct SplitResult {
  std::vector<SplitStatement> statements;
  std::optional<SyntaxError> error;
};

/// Splits plain SQL into its statements with a real parser.
SplitResult split(std::string_view script);

/// Whether a statement cannot run in a transaction block, and which form it is.
enum class OutsideKind {
  none,                     ///< runs in a transaction
  create_index_concurrently,
  drop_index_concurrently,
  reindex_concurrently,
  detach_partition_concurrently,
  vacuum,
  other,                    ///< cannot run inside one and is not among the allowed ones
};

struct OutsideStatement {
  OutsideKind kind = OutsideKind::none;
  std::string schema;  ///< of the object; may be empty
  std::string name;    ///< index (or reindexed table/index, or partition); empty: not named
  std::string table;   ///< of create index, detach partition
};

OutsideStatement outside_transaction(std::string_view statement);

/// Table that a statement locks so strongly that the services' reads or writes wait.
struct StrongLock {
  std::string schema;  ///< empty: by search_path
  std::string table;
  std::string mode;    ///< "access exclusive", "share row exclusive", "share", "exclusive"
};

/// Tables that a PL/pgSQL block (`begin … end`) or plain SQL locks strongly, of those it names statically, strongest
/// mode each, in the order of first use; tables that the script itself creates are left out, and drops of
/// tables that might not exist (`if exists`) are marked by being included all the same: the caller checks existence.
std::vector<StrongLock> strong_locks_of_block(std::string_view block);
std::vector<StrongLock> strong_locks_of_statements(std::string_view script);

/// Tables that a block or script fills (insert, update, copy, create table as), for `analyze` afterwards.
std::vector<std::string> written_tables_of_block(std::string_view block);
std::vector<std::string> written_tables_of_statements(std::string_view script);

/// The text with comments and superfluous white space gone, unquoted words in lower case: two texts that mean the
/// same argument list or return type compare equal.
std::string normalize(std::string_view sql_fragment);

/// One argument of a stored function, from the text between its parentheses.
struct Argument {
  std::string mode;  ///< "in", "out", "inout", "variadic"
  std::string name;  ///< may be empty
  std::string type;
  bool has_default = false;
};

/// nullopt when the text cannot be parsed.
std::optional<std::vector<Argument>> parse_arguments(std::string_view args);

/// Signature for `drop function`: the types (or `name type` for safety) of the input arguments, without defaults.
std::string drop_signature(std::string_view args);

}  // namespace dbtool::sql
