#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ledger/write.h"
#include "online/lane.h"

namespace dbtool::online {

/// The two ways in which a version writes an online migration, as the engine sees them.
class Form {
 public:
  virtual ~Form() = default;

  /// Looks at the database: false when there is nothing to run. In an open transaction. Throws Error when
  /// what the version needs is missing.
  virtual bool prepare(pg::Connection& connection) = 0;
  /// A query that says true when all is moved.
  virtual std::string complete_query() const = 0;
  /// What is asked there, in words.
  virtual std::string complete_name() const = 0;
  /// The ranges of a pass, in their order; in an open transaction.
  virtual std::vector<ledger::RangeRecord> ranges(pg::Connection& connection) = 0;
  virtual std::unique_ptr<Lane> lane(ledger::OnlinePhase phase, ledger::RangeRecord record) = 0;
  /// An estimate of what there is to handle.
  virtual std::optional<std::int64_t> rows_total(pg::Connection& connection) = 0;
  virtual bool verifies() const = 0;
  /// The walked table as the version file names it; empty: not known.
  virtual std::string walked_table() const = 0;
  /// What ranges are ranges of, table and key in words: those of another declaration are of no use. nullopt:
  /// by functions.
  virtual std::optional<std::string> walked() const { return std::nullopt; }
  /// Whether several workers can share the work.
  virtual bool is_parallel() const = 0;
  /// The function that does the work; empty: a statement does.
  virtual std::string batch_function() const { return {}; }
  /// Where to look when batches read too much, for the one who mends it.
  virtual std::string scan_advice() const = 0;
};

/// The form of that version in that direction. `rows_total`: what is known of a migration by functions.
std::unique_ptr<Form> make_form(const Version& version, Direction direction, Clock& clock,
                                std::optional<std::int64_t> rows_total);

}  // namespace dbtool::online
