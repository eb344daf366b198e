#include "load/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace dbtool::load {

namespace {

/// A decimal fraction or exponent: 1.5, .5, 1e3, -2.0; also .inf and .nan.
bool is_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text == ".inf" || text == ".nan" || text == ".Inf" || text == ".NaN") return true;
  if (text.empty() || !std::any_of(text.begin(), text.end(), is_digit)) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 3> yes{"true", "True", "TRUE"};
  constexpr std::array<std::string_view, 3> no{"false", "False", "FALSE"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return std::nullopt;
}

std::string describe_plain(std::string_view text) {
  if (parse_boolean(text)) return "a boolean";
  if (parse_integer(text)) return "an integer";
  return is_number(text) ? "a number" : "text";
}

std::string shorten(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string shortened;
  for (const char c : text) {
    if (shortened.size() >= longest && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U)
      return shortened + "…";
    shortened += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
  }
  return shortened;
}

bool is_simple_name(std::string_view name) {
  constexpr std::size_t longest = 63;
  return !name.empty() && name.size() <= longest && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
}

}  // namespace dbtool::load
