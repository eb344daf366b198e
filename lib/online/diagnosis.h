#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event.h"
#include "pg/connection.h"

namespace dbtool::online {

/// One node of a plan.
struct PlanNode {
  int depth = 0;
  std::string text;  ///< "Index Scan using source_pkey on public.source"
  double rows = 0;   ///< estimated

  bool operator==(const PlanNode& other) const { return depth == other.depth && text == other.text; }
};

/// What can be known of how batches are run, at one time.
struct BatchFacts {
  std::vector<PlanNode> plan;  ///< empty: not to be had, or not asked for
  std::string plan_missing;    ///< why
  std::vector<TableState> tables;
};

/// Reads the plan of `batch` with its real parameters (it is not run), and the state of its tables and of
/// `touched`. In an open transaction with the settings of those of batches; a savepoint guards it. What is
/// not to be had is left out.
BatchFacts read_batch_facts(pg::Connection& connection, const std::optional<pg::Statement>& batch,
                            const std::set<std::string>& touched);

/// Who stands in the way of these backends.
std::vector<Blocker> read_blockers(pg::Connection& connection, const std::vector<int>& pids);

/// What these backends wait for now: "IO: DataFileRead".
std::vector<std::string> read_waits(pg::Connection& connection, const std::vector<int>& pids);

/// What a diagnosis is made of.
struct Symptoms {
  BatchFacts first, now;
  std::vector<Blocker> blockers;
  std::vector<std::string> waits;
  std::string function;                           ///< of the batch; empty: declared
  double first_reads_a_row = 0, reads_a_row = 0;  ///< rows read for each one handled; 0: not known
};

/// What is another than before, or in the way, a sentence each, the most telling first; never empty.
std::vector<std::string> reasons_of(const Symptoms& symptoms);

/// A node a line, with its estimate of rows.
std::vector<std::string> lines_of(const std::vector<PlanNode>& plan);

}  // namespace dbtool::online
