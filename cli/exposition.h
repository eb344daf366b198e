#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbtool::cli {

/// A text in Prometheus' exposition format: families of samples, each with what it means and its type.
class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  enum class Type { gauge, counter };

  /// A family begins. `name` holds letters, digits and _, and ends in _total for a counter; base units.
  void family(std::string_view name, Type type, std::string_view help);
  /// A sample of the family begun last.
  void sample(const Labels& labels, double value);
  /// A family of one sample.
  void gauge(std::string_view name, std::string_view help, const Labels& labels, double value);
  void counter(std::string_view name, std::string_view help, const Labels& labels, double value);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string name_;
};

}  // namespace dbtool::cli
