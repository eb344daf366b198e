#include "model/release.h"

#include <algorithm>
#include <cctype>

namespace dbtool {

std::optional<int> major_number(const std::string& release_name) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto first = std::find_if(release_name.begin(), release_name.end(), is_digit);
  const auto last = std::find_if_not(first, release_name.end(), is_digit);
  if (first == last || last - first > 9) return std::nullopt;
  return std::stoi(std::string(first, last));
}

std::vector<Release> releases_on(const std::vector<Release>& releases, int version, int support) {
  // The major release that brought the version: the first one that needs all of it, else the newest below.
  std::optional<int> brought_by;
  for (const Release& release : releases) {
    if (release.version > version) break;
    const bool first_of_its_version = release.version == version;
    brought_by = major_number(release.name);
    if (first_of_its_version) break;
  }
  std::vector<Release> running;
  for (const Release& release : releases) {
    if (release.version > version) continue;
    const std::optional<int> major = major_number(release.name);
    if (!brought_by || !major || *major >= *brought_by - support) running.push_back(release);
  }
  return running;
}

const Release* find_release(const std::vector<Release>& releases, const std::string& name) {
  for (const Release& release : releases) {
    if (release.name == name || release.name == "v" + name) return &release;
  }
  return nullptr;
}

std::string names_of(const std::vector<Release>& releases) {
  std::string names;
  for (const Release& release : releases) names += (names.empty() ? "" : ", ") + release.name;
  return names.empty() ? "none" : names;
}

}  // namespace dbtool
