#include "catalog/snapshot_line.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.h"

namespace dbtool::catalog {
namespace {

/// Bytes that stand for themselves in a string: all but control characters, the quote and the backslash.
constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < plain.size(); ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

void append_utf8(std::uint32_t code, std::string& text) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto follow = [&](unsigned shift) { add(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0U | (code >> 6U));
    follow(0);
  } else if (code < 0x10000) {
    add(0xE0U | (code >> 12U));
    follow(6);
    follow(0);
  } else {
    add(0xF0U | (code >> 18U));
    follow(12);
    follow(6);
    follow(0);
  }
}

class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) {}

  SnapshotLine read() {
    SnapshotLine result;
    Object& object = result.object;
    bool has_facts = false;
    std::string key;
    each_member([&] {
      string(key);
      expect(':');
      if (key == "kind") {
        once(object.kind.empty());
        string(object.kind);
      } else if (key == "identity") {
        once(object.identity.empty());
        string(object.identity);
      } else if (key == "part_of") {
        once(object.part_of.empty());
        parts(object);
      } else if (key == "facts") {
        once(!has_facts);
        has_facts = true;
        facts(object);
      } else if (key == "gone") {
        once(!result.gone);
        result.gone = truth();
      } else {
        fail("an unknown key");
      }
    });
    blanks();
    if (at_ != line_.size()) fail("something behind the end");
    if (object.kind.empty()) fail("no kind");
    if (object.identity.empty()) fail("no identity");
    return result;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw DamagedLine(fmt::format("{} at byte {}", what, at_ + 1));
  }

  void once(bool is_first) const {
    if (!is_first) fail("a key twice");
  }

  void blanks() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
  }

  /// Whether `c` comes next; it is then passed.
  bool accept(char c) {
    blanks();
    if (at_ == line_.size() || line_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(fmt::format("no '{}'", c));
  }

  template <typename Element>
  void each(char open, char close, const Element& element) {
    expect(open);
    if (accept(close)) return;
    do element();
    while (accept(','));
    expect(close);
  }

  template <typename Member>
  void each_member(const Member& member) {
    each('{', '}', member);
  }

  void parts(Object& object) {
    each('[', ']', [&] { string(object.part_of.emplace_back()); });
  }

  void facts(Object& object) {
    each_member([&] {
      string(name_);
      expect(':');
      string(value_);
      const std::size_t before = object.facts.size();
      object.facts.emplace(name_, value_);
      once(object.facts.size() > before);
    });
  }

  bool truth() {
    blanks();
    for (const auto& [word, value] : {std::pair{std::string_view("true"), true}, {"false", false}}) {
      if (!line_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    fail("neither true nor false");
  }

  void string(std::string& text) {
    expect('"');
    text.clear();
    unsigned all_bits = 0;
    const std::size_t begin = at_;
    for (;;) {
      const std::size_t from = at_;
      while (at_ < line_.size()) {
        const auto byte = static_cast<unsigned char>(line_[at_]);
        if (!plain_bytes[byte]) break;
        all_bits |= byte;
        ++at_;
      }
      text.append(line_.substr(from, at_ - from));
      if (at_ == line_.size()) fail("a string without an end");
      const char c = line_[at_];
      if (c != '"' && c != '\\') fail("a control character");
      ++at_;
      if (c == '"') break;
      escape(text);
    }
    if ((all_bits & 0x80U) != 0 && !is_utf8(line_.substr(begin, at_ - begin))) fail("no UTF-8 in the string");
  }

  void escape(std::string& text) {
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = at_ < line_.size() ? line_[at_] : '\0';
    const std::size_t known = letters.find(letter);
    if (letter != 'u' && known == std::string_view::npos) fail("an unknown escape");
    ++at_;
    if (letter != 'u') {
      text += meanings[known];
      return;
    }
    std::uint32_t code = hexadecimal();
    if (code >= 0xDC00 && code < 0xE000) fail("half a character");
    if (code >= 0xD800 && code < 0xDC00) {
      if (!line_.substr(at_).starts_with("\\u")) fail("half a character");
      at_ += 2;
      const std::uint32_t low = hexadecimal();
      if (low < 0xDC00 || low >= 0xE000) fail("half a character");
      code = 0x10000U + ((code - 0xD800U) << 10U) + (low - 0xDC00U);
    }
    append_utf8(code, text);
  }

  std::uint32_t hexadecimal() {
    std::uint32_t code = 0;
    for (int digit = 0; digit < 4; ++digit, ++at_) {
      static constexpr std::string_view digits = "0123456789abcdef";
      const char c = at_ < line_.size() ? line_[at_] : '\0';
      const std::size_t value = digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
      if (value == std::string_view::npos) fail("no hexadecimal digit");
      code = code * 16 + static_cast<std::uint32_t>(value);
    }
    return code;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::string name_, value_;  ///< of the fact that is read; kept for their memory
};

}  // namespace

SnapshotLine read_snapshot_line(std::string_view line) {
  return LineReader(line).read();
}

}  // namespace dbtool::catalog
