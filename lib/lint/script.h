#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "model/version.h"
#include "sql/action.h"
#include "sql/block.h"

namespace dbtool::lint {

enum class Direction { upgrade, downgrade };

/// Where in a version a statement stands.
enum class Part {
  script,    ///< run by the script itself
  function,  ///< body of a function that the script creates: runs when it is called
  method,    ///< body of a method
  batch,     ///< of a declared online migration
  verify
};

/// One SQL statement of a version, wherever it stands.
struct Statement {
  std::string text{};  ///< as parsed
  const SqlText* source = nullptr;
  std::size_t offset = 0;  ///< in source->text
  Place place{};
  int last_line = 0;  ///< in the file
  Part part = Part::script;
  std::string function{};  ///< whose body it stands in; also a method
  const Method* method = nullptr;
  sql::RunAs run_as = sql::RunAs::statement;
  int loops = 0;
  int row_loops = 0;
  int conditions = 0;
  bool heads_loop = false;  ///< see sql::BlockStatement
  bool in_do = false;       ///< of a `do` block inside the script
  bool parsed = false;      ///< false: the parser does not know it; no actions, no claims
  /// {KIND: {…}}; nullptr when it could not be parsed. Its "location" count bytes of `text`.
  std::shared_ptr<const nlohmann::json> tree{};
  std::vector<sql::Action> actions{};
};

/// One direction of a version: its script with everything inside, then (of an upgrade) its methods, batches
/// and verifications.
struct Script {
  const Version* version = nullptr;
  Direction direction = Direction::upgrade;
  bool transactional = true;
  std::vector<Statement> statements{};
  /// Functions that it makes itself and runs, directly or by way of one another.
  std::set<std::string, std::less<>> calls{};
};

/// Reads a version's way up or down. `whole`: methods, batches and `verify` too. The version must outlive the
/// result.
Script read_script(const Version& version, Direction direction, bool whole);

}  // namespace dbtool::lint
