#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace dbtool::cli {

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

int terminal_width(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool use_color(const std::string& choice, int descriptor) {
  if (choice == "always") return true;
  if (choice == "never") return false;
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* const term = std::getenv("TERM");
  if (term != nullptr && std::strcmp(term, "dumb") == 0) return false;
  return is_terminal(descriptor);
}

std::string Style::wrap(const char* code, std::string_view text) const {
  if (!color_ || text.empty()) return std::string(text);
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += is_control(c) ? ' ' : c;
  return std::string(trim(out));
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += is_control(c) && c != '\n' && c != '\t' ? ' ' : c;
  return out;
}

std::string shorten(std::string_view text, std::size_t columns) {
  if (count_characters(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::string out;
  std::size_t characters = 0;
  for (const char c : text) {
    if (begins_character(c) && ++characters == columns) break;
    out += c;
  }
  return out + "…";
}

std::string pad(std::string_view text, std::size_t columns) {
  const std::size_t have = count_characters(text);
  return std::string(text) + std::string(have < columns ? columns - have : 0, ' ');
}

}  // namespace dbtool::cli
