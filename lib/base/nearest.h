#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool {

/// The word of `known` that was most likely meant by `word`; nullopt when none is near (more than a third of its
/// letters differ). Swapped neighbours count as one difference.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean NEAREST?", or "" when no word of `known` is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace dbtool
