#include "load/scalar_place.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "load/yaml.h"
#include "model/place.h"

namespace dbtool::load {

namespace {

/// Offset behind the tag and anchor that may stand before a value, on its line.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '!' || text[at] == '&')) {
    at = std::min(text.find_first_of(" \n", at), text.size());
    at = std::min(text.find_first_not_of(' ', at), text.size());
  }
  return at;
}

/// Columns by which the file indents the lines of a `|` block whose content begins at `body`; -1: cannot be
/// told.
int block_indent(std::string_view text, std::size_t body, std::string_view value) {
  while (value.starts_with('\n')) {
    body = text.find('\n', body);
    if (body == std::string_view::npos) return -1;
    ++body;
    value.remove_prefix(1);
  }
  const auto spaces = [](std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
  };
  const std::size_t in_file = spaces(text.substr(std::min(body, text.size())));
  const std::size_t in_value = spaces(value);
  return in_file < in_value ? -1 : static_cast<int>(in_file - in_value);
}

}  // namespace

bool check_quote(const Document& document, std::size_t offset, Complaints& complaints) {
  const std::string_view text = document.text;
  const std::size_t begin = skip_properties(text, offset);
  const char quote = begin < text.size() ? text[begin] : ' ';
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || text.substr(at + 1, 1) != "'") return true;
      ++at;
    }
  }
  complaints.add(SqlText{std::string(text.substr(0, begin)), {document.file, 1, 1}, 0}.locate(begin),
                 "the quote that begins here is never closed; close it, or see whether the file was cut off");
  return false;
}

SqlText Document::sql(const Node& scalar) const {
  SqlText sql{scalar.text, place(scalar.position), -1};
  const std::size_t at = skip_properties(text, scalar.offset);
  if (at >= text.size()) return sql;
  if (!scalar.plain && text[at] == '|') {
    const std::size_t header_end = text.find('\n', at);
    if (header_end == std::string::npos) return sql;
    sql.indent = block_indent(text, header_end + 1, scalar.text);
    if (sql.indent >= 0) sql.place = {file, scalar.position.line + 1, sql.indent + 1};
    return sql;
  }
  // A value of one line that stands in the file as it is: behind its quote, or without one.
  const std::size_t quote = scalar.plain ? 0 : 1;
  const bool literal = text.compare(at + quote, scalar.text.size(), scalar.text) == 0;
  if (literal && scalar.text.find('\n') == std::string::npos) {
    sql.indent = 0;
    sql.place.column += static_cast<int>(at - scalar.offset + quote);
  }
  return sql;
}

}  // namespace dbtool::load
