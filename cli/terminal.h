#pragma once

#include <string>
#include <string_view>

namespace dbtool::cli {

bool is_terminal(int descriptor);

/// Columns of the terminal; 80 where it cannot be known.
int terminal_width(int descriptor);

/// Whether to colour what goes to `descriptor`: "always", "never", or "auto": a terminal, NO_COLOR unset or
/// empty, and TERM not "dumb".
bool use_color(const std::string& choice, int descriptor);

/// Text in the few colours that the program uses; plain when colours are off.
class Style {
 public:
  explicit Style(bool color) : color_(color) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("1;31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }

 private:
  std::string wrap(const char* code, std::string_view text) const;
  bool color_;
};

/// `text` on one line and without control characters, so that what a server sends cannot play with the
/// terminal.
std::string one_line(std::string_view text);

/// The same, but line breaks and tabs stay.
std::string printable(std::string_view text);

/// At most `columns` characters of `text`, the last one "…" when something was left out. UTF-8 is not cut.
std::string shorten(std::string_view text, std::size_t columns);

/// `text` filled with blanks to `columns` characters.
std::string pad(std::string_view text, std::size_t columns);

}  // namespace dbtool::cli
