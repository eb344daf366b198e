#include "docs/write.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/file.h"

namespace dbtool::docs {

namespace fs = std::filesystem;

namespace {

/// Within so many bytes from its beginning a page says that dbtool wrote it.
constexpr std::size_t marker_reach = 500;

bool is_ours(std::string_view contents) {
  return contents.substr(0, marker_reach).find(marker) != std::string_view::npos;
}

/// Something that a page cannot take the place of, and that is not read: a directory, a device.
bool is_readable_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

PageState state_of(const WantedPage& wanted) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(wanted.path, ignored);
  if (status.type() == fs::file_type::not_found || status.type() == fs::file_type::none)
    return PageState::missing;
  if (!is_readable_file(wanted.path)) return PageState::foreign;
  const std::string contents = read_file(wanted.path);
  if (contents == wanted.contents) return PageState::current;
  return is_ours(contents) ? PageState::stale : PageState::foreign;
}

/// Pages that dbtool wrote in one directory; links are somebody's own.
void find_ours(const fs::path& directory, std::set<fs::path>& found) {
  std::error_code failure;
  if (fs::symlink_status(directory, failure).type() != fs::file_type::directory) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".md" && extension != ".html" && extension != ".svg") continue;
    if (entry.symlink_status().type() != fs::file_type::regular) continue;
    if (is_ours(read_file(entry.path()))) found.insert(entry.path());
  }
}

void make_directory(const fs::path& directory) {
  if (directory.empty()) return;
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure)
    throw Error(ExitCode::usage, "cannot make the directory " + directory.string() + ": " + failure.message(),
                "name another with --output DIR");
}

}  // namespace

const char* to_text(PageState state) {
  switch (state) {
    case PageState::current:
      return "current";
    case PageState::missing:
      return "missing";
    case PageState::stale:
      return "stale";
    case PageState::surplus:
      return "surplus";
    case PageState::foreign:
      break;
  }
  return "foreign";
}

std::vector<PageOnDisk> compare(const fs::path& directory, const std::vector<WantedPage>& wanted) try {
  std::vector<PageOnDisk> pages;
  std::set<fs::path> ours;
  std::set<fs::path> kept;  // the same file may be named in two ways
  if (!directory.empty()) {
    find_ours(directory, ours);
    find_ours(directory / "tables", ours);
    find_ours(directory / "functions", ours);
  }
  for (const WantedPage& one : wanted) {
    pages.push_back({one.path, state_of(one)});
    kept.insert(fs::weakly_canonical(one.path));
  }
  for (const fs::path& path : ours)
    if (!kept.contains(fs::weakly_canonical(path))) pages.push_back({path, PageState::surplus});
  std::sort(pages.begin(), pages.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return pages;
} catch (const fs::filesystem_error& error) {
  throw Error(ExitCode::failed, "cannot read " + error.path1().string() + ": " + error.code().message());
}

void carry_out(const std::vector<PageOnDisk>& pages, const std::vector<WantedPage>& wanted) {
  std::map<fs::path, const WantedPage*> by_path;
  for (const WantedPage& one : wanted) by_path[one.path] = &one;
  for (const PageOnDisk& page : pages) {
    if (page.state == PageState::foreign)
      throw Error(ExitCode::usage, page.path.string() + " is in the way: it is not a page that dbtool wrote",
                  "move it away, or name another place with --output DIR");
  }
  for (const PageOnDisk& page : pages)
    if (page.state == PageState::missing) make_directory(page.path.parent_path());
  for (const PageOnDisk& page : pages) {
    if (page.state == PageState::missing || page.state == PageState::stale)
      write_file_atomically(page.path, by_path.at(page.path)->contents);
  }
  for (const PageOnDisk& page : pages) {
    if (page.state != PageState::surplus) continue;
    std::error_code failure;
    fs::remove(page.path, failure);
    if (failure)
      throw Error(ExitCode::failed, "cannot remove " + page.path.string() + ": " + failure.message());
  }
}

}  // namespace dbtool::docs
