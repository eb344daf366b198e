#pragma once

#include <string>
#include <string_view>

namespace dbtool::sql {

/// The statement `create index …` as it would make the same index, not concurrently and without a name, on
/// `table` (as SQL takes it); empty when it is no such statement.
std::string unnamed_index_on(std::string_view create_index, std::string_view table);

}  // namespace dbtool::sql
