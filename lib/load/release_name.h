#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::load {

/// The name of a release, taken apart for ordering: "v34.0.0", "34.1", "v35.0.0-beta.2".
struct ReleaseName {
  std::vector<std::int64_t> numbers;
  bool is_final = true;  ///< nothing behind a `-`; a final release comes after its previews
  std::string preview;

  auto operator<=>(const ReleaseName&) const = default;
};

/// nullopt when the text is no name of a release.
std::optional<ReleaseName> parse_release_name(std::string_view text);

}  // namespace dbtool::load
