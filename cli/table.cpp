#include "cli/table.h"

#include <algorithm>

#include "base/text.h"

namespace dbtool::cli {

namespace {

bool is_number(const std::string& cell) {
  return cell.empty() || (cell.find_first_not_of("0123456789.-") == std::string::npos && cell != "-");
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& right) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += "  ";
    const std::string blanks(widths[i] - count_characters(cells[i]), ' ');
    if (right[i]) out += blanks;
    out += cells[i];
    if (!right[i] && i + 1 < cells.size()) out += blanks;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

}  // namespace

std::string render_table(const std::vector<std::string>& headers,
                         const std::vector<std::vector<std::string>>& rows, const Style& style) {
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows) {
    cells.emplace_back();
    for (const std::string& cell : row) cells.back().push_back(one_line(cell));
  }
  for (std::size_t i = 0; i < headers.size(); ++i) {
    widths.push_back(count_characters(headers[i]));
    right.push_back(!rows.empty());
    for (const auto& row : cells) {
      widths[i] = std::max(widths[i], count_characters(row[i]));
      if (!is_number(row[i])) right[i] = false;
    }
  }
  std::string out = style.bold(line(headers, widths, right)) + "\n";
  for (const auto& row : cells) out += line(row, widths, right) + "\n";
  return out;
}

}  // namespace dbtool::cli
