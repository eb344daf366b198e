#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lint/effect.h"
#include "model/finding.h"
#include "model/project.h"

namespace dbtool::lint {

struct Options {
  std::set<int> versions{};  ///< to judge; empty: all. Earlier ones are read for what they made.
  std::optional<std::vector<TableSize>> sizes{};  ///< of a live database, instead of schema/sizes.yml
  bool statements = false;                        ///< also tell of every statement: Outcome::statements
  std::vector<Finding> explained{};  ///< of a database's planner, see explain.h; allowed like the others
  int plans = 0;                     ///< that the planner was asked for, for Outcome::plans
};

/// A finding that the version file allows, and why.
struct Allowed {
  Finding finding;
  std::string reason;
};

/// One action of a statement, for people who want to see them all.
struct StatementLine {
  int version = 0;
  bool downgrade = false;
  Place place{};
  std::string function{};   ///< whose body it stands in
  std::string statement{};  ///< on one line, cut
  bool parsed = true;
  std::vector<Effect> effects{};  ///< of its actions; those without lock and work are left out
};

struct Outcome {
  std::vector<Finding> findings;  ///< by version and place
  std::vector<Allowed> allowed;
  std::vector<StatementLine> statements;
  int versions = 0;  ///< judged
  int statements_read = 0;
  int not_parsed = 0;  ///< statements that the parser does not know
  int plans = 0;       ///< of online batches, that a database's planner was asked for

  /// No error and no warning.
  bool clean() const;
};

/// Judges a project's version files, without a database. `project` must outlive nothing: the outcome is plain
/// values.
Outcome lint(const Project& project, const Options& options = {});

}  // namespace dbtool::lint
