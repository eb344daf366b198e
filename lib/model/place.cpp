#include "model/place.h"

#include <algorithm>

namespace dbtool {

std::string to_text(const Place& place) {
  std::string text = place.file;
  if (place.line > 0) text += ":" + std::to_string(place.line);
  if (place.line > 0 && place.column > 0) text += ":" + std::to_string(place.column);
  return text;
}

Place SqlText::locate(std::size_t offset) const {
  if (indent < 0) return place;
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  const auto lines = static_cast<int>(std::count(text.begin(), end, '\n'));
  const auto line_start = std::find(std::make_reverse_iterator(end), text.rend(), '\n').base();
  // Columns count characters, not bytes.
  const auto characters = static_cast<int>(std::count_if(
      line_start, end, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  Place found = place;
  found.line += lines;
  found.column = (lines == 0 ? place.column : indent + 1) + characters;
  return found;
}

std::string SqlText::line_at(std::size_t offset) const {
  if (indent < 0) return {};
  const std::size_t at = std::min(offset, text.size());
  const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  const std::size_t start = before == std::string::npos ? 0 : before + 1;
  const int indented = start == 0 ? place.column - 1 : indent;
  return std::string(static_cast<std::size_t>(std::max(indented, 0)), ' ') +
         text.substr(start, std::min(text.find('\n', start), text.size()) - start);
}

}  // namespace dbtool
