#pragma once

#include <optional>
#include <string>

#include "window/forecast.h"
#include "window/likelihood.h"

namespace dbtool::window {

/// What can be told of a step that was never rehearsed: by the server's progress views, or by how much it has
/// written against the size of the table that it goes through.
class Unrehearsed {
 public:
  explicit Unrehearsed(std::optional<std::int64_t> table_bytes) : table_bytes_(table_bytes) {}

  void add(const Sample& sample);

  struct Guess {
    Range done;         ///< shares of the whole, 0 to 1
    double likely = 0;  ///< between them
    double began = 0;   ///< of what the shares are of: seconds after the step began
    std::string source;
  };
  std::optional<Guess> guess() const;
  /// From the last sample on.
  Forecast left() const;

 private:
  std::optional<Guess> by_view() const;
  std::optional<Guess> by_size() const;

  std::optional<std::int64_t> table_bytes_;
  Sample last_;
  double view_began_ = 0;
  double grown_ = 0;  ///< bytes of the database, in the last look that asked
};

}  // namespace dbtool::window
