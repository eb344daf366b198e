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
  std::optional<SyntaxError> error;  ///< the parser did not understand; the statements are then cut by tokens
};

/// Splits plain SQL into its statements with a real parser; texts begin and end without blanks and comments.
SplitResult split(std::string_view script);

/// Whether a statement cannot run in a transaction block, and which form it is.
enum class OutsideKind {
  none,  ///< runs in a transaction
  create_index_concurrently,
  drop_index_concurrently,
  reindex_concurrently,
  detach_partition_concurrently,
  vacuum,
  other,  ///< cannot run inside one and is not among the allowed ones
};

struct OutsideStatement {
  OutsideKind kind = OutsideKind::none;
  std::string schema;  ///< of the object (create index: of the table); may be empty
  std::string name;    ///< index (or reindexed table/index, or partition); empty: not named
  std::string table;   ///< of create index, detach partition, vacuum
};

OutsideStatement outside_transaction(std::string_view statement);

/// A command that ends or begins a transaction, which a block inside a transaction cannot run (SQLSTATE
/// 2D000).
struct TransactionCommand {
  std::string command;  ///< "commit", "rollback", …, in lower case
  std::size_t offset = 0;
};

/// The first transaction command that a PL/pgSQL block or plain SQL runs statically.
std::optional<TransactionCommand> find_transaction_command(std::string_view block);
std::optional<TransactionCommand> find_transaction_command_of_statements(std::string_view script);

/// Whether a statement is `copy … from stdin` or `copy … to stdout`, which speak with the client.
bool copies_with_client(std::string_view statement);

/// The first such statement that a PL/pgSQL block or plain SQL runs statically.
std::optional<SplitStatement> find_client_copy(std::string_view block);
std::optional<SplitStatement> find_client_copy_of_statements(std::string_view script);

/// Whether the parser sees that a statement does more than read: it is no query, or one with `into` or with
/// an `insert`, `update`, `delete` or `merge` in its `with`. What functions do is not known; nor, here, what
/// cannot be parsed.
bool is_seen_to_change(std::string_view statement);

/// Table that a statement locks so strongly that the services' reads or writes wait.
struct StrongLock {
  std::string schema;  ///< empty: by search_path
  std::string table;
  std::string mode;       ///< "access exclusive", "share row exclusive", "share", "exclusive"
  bool of_index = false;  ///< `table` is the name of an index: the table that it belongs to is locked

  bool operator==(const StrongLock&) const = default;
};

/// What a PL/pgSQL block (`begin … end`) or plain SQL does to tables, as far as it names them statically; in
/// the order of first use.
struct ScriptEffects {
  /// Tables that it locks strongly, strongest mode each. Those that the script itself creates (or renames to)
  /// are left out. The caller checks that a name exists (`drop table if exists`) and is a table (`alter
  /// table` also takes views).
  std::vector<StrongLock> locks;
  /// Tables that it fills (insert, update, merge, copy, create table as) or rewrites (alter column type), for
  /// `analyze` afterwards; written as SQL takes them ("schema"."table" where qualified), without those that
  /// it drops.
  std::vector<std::string> written;
  /// Tables, views and sequences that it names in `grant` or `revoke`; written as SQL takes them.
  std::vector<std::string> granted;
  /// Tables and views that it reads, without those that it makes; written as SQL takes them. None where the
  /// script itself says as whom it reads (`set role`, `set row_security`).
  std::vector<std::string> read{};
};

ScriptEffects effects_of_block(std::string_view block);
ScriptEffects effects_of_statements(std::string_view script);

/// Tables of which plain SQL changes rows that are there (update, delete, merge, `on conflict do update`):
/// services that write the same rows wait for it. Names without their schema, however deep the statement
/// stands.
std::vector<std::string> changed_tables_of_statements(std::string_view script);
/// The same of the body of a PL/pgSQL function that a block creates.
std::vector<std::string> changed_tables_of_function(std::string_view block, std::string_view function);

/// A table or column whose rows a script throws away (drop, truncate, delete of all) without reading them
/// before.
struct DroppedData {
  std::string schema;  ///< empty: by search_path
  std::string table;   ///< by its name before the script
  std::string column;  ///< empty: the whole table

  bool operator==(const DroppedData&) const = default;
};

/// What a PL/pgSQL block or plain SQL loses for good, of what it names statically, in the order of the text.
std::vector<DroppedData> dropped_unread_of_block(std::string_view block);
std::vector<DroppedData> dropped_unread_of_statements(std::string_view script);

/// The text with comments and superfluous white space gone, unquoted words in lower case: two texts that mean
/// the same argument list or return type compare equal.
std::string normalize(std::string_view sql_fragment);

/// One argument of a stored function, from the text between its parentheses.
struct Argument {
  std::string mode;  ///< "in", "out", "inout", "variadic", "table"
  std::string name;  ///< may be empty
  std::string
      type;  ///< in the server's spelling ("integer", "text[]", "character varying"), without a length
  bool has_default = false;
  std::string default_text{};  ///< as written; empty: none

  bool operator==(const Argument&) const = default;
};

/// nullopt when the text cannot be parsed. Defaults may be of any syntax.
std::optional<std::vector<Argument>> parse_arguments(std::string_view args);

/// Return type of a stored function, from the text behind `returns`.
struct ReturnType {
  bool is_set = false;                  ///< `setof` or `table (…)`
  std::string type{};                   ///< in the server's spelling; "record" for `table (…)`
  std::vector<Argument> columns{};      ///< of `table (…)`, mode "table"
  std::string volatility = "volatile";  ///< an attribute may stand behind the type
  bool security_definer = false;

  bool operator==(const ReturnType&) const = default;
};

/// nullopt when the text cannot be parsed.
std::optional<ReturnType> parse_returns(std::string_view returns);

/// Signature for `drop function`: the types of the input arguments, without defaults.
std::string drop_signature(std::string_view args);

}  // namespace dbtool::sql
