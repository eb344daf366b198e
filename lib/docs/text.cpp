#include "docs/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "report/markup.h"

namespace dbtool::docs {

namespace {

constexpr std::size_t longest_name = 120;
constexpr std::size_t digest_digits = 12;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
}

/// One line: line breaks, tabs and runs of blanks are one blank.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (blank && line.ends_with(' ')) continue;
    if (blank)
      line += ' ';
    else if (is_control(c))
      line += replacement;
    else
      line += c;
  }
  return line;
}

/// Like one_line, but blanks at the ends stay: they part a piece from its neighbours.
std::string piece_line(std::string_view text) {
  const bool before = !text.empty() && trim(text.substr(0, 1)).empty();
  const bool after = text.size() > 1 && trim(text.substr(text.size() - 1)).empty();
  const std::string line = one_line(text);
  if (line.empty()) return before ? " " : "";
  return (before ? " " : "") + line + (after ? " " : "");
}

/// What Markdown would read at the beginning of a line as a list, a heading or a rule.
bool begins_block(std::string_view line) {
  if (line.empty()) return false;
  if (std::string_view("-+=#:").find(line.front()) != std::string_view::npos) return true;
  const auto end = line.find_first_not_of("0123456789");
  return end != 0 && end != std::string_view::npos && (line[end] == '.' || line[end] == ')');
}

std::string markdown_escaped(std::string_view line) {
  constexpr std::string_view special = "\\`*_{}[]<>|~&!$";
  std::string out;
  for (const char c : line) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// The longest run of backticks in a text.
std::size_t longest_ticks(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

Piece code(std::string_view text) {
  return {std::string(text), true};
}

Piece plain(std::string_view text) {
  return {std::string(text), false};
}

Phrase phrase_of(std::string_view description) {
  Phrase phrase;
  description = trim(description);
  while (!description.empty()) {
    const std::size_t open = description.find('`');
    const std::size_t close = open == std::string_view::npos ? open : description.find('`', open + 1);
    if (close == std::string_view::npos || close == open + 1) {
      phrase.push_back(plain(description));
      break;
    }
    if (open > 0) phrase.push_back(plain(description.substr(0, open)));
    phrase.push_back(code(description.substr(open + 1, close - open - 1)));
    description.remove_prefix(close + 1);
  }
  return phrase;
}

Phrase code_list(const std::vector<std::string>& names) {
  Phrase phrase;
  for (const std::string& name : names) {
    if (!phrase.empty()) phrase.push_back(plain(", "));
    phrase.push_back(code(name));
  }
  return phrase;
}

std::string html(std::string_view text) {
  return report::escape_markup(text);
}

std::string html(const Phrase& phrase) {
  std::string out;
  for (const Piece& piece : phrase) {
    const std::string text = html(std::string_view(piece_line(piece.text)));
    out += piece.code ? "<code>" + text + "</code>" : text;
  }
  return out;
}

std::string markdown(std::string_view text) {
  const std::string line = one_line(text);
  std::string escaped = markdown_escaped(line);
  if (!begins_block(line)) return escaped;
  // Of "1." it is the dot that makes a list, of the others the first character.
  const auto at = line.find_first_not_of("0123456789");
  return escaped.substr(0, at) + "\\" + escaped.substr(at);
}

std::string markdown(const Phrase& phrase, Where where) {
  std::string out;
  for (const Piece& piece : phrase) {
    if (piece.code)
      out += markdown_code(piece.text, where);
    else
      out += out.empty() ? markdown(std::string_view(piece.text)) + (piece.text.ends_with(' ') ? " " : "")
                         : markdown_escaped(piece_line(piece.text));
  }
  return out;
}

std::string markdown_code(std::string_view text, Where where) {
  std::string line = one_line(text);
  if (line.empty()) return "";
  const std::string ticks(longest_ticks(line) + 1, '`');
  if (line.front() == '`' || line.back() == '`') line = " " + line + " ";
  if (where == Where::cell) {
    std::string barred;
    for (const char c : line) barred += c == '|' ? std::string("\\|") : std::string(1, c);
    line = std::move(barred);
  }
  return ticks + line + ticks;
}

std::string markdown_fence(std::string_view text, std::string_view language) {
  std::string body;
  for (const char c : text) body += is_control(c) ? std::string(replacement) : std::string(1, c);
  const std::string ticks(std::max<std::size_t>(3, longest_ticks(body) + 1), '`');
  return fmt::format("{}{}\n{}{}{}\n", ticks, language, body, body.ends_with('\n') ? "" : "\n", ticks);
}

std::string plain_name(std::string_view name) {
  if (name.empty()) return "=";
  std::string out;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    const bool inner_dot = c == '.' && at > 0 && at + 1 < name.size();
    if (letter || inner_dot)
      out += c;
    else
      out += fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  if (out.size() <= longest_name) return out;
  return out.substr(0, longest_name - digest_digits - 1) + "=" + sha256_hex(name).substr(0, digest_digits);
}

std::string anchor(std::string_view kind, std::string_view name) {
  return std::string(kind) + "-" + plain_name(name);
}

std::string count(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace dbtool::docs
