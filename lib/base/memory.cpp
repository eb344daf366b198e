#include "base/memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace dbtool {

#ifdef __GLIBC__

namespace {

// Only reserved: pages are taken when they are written to.
constexpr std::size_t reserved = std::size_t{128} << 20;
constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20;

}  // namespace

void use_huge_pages() {
  mallopt(M_ARENA_MAX, 1);  // arenas of threads grow a few pages at a time
  mallopt(M_MMAP_THRESHOLD, static_cast<int>(std::size_t{32} << 20));
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * reserved));
  mallopt(M_TOP_PAD, static_cast<int>(reserved));
  // The next growth of the heap takes the reserve as well; what is asked for here goes back to the heap's
  // top.
  char* const begin = static_cast<char*>(::sbrk(0));
  void* volatile piece = std::malloc(std::size_t{1} << 20);
  std::free(piece);
  const char* const end = static_cast<char*>(::sbrk(0));
  mallopt(M_TOP_PAD, static_cast<int>(std::size_t{16} << 20));
  const std::uintptr_t beyond = reinterpret_cast<std::uintptr_t>(begin) % huge_page;
  char* const first = begin + (beyond == 0 ? 0 : huge_page - beyond);
  if (first < end)
    ::madvise(first, static_cast<std::size_t>(end - first) / huge_page * huge_page, MADV_HUGEPAGE);
}

#else

void use_huge_pages() {}

#endif

namespace {

/// The lowest limit of the group and those that it is in, less what they use. No limit: the largest number.
std::uint64_t left_to_control_group() {
  std::uint64_t left = UINT64_MAX;
  std::string group;  // "0::/user.slice"
  std::ifstream groups("/proc/self/cgroup");
  while (std::getline(groups, group) && !group.starts_with("0::")) group.clear();
  if (group.empty()) return left;
  for (std::string path = group.substr(3);; path.erase(path.rfind('/'))) {
    const std::string directory = "/sys/fs/cgroup" + path;
    std::uint64_t most = 0, used = 0;
    if (std::ifstream(directory + "/memory.max") >> most &&
        std::ifstream(directory + "/memory.current") >> used)
      left = std::min(left, most > used ? most - used : 0);
    if (path.find('/') == std::string::npos) return left;
  }
}

}  // namespace

std::uint64_t available_memory() {
  std::ifstream information("/proc/meminfo");
  std::string name, unit;
  for (std::uint64_t kilobytes = 0; information >> name >> kilobytes; std::getline(information, unit)) {
    if (name == "MemAvailable:") return std::min(kilobytes * 1024, left_to_control_group());
  }
  return 0;
}

}  // namespace dbtool
