#include "load/release_name.h"

#include <charconv>

namespace dbtool::load {

std::optional<ReleaseName> parse_release_name(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  ReleaseName name;
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    name.is_final = false;
    name.preview = std::string(text.substr(dash + 1));
    if (name.preview.empty()) return std::nullopt;
    text = text.substr(0, dash);
  }
  while (true) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    name.numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return name;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
}

}  // namespace dbtool::load
