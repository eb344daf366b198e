#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/session.h"
#include "pg/connection.h"
#include "run/plan.h"

namespace dbtool::run {

/// One statement of a step, and which text of the project it holds where, so that an error is shown in the
/// file.
struct Piece {
  struct Part {
    const SqlText* text = nullptr;
    std::size_t offset = 0;  ///< of the part in the statement, in bytes
    std::size_t size = 0;    ///< in the statement, after the prefix was put in
  };
  pg::Statement statement;
  std::vector<Part> parts;
  std::string name;        ///< for people: "migration script", "method load_task", "verify query 2"
  bool is_verify = false;  ///< all its values must be true
};

/// Text with every `$db_user_prefix$` replaced.
std::string substitute_prefix(std::string_view text, const std::string& user_prefix);
/// The offset in the text as written, of an offset in the text with the prefix put in.
std::size_t original_offset(std::string_view original, const std::string& user_prefix, std::size_t offset);

/// Script, methods and verify queries of a step, in the order in which they run.
std::vector<Piece> pieces_of(const TransactionStep& step, const std::string& user_prefix);
/// Finds the functions that a step drops whose signatures may mean nothing after its script; to be sent
/// before.
std::vector<pg::Statement> lookup_statements(const TransactionStep& step);
/// One statement of a script that runs statement by statement.
Piece piece_of(const StatementsStep& step, std::size_t index, const std::string& user_prefix);

/// Takes the strong locks of a step's script together, all within one lock timeout; nothing when it takes
/// none.
std::vector<pg::Statement> lock_statements(const TransactionStep& step,
                                           std::chrono::milliseconds lock_timeout);

/// In whose name, and how, the statements of a step are sent.
struct Sending {
  ledger::Session session;
  std::int64_t run = 0;
  std::string user_prefix;
  std::chrono::milliseconds lock_timeout{};
  int server_version = 0;
};

/// What follows the setup of a step's transaction up to its COMMIT, and where the pieces stand in it.
struct StepWork {
  std::vector<pg::Statement> statements;
  std::vector<Piece> pieces;
  std::vector<std::size_t> positions;  ///< of each piece in `statements`
};

/// The start of a step's transaction, up to the fence. The strong locks follow when the fence has been
/// passed.
std::vector<pg::Statement> setup_of(const TransactionStep& step, const Sending& sending);
StepWork work_of(const TransactionStep& step, const Sending& sending);

/// How far a version that runs statement by statement has come; see ledger::PartlyState.
struct Position {
  int done = 0;
  int started = 0;
};

/// The same for one statement of a version, or (no piece) for the record of the position alone.
std::vector<pg::Statement> setup_of(const StatementsStep& step, const Sending& sending);
std::vector<pg::Statement> work_of(const StatementsStep& step, const Sending& sending, const Piece* piece,
                                   Position position);
/// As text: a transaction of the run's own, beside its steps, with these statements; empty when there are
/// none.
std::string to_sql(const std::vector<pg::Statement>& statements, const ledger::Session& session,
                   int server_version, std::chrono::milliseconds lock_timeout = {});

/// Fixes the session in which statements run outside of a transaction: a timed-out concurrent build leaves an
/// invalid index, so that these wait for their locks as long as it takes. The session holds the lock of its
/// version's step until session_after_outside.
std::string session_outside(const ledger::Session& session, int version, int server_version);
std::string session_after_outside(int version);

/// A position in one of the project's files.
struct Location {
  Place place;              ///< empty: in none of them
  std::string source_line;  ///< that line of the file; empty where positions are not exact
};

Location location_in(const SqlText& text, std::size_t offset);
/// Where the failure of `piece` lies.
Location locate(const Piece& piece, const pg::ErrorFields& error, const std::string& user_prefix);

/// The exact SQL of a plan, as it would be sent, for people: transactions, comments between.
std::string to_sql(const Plan& plan, const Settings& settings, int server_version);

}  // namespace dbtool::run
