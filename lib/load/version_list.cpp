#include "load/version_list.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "load/scalar.h"

namespace dbtool::load {

namespace fs = std::filesystem;

namespace {

bool ends_like_version(std::string_view name) {
  return !name.starts_with('.') && (name.ends_with(".yml") || name.ends_with(".yaml"));
}

/// Complains about versions that are missing before `found`, which follows `last`.
void check_gap(int last, const VersionName& found, const std::string& shown, Complaints& complaints) {
  const int first = last + 1;
  if (found.number == first) return;
  const std::string missing = found.number == first + 1
                                  ? fmt::format("version {} is", first)
                                  : fmt::format("versions {} to {} are", first, found.number - 1);
  complaints.add(
      {shown + "/" + found.name, 0, 0},
      fmt::format("{} missing before this file; add what is missing, or renumber: versions go from 1 up "
                  "without a gap",
                  missing));
}

}  // namespace

std::optional<int> parse_version_name(std::string_view name) {
  if (!ends_like_version(name)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.rfind('.'));
  constexpr std::size_t longest = 9;
  const bool all_digits =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits.empty() || !all_digits) return std::nullopt;
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  if (digits.size() - first > longest) return std::nullopt;
  return static_cast<int>(*parse_integer(digits.substr(first)));
}

std::vector<VersionName> list_versions(const fs::path& folder, const std::string& shown,
                                       Complaints& complaints) {
  std::vector<VersionName> versions;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    complaints.add({shown, 0, 0}, "there is no such folder; run in a project directory, or name one with -C");
    return versions;
  }
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (!ends_like_version(name) || it->is_directory(ignored)) continue;
    const auto number = parse_version_name(name);
    if (number && *number >= 1) {
      versions.push_back({*number, name});
    } else {
      complaints.add(
          {shown + "/" + shorten(name), 0, 0},
          "not the name of a version file; name it by its number, as 0001.yml, or move it elsewhere");
    }
  }
  if (error)
    complaints.add({shown, 0, 0}, fmt::format("cannot be read: {}; make it readable", error.message()));
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.number, a.name) < std::tie(b.number, b.name);
  });
  if (versions.empty() && complaints.empty()) {
    complaints.add({shown, 0, 0}, "there is no version file; write the first, as 0001.yml");
  }
  int last = 0;
  std::vector<VersionName> unique;
  for (VersionName& version : versions) {
    if (!unique.empty() && version.number == last) {
      complaints.add(
          {shown + "/" + version.name, 0, 0},
          fmt::format("version {} is also {}; remove or renumber one of them", last, unique.back().name));
      continue;
    }
    check_gap(last, version, shown, complaints);
    last = version.number;
    unique.push_back(std::move(version));
  }
  return unique;
}

}  // namespace dbtool::load
