#include "report/presentable.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace dbtool::report {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view stars = "***";

/// Masks what stands between `scheme://user:` and the last @ of a URL.
std::string mask_urls(std::string_view text) {
  std::string masked;
  std::size_t copied = 0;
  for (std::size_t at = 0; (at = text.find("://", at)) != std::string_view::npos;) {
    at += 3;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n'\"", at), text.size());
    const std::string_view url = text.substr(at, end - at);
    const std::size_t colon = url.find(':');
    const std::size_t last_at = url.rfind('@');
    const bool secret =
        colon != std::string_view::npos && last_at != std::string_view::npos && colon < last_at;
    if (secret) {
      masked.append(text.substr(copied, at + colon + 1 - copied)).append(stars);
      copied = at + last_at;
    }
    at = end;
  }
  return masked.append(text.substr(copied));
}

/// End of a value that begins at `start`: behind its closing quote, or before what separates values.
std::size_t end_of_value(std::string_view text, std::size_t start) {
  if (start < text.size() && (text[start] == '\'' || text[start] == '"')) {
    const std::size_t close = text.find(text[start], start + 1);
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  return std::min(text.find_first_of(" \t\r\n,;&)}]'\"", start), text.size());
}

/// Masks the value of `word=VALUE` and of `word 'VALUE'`, whatever stands before the word.
std::string mask_values(std::string_view text, std::string_view word) {
  const std::string folded = to_lower(text);
  std::string masked;
  std::size_t copied = 0;
  for (std::size_t at = 0; (at = folded.find(word, at)) != std::string::npos;) {
    at += word.size();
    std::size_t value = std::min(text.find_first_not_of(blanks, at), text.size());
    if (at < text.size() && text[at] == '=')
      value = at + 1;
    else if (value == at || value == text.size() || text[value] != '\'')
      continue;
    masked.append(text.substr(copied, value - copied)).append(stars);
    copied = at = end_of_value(text, value);
  }
  return masked.append(text.substr(copied));
}

/// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text) {
  std::string replaced;
  for (std::size_t bad = 0; (bad = find_invalid_utf8(text)) != std::string_view::npos;) {
    replaced += text.substr(0, bad);
    replaced += "\xEF\xBF\xBD";
    text.remove_prefix(bad + 1);
  }
  return replaced += text;
}

auto key(const Finding& finding) {
  return std::tie(finding.place, finding.version, finding.object, finding.rule, finding.fact,
                  finding.severity, finding.expected, finding.found, finding.message, finding.advice);
}

}  // namespace

std::string without_secrets(std::string_view text) {
  return mask_values(mask_values(mask_urls(text), "password"), "passwd");
}

std::string presentable_text(std::string_view text) {
  return replace_invalid_utf8(without_secrets(text));
}

std::vector<Finding> presentable(const std::vector<Finding>& findings) {
  std::vector<Finding> shown = findings;
  for (Finding& finding : shown)
    for (std::string* text :
         {&finding.rule, &finding.object, &finding.fact, &finding.expected, &finding.found, &finding.advice,
          &finding.message, &finding.rewrite, &finding.place.file})
      *text = presentable_text(*text);
  std::stable_sort(shown.begin(), shown.end(),
                   [](const Finding& a, const Finding& b) { return key(a) < key(b); });
  return shown;
}

}  // namespace dbtool::report
