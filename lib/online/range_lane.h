#pragma once

#include <string>

#include "online/lane.h"

namespace dbtool::online {

/// A range of the walked table, cut into batches by keys. Base of what is done with each: moving and
/// comparing.
class RangeLane : public Lane {
 public:
  RangeLane(int version, ledger::RangeRecord record, const Key& key)
      : Lane(version, std::move(record)), key_(key) {}

  bool needs_bound() const override { return !bound_.has_value(); }
  void find_bound(pg::Connection& connection, int size) override;
  std::vector<pg::Statement> statements(int size) override;
  BatchResult read(pg::Connection& connection, const std::vector<pg::Result>& results) override;
  std::optional<pg::Statement> sample() override { return work(batch_).front(); }
  void forget_bound() override { bound_.reset(); }
  std::optional<std::string> next_row() const override;
  std::optional<ledger::RangeRecord> split(pg::Connection& connection, int range) override;

 protected:
  const Key& key() const { return key_; }
  /// What is done with the keys of one batch.
  virtual std::vector<pg::Statement> work(const KeyRange& batch) = 0;
  /// What its statements returned.
  virtual void read_work(pg::Connection& connection, const std::vector<pg::Result>& results,
                         const KeyRange& batch, BatchResult& result) = 0;

 private:
  /// Where a batch ends, and how many keys it holds.
  struct Bound {
    std::optional<KeyValue> high;  ///< nullopt: at the range's end
    std::int64_t rows = 0;
  };

  void moved_on() override;
  KeyRange left() const;
  pg::Statement bound_query(const KeyRange& left, int size) const;
  static Bound to_bound(const pg::Result& row, std::size_t columns);

  const Key& key_;
  std::optional<Bound> bound_;       ///< of the next batch
  std::optional<Bound> next_bound_;  ///< of the one after it, as long as that is not committed
  KeyRange batch_;                   ///< of the last statements()
  std::size_t work_statements_ = 0;
  bool asks_next_ = false;
  bool counts_ = false;  ///< the rows that it reads
};

/// Moves: the user's set-based statement.
class MoveLane final : public RangeLane {
 public:
  MoveLane(int version, ledger::RangeRecord record, const Key& key, const std::string& batch)
      : RangeLane(version, std::move(record), key), statement_(batch) {}

 private:
  std::vector<pg::Statement> work(const KeyRange& batch) override;
  void read_work(pg::Connection& connection, const std::vector<pg::Result>& results, const KeyRange& batch,
                 BatchResult& result) override;

  const std::string& statement_;
};

}  // namespace dbtool::online
