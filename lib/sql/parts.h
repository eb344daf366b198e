#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/block.h"

namespace dbtool::sql {

/// A statement of the outermost level of a PL/pgSQL block, with everything that is nested in it.
struct BlockPart {
  std::string text{};      ///< without its semicolon
  std::size_t offset = 0;  ///< in the block, in bytes
  /// SQL as it stands: no loop, condition, assignment or `into`, so that it also runs outside of the block.
  bool is_plain = false;
  /// It does nothing but give variables their values: what follows may need it, and nothing else comes of it.
  bool sets_variables = false;
  std::vector<BlockStatement>
      statements{};  ///< that stand in it, as read_block finds them; offsets in `text`
};

/// A PL/pgSQL block cut into what can be run piece by piece.
struct BlockParts {
  std::string declarations{};  ///< from `declare` to `begin`, both left out
  std::vector<BlockPart> parts{};
  bool has_handler =
      false;  ///< `exception when …` of the outermost level: the pieces do not stand for themselves
};

BlockParts parts_of_block(std::string_view block);

}  // namespace dbtool::sql
