#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "docs/page.h"

namespace dbtool::docs {

/// How a page on disk stands to what it should be.
enum class PageState {
  current,  ///< as it should be
  missing,
  stale,    ///< dbtool wrote it, and it says something else
  surplus,  ///< dbtool wrote it, of something that is no more
  foreign,  ///< somebody else's file is where the page belongs
};

const char* to_text(PageState state);

struct PageOnDisk {
  std::filesystem::path path;
  PageState state{};
};

/// Where pages belong, and what they should say.
struct WantedPage {
  std::filesystem::path path;
  std::string contents;
};

/// Compares what should be with what is: `directory`, tables/ and functions/ in it are searched for pages
/// that dbtool wrote and that are no longer wanted (not where `directory` is empty). Sorted by path. Throws
/// Error(failed) for what cannot be read.
std::vector<PageOnDisk> compare(const std::filesystem::path& directory,
                                const std::vector<WantedPage>& wanted);

/// Makes it so, file by file, each replaced as a whole: writes those that are missing or stale, removes the
/// surplus ones. `pages` is what `compare` said. Throws Error(usage), before anything is changed, for a
/// foreign file and for a directory that cannot be made; Error(failed) for a file that cannot be written.
void carry_out(const std::vector<PageOnDisk>& pages, const std::vector<WantedPage>& wanted);

}  // namespace dbtool::docs
