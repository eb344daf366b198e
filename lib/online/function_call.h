#pragma once

#include <string>

namespace dbtool::online {

/// The statement of one batch of an `online_…_batch` function with its checkpoint. Parameters: version, batch
/// size, state, number of the batch, rows moved before it. Returns one row for each that the function
/// returned: its count, whether its state is null, whether that is the state given, its state.
std::string batch_call(const std::string& function);

/// Asks an `online_…_is_complete` function.
std::string complete_call(const std::string& function);

}  // namespace dbtool::online
