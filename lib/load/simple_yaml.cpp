#include "load/simple_yaml.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace dbtool::load {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Words that the parser takes for no value at all.
bool means_null(std::string_view word) {
  return word == "null" || word == "Null" || word == "NULL";
}

/// Characters that mean nothing to YAML inside a plain value.
bool is_harmless(char c) {
  constexpr std::string_view others = " ,.()[]\"-+/";
  return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
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
  if (line.value == "{}") return line;
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
    }
    if (open_.empty() || wants_value_) return std::nullopt;
    while (open_.size() > 1) close();
    return std::move(open_.front().node);
  }

 private:
  struct Mapping {
    std::size_t indent = 0;
    Node node;
    std::unordered_set<std::string_view> keys;
  };

  bool read_line(std::string_view text, std::size_t offset, int number) {
    const std::size_t indent = text.find_first_not_of(' ');
    if (indent == std::string_view::npos || text[indent] == '#') return true;
    const std::optional<Line> line = parse_line(text.substr(indent));
    if (!line || !find_mapping(indent, offset, number)) return false;
    Mapping& mapping = open_.back();
    if (!mapping.keys.insert(line->key).second) return false;
    Entry& entry = mapping.node.entries.emplace_back();
    entry.key = line->key;
    entry.position = {number, static_cast<int>(indent) + 1};
    wants_value_ = line->value.empty();
    if (wants_value_) return true;
    entry.value.kind = line->value == "{}" ? Node::Kind::mapping : Node::Kind::scalar;
    entry.value.position = {number, static_cast<int>(indent + line->value_at) + 1};
    entry.value.offset = offset + indent + line->value_at;
    if (entry.value.kind == Node::Kind::scalar) {
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
    while (open_.size() > 1 && indent < open_.back().indent) close();
    return indent == open_.back().indent;
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    open_.back().node.entries.back().value = std::move(node);
  }

  std::vector<Mapping> open_;
  bool wants_value_ = false;  ///< the last line was `key:`
};

}  // namespace

std::optional<Node> read_simple_mapping(std::string_view text) {
  return SimpleReader().read(text);
}

}  // namespace dbtool::load
