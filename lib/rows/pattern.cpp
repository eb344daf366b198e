#include <algorithm>
#include <charconv>

#include "rows/hints.h"

namespace dbtool::rows {
namespace {

/// Walks a regular expression and writes a text that it matches.
class Sampler {
 public:
  Sampler(std::string_view pattern, unsigned choice) : rest_(pattern), choice_(choice) {}

  std::string run() {
    while (!rest_.empty() && rest_.front() == '*') rest_.remove_prefix(1);  // directors: ***:
    return alternatives();
  }

 private:
  std::string alternatives() {
    std::vector<std::string> choices{sequence()};
    while (take('|')) choices.push_back(sequence());
    return choices[next() % choices.size()];
  }

  std::string sequence() {
    std::string text;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') text += repeated();
    return text;
  }

  /// An atom as often as its quantifier wants; each time sampled anew.
  std::string repeated() {
    const std::string_view start = rest_;
    std::string text = atom();
    const std::string_view behind_atom = rest_;
    const auto [fewest, most] = quantifier();
    const std::string_view behind = rest_;
    const std::size_t spread = std::min<std::size_t>(most - fewest, 12);
    const std::size_t times = fewest + (spread == 0 ? 0 : next() % (spread + 1));
    if (times == 0) return "";
    const std::string_view one = start.substr(0, start.size() - behind_atom.size());
    for (std::size_t i = 1; i < times && text.size() < longest; ++i) {
      rest_ = one;
      text += atom();
    }
    rest_ = behind;
    return text;
  }

  std::pair<std::size_t, std::size_t> quantifier() {
    std::size_t fewest = 1, most = 1;
    if (take('*')) {
      fewest = 0, most = 8;
    } else if (take('+')) {
      most = 8;
    } else if (take('?')) {
      fewest = 0;
    } else if (!rest_.empty() && rest_.front() == '{') {
      const std::size_t end = std::min(rest_.find('}'), rest_.size() - 1);
      const std::string_view bounds = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
      std::from_chars(bounds.data(), bounds.data() + bounds.size(), fewest);
      most = fewest;
      const std::size_t comma = bounds.find(',');
      if (comma != std::string_view::npos) {
        most = fewest + 8;
        std::from_chars(bounds.data() + comma + 1, bounds.data() + bounds.size(), most);
      }
      most = std::max(fewest, most);
    } else {
      return {1, 1};
    }
    take('?');  // the shortest match matches as well
    return {fewest, most};
  }

  std::string atom() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case '^':
      case '$':
        return "";
      case '.':
        return {one_of("abcxyz019_-")};
      case '(': {
        if (take('?')) rest_.remove_prefix(std::min<std::size_t>(rest_.size(), 1));  // (?:
        std::string text = alternatives();
        take(')');
        return text;
      }
      case '[':
        return {one_of(bracket())};
      case '\\':
        return escape();
      default:
        return {c};
    }
  }

  static constexpr std::string_view digits = "0123456789";
  static constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
  static constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  static std::string words() { return std::string(lower) + std::string(upper) + std::string(digits) + "_"; }

  std::string escape() {
    if (rest_.empty()) return "";
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'd':
        return {one_of(digits)};
      case 'w':
        return {one_of(words())};
      case 's':
        return " ";
      case 'D':
      case 'S':
        return {one_of(lower)};
      case 'W':
        return "-";
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case 'A':
      case 'Z':
      case 'm':
      case 'M':
      case 'y':
        return "";
      default:
        return {c};
    }
  }

  /// The characters of […], behind its opening.
  std::string bracket() {
    const bool negated = take('^');
    std::string set;
    for (bool first = true; !rest_.empty() && (first || rest_.front() != ']'); first = false) {
      if (rest_.substr(0, 2) == "[:") {
        set += named();
        continue;
      }
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        c = rest_.front();
        rest_.remove_prefix(1);
        if (c == 'd') set += digits;
        if (c == 'w') set += words();
        if (c == 's') set += " ";
        if (c == 'd' || c == 'w' || c == 's') continue;
      }
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        for (int each = static_cast<unsigned char>(c); each <= static_cast<unsigned char>(rest_[1]); ++each)
          set += static_cast<char>(each);
        rest_.remove_prefix(2);
      } else {
        set += c;
      }
    }
    take(']');
    return negated ? others(set) : set;
  }

  std::string named() {
    const std::size_t end = std::min(rest_.find(":]"), rest_.size() - 2);
    const std::string_view name = rest_.substr(2, end - 2);
    rest_.remove_prefix(end + 2);
    if (name == "digit" || name == "xdigit") return std::string(digits);
    if (name == "upper") return std::string(upper);
    if (name == "space" || name == "blank") return " ";
    if (name == "punct") return ".,-";
    return std::string(lower);
  }

  static std::string others(const std::string& set) {
    std::string result;
    for (const char c : words() + " .,-") {
      if (set.find(c) == std::string::npos) result += c;
    }
    return result;
  }

  char one_of(std::string_view set) { return set.empty() ? 'a' : set[next() % set.size()]; }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::size_t next() {
    choice_ = choice_ * 1664525U + 1013904223U;
    return choice_ >> 16U;
  }

  static constexpr std::size_t longest = 1000;
  std::string_view rest_;
  unsigned choice_;
};

}  // namespace

std::string sample_pattern(std::string_view pattern, unsigned choice) {
  return Sampler(pattern, choice).run();
}

std::string sample_like(std::string_view pattern, unsigned choice) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '%') {
      text += choice % 2 == 0 ? "" : std::string(choice, 'a');
    } else if (c == '_') {
      text += static_cast<char>('a' + choice % 26);
    } else if (c == '\\' && i + 1 < pattern.size()) {
      text += pattern[++i];
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace dbtool::rows
