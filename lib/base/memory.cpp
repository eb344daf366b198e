#include "base/memory.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

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

/// What the control groups of one kind say.
struct ControlGroups {
  std::string_view
      line;  ///< how the process's group of this kind begins in /proc/self/cgroup, after the number
  std::string root;
  std::string most, used;  ///< files of a group
};

/// The lowest limit of the group and those that it is in, less what they use. No limit: the largest number.
std::uint64_t left_to(const ControlGroups& kind, std::string path) {
  std::uint64_t left = UINT64_MAX;
  for (;; path.erase(path.rfind('/'))) {
    const std::string directory = kind.root + path + "/";
    std::uint64_t most = 0, used = 0;
    if (std::ifstream(directory + kind.most) >> most && std::ifstream(directory + kind.used) >> used)
      left = std::min(left, most > used ? most - used : 0);
    if (path.find('/') == std::string::npos) return left;
  }
}

/// By either version of control groups; a line is "0::/user.slice", or "4:memory:/user.slice" of the older.
std::uint64_t left_to_control_group() {
  const std::array kinds{
      ControlGroups{"::", "/sys/fs/cgroup", "memory.max", "memory.current"},
      ControlGroups{":memory:", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"}};
  std::uint64_t left = UINT64_MAX;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string group; std::getline(groups, group);) {
    const std::size_t number = group.find(':');
    for (const ControlGroups& kind : kinds) {
      if (number != std::string::npos && std::string_view(group).substr(number).starts_with(kind.line))
        left = std::min(left, left_to(kind, group.substr(number + kind.line.size())));
    }
  }
  return left;
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
