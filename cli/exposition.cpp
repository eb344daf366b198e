#include "cli/exposition.h"

#include <fmt/format.h>

#include <cmath>

namespace dbtool::cli {

namespace {

std::string escaped(std::string_view text, bool quotes) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);  // the shortest that is read back as the same
}

}  // namespace

void Exposition::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(help, false), name,
                       type == Type::counter ? "counter" : "gauge");
}

void Exposition::sample(const Labels& labels, double value) {
  text_ += name_;
  for (std::size_t i = 0; i < labels.size(); ++i)
    text_ += fmt::format("{}{}=\"{}\"", i == 0 ? "{" : ",", labels[i].first, escaped(labels[i].second, true));
  text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", number(value));
}

void Exposition::gauge(std::string_view name, std::string_view help, const Labels& labels, double value) {
  family(name, Type::gauge, help);
  sample(labels, value);
}

void Exposition::counter(std::string_view name, std::string_view help, const Labels& labels, double value) {
  family(name, Type::counter, help);
  sample(labels, value);
}

}  // namespace dbtool::cli
