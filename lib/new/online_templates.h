#pragma once

#include <string_view>

/// What online migrations by each pattern look like, with blanks (new/online_blanks.h).
namespace dbtool::templates {

extern const std::string_view dual_write;
extern const std::string_view copy_alone;  ///< the version after dual_write
extern const std::string_view trigger;
extern const std::string_view move_first;   ///< makes the table
extern const std::string_view move_second;  ///< the version after it moves the rows
extern const std::string_view column;

}  // namespace dbtool::templates
