#pragma once

#include <cstddef>
#include <functional>

namespace dbtool {

/// Calls `work` with every number below `count`, on as many threads as there are cores, at most eight; on the
/// calling one alone where there are fewer than `a_thread` numbers for another, and on fewer where the system
/// starts no more. What `work` throws first is thrown when all threads have ended.
void in_parallel(std::size_t count, std::size_t a_thread, const std::function<void(std::size_t)>& work);

}  // namespace dbtool
