#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::test {

/// What a text in Prometheus' exposition format says.
struct Exposed {
  using Labels = std::map<std::string, std::string>;
  struct Sample {
    Labels labels;
    double value = 0;
  };
  std::map<std::string, std::vector<Sample>> families;

  bool has(const std::string& name) const { return families.contains(name); }
  /// The value of the only sample that has these labels, and maybe more. Throws std::runtime_error when there
  /// is none, or are several.
  double value(const std::string& name, const Labels& labels = {}) const;
};

/// Reads it more strictly than Prometheus does: each family begins with HELP and TYPE, stands together and
/// has samples, counters and no others end in _total, no sample comes twice, no line is empty, and the last
/// one ends in a line break. Throws std::runtime_error that says what is wrong.
Exposed parse_exposition(std::string_view text);

}  // namespace dbtool::test
