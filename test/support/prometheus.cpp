#include "test/support/prometheus.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace dbtool::test {

namespace {

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Exposed read() {
    if (text_.empty() || text_.back() != '\n') fail("the last line has no end");
    while (!text_.empty()) {
      line_ = text_.substr(0, text_.find('\n'));
      text_.remove_prefix(line_.size() + 1);
      if (line_.starts_with("# HELP ")) {
        begin_family();
      } else if (line_.starts_with('#')) {
        fail("neither HELP nor the TYPE behind it");
      } else {
        read_sample();
      }
    }
    end_family();
    return exposed_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + ": " + std::string(line_));
  }

  std::string_view take_until(char end) {
    const std::size_t at = line_.find(end);
    if (at == std::string_view::npos) fail(std::string("no ") + end);
    const std::string_view part = line_.substr(0, at);
    line_.remove_prefix(at + 1);
    return part;
  }

  void begin_family() {
    end_family();
    line_.remove_prefix(7);
    name_ = take_until(' ');
    if (!is_name(name_)) fail("no name: " + name_);
    if (line_.empty()) fail("no help for " + name_);
    check_escapes(line_, false);
    if (exposed_.has(name_)) fail("a family comes twice: " + name_);
    line_ = text_.substr(0, text_.find('\n'));
    if (line_ == "# TYPE " + name_ + " counter") {
      if (!name_.ends_with("_total")) fail("a counter's name does not end in _total");
    } else if (line_ != "# TYPE " + name_ + " gauge" || name_.ends_with("_total")) {
      fail("no right TYPE behind HELP");
    }
    text_.remove_prefix(line_.size() + 1);
    exposed_.families[name_];
  }

  void end_family() const {
    if (!name_.empty() && exposed_.families.at(name_).empty())
      throw std::runtime_error("a family without samples: " + name_);
  }

  void check_escapes(std::string_view text, bool quotes) const {
    for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 2)) {
      const char next = at + 1 < text.size() ? text[at + 1] : '\0';
      if (next != '\\' && next != 'n' && !(quotes && next == '"')) fail("an unknown escape");
    }
  }

  std::string read_quoted() {
    if (!line_.starts_with('"')) fail("a label's value is not quoted");
    std::string value;
    for (std::size_t at = 1; at < line_.size(); ++at) {
      if (line_[at] == '"') {
        line_.remove_prefix(at + 1);
        return value;
      }
      if (line_[at] == '\\') {
        check_escapes(line_.substr(at, 2), true);
        ++at;
        value += line_[at] == 'n' ? '\n' : line_[at];
      } else {
        value += line_[at];
      }
    }
    fail("a label's value does not end");
  }

  void read_sample() {
    const std::size_t end = line_.find_first_of("{ ");
    if (end == std::string_view::npos) fail("no sample");
    if (line_.substr(0, end) != name_) fail("a sample outside of its family");
    line_.remove_prefix(end);
    Exposed::Sample sample;
    if (line_.starts_with('{')) {
      do {
        line_.remove_prefix(1);
        const std::string label(take_until('='));
        if (!is_name(label)) fail("no label: " + label);
        if (!sample.labels.emplace(label, read_quoted()).second) fail("a label comes twice: " + label);
      } while (line_.starts_with(','));
      if (!line_.starts_with('}')) fail("labels do not end");
      line_.remove_prefix(1);
    }
    if (!line_.starts_with(' ')) fail("no value");
    line_.remove_prefix(1);
    const auto [rest, error] = std::from_chars(line_.data(), line_.data() + line_.size(), sample.value);
    if (error != std::errc{} || rest != line_.data() + line_.size()) fail("no number");
    auto& samples = exposed_.families[name_];
    if (std::any_of(samples.begin(), samples.end(),
                    [&](const Exposed::Sample& other) { return other.labels == sample.labels; }))
      fail("a sample comes twice");
    samples.push_back(std::move(sample));
  }

  std::string_view text_, line_;
  std::string name_;
  Exposed exposed_;
};

}  // namespace

double Exposed::value(const std::string& name, const Labels& labels) const {
  const auto family = families.find(name);
  const Sample* found = nullptr;
  if (family != families.end()) {
    for (const Sample& sample : family->second) {
      if (!std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
            const auto at = sample.labels.find(label.first);
            return at != sample.labels.end() && at->second == label.second;
          }))
        continue;
      if (found != nullptr) throw std::runtime_error("several samples of " + name);
      found = &sample;
    }
  }
  if (found == nullptr) throw std::runtime_error("no sample of " + name);
  return found->value;
}

Exposed parse_exposition(std::string_view text) {
  return Reader(text).read();
}

}  // namespace dbtool::test
