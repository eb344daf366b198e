#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/action.h"

namespace dbtool::lint {

/// What tells functions of one name apart: their input arguments.
struct Overload {
  bool known = true;                 ///< false: any arguments
  std::vector<std::string> types{};  ///< in the server's spelling
  std::size_t required = 0;          ///< how many a call must give; the others have defaults
  bool variadic = false;

  bool same_as(const Overload& other) const { return !known || !other.known || types == other.types; }
};

/// Of `create function` and `drop function`, and of a method's `args`.
Overload overload_of(const sql::Action& action);
Overload overload_of_arguments(std::string_view args);

/// The arguments of one call as far as its text tells: a type each, "" where it is not told. Not comparable
/// with any list of arguments when some are given by name.
struct CallShape {
  bool known = true;
  std::vector<std::string> types{};

  auto operator<=>(const CallShape&) const = default;
};

/// Of a FuncCall node: casts and numbers have a type.
CallShape shape_of(const nlohmann::json& call);

/// Whether a call may mean this function.
bool may_call(const CallShape& call, const Overload& overload);

}  // namespace dbtool::lint
