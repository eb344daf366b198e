#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// Realistic entities for tests and benches, the same for the same seed on every machine.
namespace dbtool::generate {

struct Options {
  std::uint64_t seed = 1;
  /// Entities table → number of rows; for what follows the tasks (groups, members, active sets, requirements,
  /// dependencies) the number of tasks.
  std::map<std::string, std::int64_t> rows;
};

/// Every kind, in the proportions of a real cluster with `tasks` tasks; the small kinds never empty.
Options all_kinds(std::int64_t tasks, std::uint64_t seed = 1);
/// Only the queue's tasks and what refers to them.
Options task_set(std::int64_t tasks, std::uint64_t seed = 1);
/// Names of all entities tables that rows can be made for.
std::vector<std::string> tables();

struct Filled {
  std::string table;
  std::int64_t rows = 0;
  bool skipped = false;  ///< the table is not there: before version 2, or relational by now
};

/// Fills the entities tables of the database at `url` by COPY, in one transaction, and analyzes them.
/// Throws Error on an unknown table or when the database refuses.
std::vector<Filled> fill(const std::string& url, const Options& options);

}  // namespace dbtool::generate
