#pragma once

#include <set>
#include <string>
#include <vector>

namespace dbtool::rows {

/// What a check demands of one column: to be what an expression over other columns gives.
struct Equation {
  std::string column;
  std::string expression;
  std::set<std::string> others;  ///< the columns of the expression
};

/// The equations among what an expression joins with `and`, as `total = price * amount`.
std::vector<Equation> read_equations(const std::string& expression);

}  // namespace dbtool::rows
