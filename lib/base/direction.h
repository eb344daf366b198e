#pragma once

namespace dbtool {

enum class Direction { upgrade, downgrade };

constexpr const char* to_text(Direction direction) {
  return direction == Direction::upgrade ? "upgrade" : "downgrade";
}

}  // namespace dbtool
