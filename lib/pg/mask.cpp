#include <algorithm>
#include <array>
#include <cctype>

#include "pg/connection.h"

namespace dbtool::pg {

namespace {

constexpr std::string_view stars = "***";

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return folded;
}

/// Keys of libpq whose values are secrets: password, sslpassword, oauth_client_secret, scram_client_key …
bool is_secret_key(std::string_view key) {
  const std::string folded = lower(key);
  constexpr std::array<std::string_view, 5> words{"password", "passwd", "secret", "scram", "pwd"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

/// Masks values of secret keys in `key=value` lists, whether they are separated by `&` or by white space.
/// A value reaches up to the next `key=` or the end, so that a forgotten quote or an unescaped space leaks
/// nothing.
std::string mask_values(std::string_view text) {
  std::string masked;
  std::size_t copied = 0;
  for (std::size_t at = 0; (at = text.find('=', at)) != std::string_view::npos; ++at) {
    std::size_t key_end = at;
    while (key_end > copied && std::isspace(static_cast<unsigned char>(text[key_end - 1])) != 0) --key_end;
    std::size_t key = key_end;
    while (key > copied && is_key_character(text[key - 1])) --key;
    if (!is_secret_key(text.substr(key, key_end - key))) continue;
    std::size_t value = at + 1;
    while (value < text.size() && std::isspace(static_cast<unsigned char>(text[value])) != 0) ++value;
    std::size_t end = value;
    if (end < text.size() && text[end] == '\'') {
      for (++end; end < text.size() && text[end] != '\''; ++end) {
        if (text[end] == '\\') ++end;
      }
      end = std::min(end, text.size());
    }
    // Up to the separator before the next `key=`.
    const std::size_t equals = text.find('=', end);
    std::size_t next = text.size();
    if (equals != std::string_view::npos) {
      next = equals;
      while (next > end && std::isspace(static_cast<unsigned char>(text[next - 1])) != 0) --next;
      while (next > end && is_key_character(text[next - 1])) --next;
      while (next > end && std::isspace(static_cast<unsigned char>(text[next - 1])) != 0) --next;
      if (next > end && text[next - 1] == '&') --next;
      if (next == end && end == value) next = text.size();  // the '=' is part of the value itself
    }
    masked += text.substr(copied, value - copied);
    masked += stars;
    copied = at = next;
    if (at >= text.size()) break;
  }
  if (copied < text.size()) masked += text.substr(copied);
  return masked;
}

/// Length of `scheme:` and the slashes behind it; 0 when the text does not begin like a URL.
std::size_t scheme_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0) ++at;
  const bool scheme = at + 1 < text.size() && text[at] == ':' && text[at + 1] == '/';
  if (!scheme && !text.starts_with("//")) return 0;
  if (scheme) ++at;
  while (at < text.size() && text[at] == '/') ++at;
  return at;
}

}  // namespace

std::string mask_password(std::string_view url) {
  const std::size_t start = scheme_length(url);
  const std::size_t first_at = url.find('@', start);
  const std::size_t first_equals = url.find('=');
  // `host=a user=b@c` is a keyword string; anything with an @ before the first = may hold `user:password@`.
  const bool credentials = first_at != std::string_view::npos && (start > 0 || first_at < first_equals);
  if (!credentials) return mask_values(url);
  // The last @ ends the password, whatever unescaped characters stand in it, unless it stands in the
  // parameters of a URL whose user part is already complete.
  const std::size_t parameters = std::min(url.find('?', first_at), url.size());
  const std::size_t last_at = url.substr(0, parameters).rfind('@');
  const std::size_t colon = url.find(':', start);
  if (colon == std::string_view::npos || colon > last_at) return mask_values(url);
  return std::string(url.substr(0, colon + 1)) + std::string(stars) + mask_values(url.substr(last_at));
}

}  // namespace dbtool::pg
