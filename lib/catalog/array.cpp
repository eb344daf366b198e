#include "catalog/array.h"

namespace dbtool::catalog {

std::vector<std::string> parse_array(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2 || text.front() != '{' || text == "{}") return elements;
  std::string element;
  bool in_quotes = false;
  bool was_quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      element += text[++i];
    } else if (c == '"') {
      in_quotes = !in_quotes;
      was_quoted = true;
    } else if (!in_quotes && (c == ',' || c == '}')) {
      elements.push_back(!was_quoted && element == "NULL" ? std::string() : element);
      element.clear();
      was_quoted = false;
    } else {
      element += c;
    }
  }
  return elements;
}

}  // namespace dbtool::catalog
