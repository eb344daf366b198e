#pragma once

#include <chrono>
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
/// One statement of a script that runs statement by statement.
Piece piece_of(const StatementsStep& step, std::size_t index, const std::string& user_prefix);

/// Takes the strong locks of a step's script together, all within one lock timeout; nothing when it takes
/// none.
std::vector<pg::Statement> lock_statements(const TransactionStep& step, const std::string& user_prefix,
                                           std::chrono::milliseconds lock_timeout);

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
