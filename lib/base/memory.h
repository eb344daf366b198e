#pragma once

#include <cstdint>

namespace dbtool {

/// Lets the allocator work in one heap of huge pages, where the system has them to give: a command that reads
/// a catalog of thousands of tables takes tens of megabytes in small pieces, and page faults were half of its
/// time. To be called before the first thread starts; does nothing where the C library or the kernel does not
/// know of it.
void use_huge_pages();

/// Bytes that the machine, and the control group that this program is in, can still give away; 0 where that
/// is not known.
std::uint64_t available_memory();

}  // namespace dbtool
