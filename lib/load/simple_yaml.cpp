#include "load/simple_yaml.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace dbtool::load {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
/// Words that the parser takes for no value at all.
bool means_null(std::string_view word) {
  return word == "null" || word == "Null" || word == "NULL";
}

/// Characters that mean nothing to YAML inside a plain value: of ASCII all but those of `key: ` and ` #`.
bool is_harmless(char c) {
  return c >= ' ' && c <= '~' && c != ':' && c != '#';
}

/// Values that begin a block of lines, kept as they are.
bool begins_block(std::string_view value) {
  return value == "|" || value == "|-";
}
bool is_empty_text(std::string_view value) {
  return value == "''" || value == "\"\"";
}

/// `key:` or `key: value`, without its indentation.
struct Line {
  std::string_view key;
  std::string_view value;    ///< empty: none
  std::size_t value_at = 0;  ///< offset in the line
};

std::optional<Line> parse_line(std::string_view text) {
  const std::size_t last = text.find_last_not_of(' ');
  text = text.substr(0, last + 1);
  std::size_t end = 0;
  while (end < text.size() &&
         (is_letter(text[end]) || (end > 0 && (is_digit(text[end]) || text[end] == '-'))))
    ++end;
  if (end == 0 || end >= text.size() || text[end] != ':') return std::nullopt;
  Line line{text.substr(0, end), {}, 0};
  if (means_null(line.key)) return std::nullopt;
  if (end + 1 == text.size()) return line;
  line.value_at = text.find_first_not_of(' ', end + 1);
  if (line.value_at == end + 1 || line.value_at == std::string_view::npos) return std::nullopt;
  line.value = text.substr(line.value_at);
  if (line.value == "{}" || begins_block(line.value) || is_empty_text(line.value)) return line;
  if ((!is_letter(line.value[0]) && !is_digit(line.value[0])) || means_null(line.value)) return std::nullopt;
  for (const char c : line.value) {
    if (!is_harmless(c)) return std::nullopt;
  }
  return line;
}

/// Builds the tree line by line; the stack holds the mappings that are open.
class SimpleReader {
 public:
  std::optional<Node> read(std::string_view text) {
    std::size_t begin = 0;
    for (int number = 1; begin < text.size(); ++number) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      if (!read_line(text.substr(begin, end - begin), begin, number)) return std::nullopt;
      begin = end + 1;
      if (!block_) continue;
      const std::optional<Block> block = read_block(text.substr(std::min(begin, text.size())));
      if (!block) return std::nullopt;
      open_.back().node.entries.back().value.text = block->text;
      begin += block->size;
      number += block->lines;
    }
    if (open_.empty() || wants_value_) return std::nullopt;
    while (open_.size() > 1) {
      if (!close()) return std::nullopt;
    }
    if (has_key_twice(open_.front().node)) return std::nullopt;
    return std::move(open_.front().node);
  }

 private:
  struct Mapping {
    std::size_t indent = 0;
    Node node;
  };

  struct Block {
    std::string text;
    std::size_t size = 0;  ///< in the file
    int lines = 0;
  };

  /// The lines of a block behind its `|`; nullopt for forms that are rarer than they are worth.
  std::optional<Block> read_block(std::string_view rest) {
    const bool keeps_end = *std::exchange(block_, std::nullopt) == "|";
    const std::size_t indent = rest.find_first_not_of(' ');
    if (indent == std::string_view::npos || indent <= open_.back().indent || rest[indent] == '\n')
      return std::nullopt;
    Block block;
    std::size_t empty_lines = 0;
    while (block.size < rest.size()) {
      const std::size_t end = rest.find('\n', block.size);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view line = rest.substr(block.size, end - block.size);
      const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
      const bool empty = spaces == line.size();
      if (!empty && spaces < indent) break;
      if (empty && spaces > indent) return std::nullopt;
      if (!empty && line[indent] == '\t') return std::nullopt;
      if (empty) {
        ++empty_lines;
      } else {
        block.text.append(empty_lines, '\n').append(line.substr(indent)).push_back('\n');
        empty_lines = 0;
      }
      block.size = end + 1;
      ++block.lines;
    }
    if (!keeps_end) block.text.pop_back();
    return block;
  }

  bool read_line(std::string_view text, std::size_t offset, int number) {
    const std::size_t indent = text.find_first_not_of(' ');
    if (indent == std::string_view::npos || text[indent] == '#') return true;
    const std::optional<Line> line = parse_line(text.substr(indent));
    if (!line || !find_mapping(indent, offset, number)) return false;
    Entry& entry = open_.back().node.entries.emplace_back();
    entry.key = line->key;
    entry.position = {number, static_cast<int>(indent) + 1};
    wants_value_ = line->value.empty();
    if (wants_value_) return true;
    entry.value.kind = line->value == "{}" ? Node::Kind::mapping : Node::Kind::scalar;
    entry.value.position = {number, static_cast<int>(indent + line->value_at) + 1};
    entry.value.offset = offset + indent + line->value_at;
    if (begins_block(line->value)) {
      block_ = line->value;
    } else if (entry.value.kind == Node::Kind::scalar && !is_empty_text(line->value)) {
      entry.value.plain = true;
      entry.value.text = line->value;
    }
    return true;
  }

  /// Makes the mapping of this indentation the innermost one. False where the file does not say which one it
  /// is.
  bool find_mapping(std::size_t indent, std::size_t offset, int number) {
    if (open_.empty() || (wants_value_ && indent > open_.back().indent)) {
      if (open_.empty() && indent > 0) return false;
      Mapping mapping;
      mapping.indent = indent;
      mapping.node.kind = Node::Kind::mapping;
      mapping.node.position = {number, static_cast<int>(indent) + 1};
      mapping.node.offset = offset + indent;
      open_.push_back(std::move(mapping));
      return true;
    }
    if (wants_value_) return false;
    while (open_.size() > 1 && indent < open_.back().indent) {
      if (!close()) return false;
    }
    return indent == open_.back().indent;
  }

  /// False where the innermost mapping has a key twice.
  bool close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    if (has_key_twice(node)) return false;
    open_.back().node.entries.back().value = std::move(node);
    return true;
  }

  bool has_key_twice(const Node& node) {
    keys_.clear();
    for (const Entry& entry : node.entries) keys_.push_back(entry.key);
    std::sort(keys_.begin(), keys_.end());
    return std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end();
  }

  std::vector<Mapping> open_;
  std::vector<std::string_view> keys_;     ///< of the mapping that is closed; kept for its memory
  bool wants_value_ = false;               ///< the last line was `key:`
  std::optional<std::string_view> block_;  ///< the last line was `key: |`, or `|-`
};

}  // namespace

std::optional<Node> read_simple_mapping(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.find('\r') != std::string_view::npos || text.find(byte_order_mark) != std::string_view::npos)
    return std::nullopt;
  return SimpleReader().read(text);
}

}  // namespace dbtool::load
