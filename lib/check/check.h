#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/columns.h"
#include "catalog/mend.h"
#include "catalog/methods.h"
#include "catalog/renamed.h"
#include "check/full.h"
#include "model/finding.h"
#include "model/object.h"
#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::check {

/// What a check compared and found.
struct Outcome {
  int version = 0;  ///< of the database
  std::vector<Finding> findings;
  int tables = 0;
  int functions = 0;
  int grants = 0;
  int objects = 0;  ///< of the expected full catalog; 0: it was not compared
  int ignored = 0;  ///< findings left out by ignore rules
  std::vector<std::string> ignored_reasons;
  /// True when no finding is worse than a note.
  bool clean() const;
};

/// Most of what is compared: what is declared and what is there take about as long to make and need nothing
/// of each other.
struct Sides {
  catalog::Schema declared;  ///< as catalog::declared_tables makes it
  catalog::Methods methods;  ///< as catalog::methods_at makes them, at the database's version
  catalog::Schema live;      ///< as catalog::read_public reads it
};

/// Depths "declared" and "methods" against a live database that stands at `version`. `open_online` is the
/// version whose online migration or downgrade is unfinished (0: none): meanwhile its scripts may put
/// functions for both forms in place of its methods, so that what differs there is a note. `sides`: what is
/// there of them already, if anything.
Outcome check(pg::Connection& connection, const Project& project, int version, int open_online = 0,
              std::optional<Sides> sides = std::nullopt);

/// What depth "full" adds: the whole catalog as it should be, and who knows where its objects come from.
struct Expected {
  const Catalog& objects;  ///< names as in catalog/full.h
  std::function<FullNames::Origin(const Object&)> origin{};
};

/// An outcome of depth "full", and the differences behind it for who wants to mend them.
struct FullOutcome {
  Outcome outcome;
  FullNames names;
  Catalog found;                                 ///< what `differences` point into, with the expected objects
  std::vector<catalog::Difference> differences;  ///< those of objects that no rule ignores
  std::vector<catalog::Mend> of_users;           ///< what mends the service users, of whom no catalog knows
  std::vector<catalog::Renaming> renamed;        ///< what `found` has under the expected names
};

/// A live database as depth "full" sees it.
struct LiveCatalog {
  std::string owner;       ///< who is expected to own everything
  Catalog full;            ///< as catalog::read_full reads it
  catalog::Schema schema;  ///< as catalog::read_public reads it; looks at `full`
};

/// Reads it; needs nothing of the project but its settings. A `second` connection to the same database makes
/// it faster.
LiveCatalog read_live(pg::Connection& connection, const Settings& settings, pg::Connection* second = nullptr);

/// All three depths. What the full catalog tells of an object, the others do not tell again. `live`: what
/// read_live has read of the database.
FullOutcome check_full(pg::Connection& connection, const Project& project, int version, int open_online,
                       const Expected& expected, LiveCatalog live);

/// Findings of `after` that were not there in `before`.
std::vector<Finding> new_findings(const Outcome& before, const Outcome& after);

}  // namespace dbtool::check
