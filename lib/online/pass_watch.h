#pragma once

#include <cstdint>
#include <deque>

namespace dbtool::online {

/// Tells passes that get somewhere from those that would go on for ever: each moves rows, and after each not
/// all is moved. Rows that services add behind the walk become fewer from pass to pass when they write both
/// sides, or when a pass is quicker than they are. Knows no database.
class PassWatch {
 public:
  /// A pass that moves fewer rows than every one before it, by a tenth at least, gets somewhere. `patience`:
  /// so many in a row that do not are too many.
  explicit PassWatch(int patience) : patience_(patience) {}

  /// A whole pass has ended that moved `moved` of `walked` rows, and not all is moved. Returns whether
  /// passes like these would go on for ever.
  bool observe(std::int64_t moved, std::int64_t walked);

  /// Of the passes that got nowhere: how many, what they moved (the oldest first, at most five), and by how
  /// many rows what they walk has grown meanwhile.
  int passes() const { return idle_; }
  const std::deque<std::int64_t>& moved() const { return moved_; }
  std::int64_t growth() const { return last_walked_ - first_walked_; }

 private:
  int patience_;
  int idle_ = 0;
  std::int64_t fewest_ = -1;  ///< moved by a pass so far; -1: none was whole yet
  std::int64_t first_walked_ = 0, last_walked_ = 0;
  std::deque<std::int64_t> moved_;
};

}  // namespace dbtool::online
