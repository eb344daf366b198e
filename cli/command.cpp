#include "cli/command.h"

#include <charconv>

namespace dbtool::cli {

std::optional<std::string> Arguments::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::texts(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::optional<int> Arguments::integer(const std::string& name) const {
  const std::vector<int> numbers = integers(name);
  return numbers.empty() ? std::nullopt : std::optional(numbers.back());
}

std::vector<int> Arguments::integers(const std::string& name) const {
  std::vector<int> numbers;
  for (const std::string& value : texts(name)) {
    int number = 0;
    const char* const end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || rest != end || number < 0) {
      const bool is_operand = name.front() >= 'A' && name.front() <= 'Z';
      throw Error(ExitCode::usage,
                  (is_operand ? name : "--" + name) + ": '" + value + "' is not a whole number ≥ 0",
                  "give a number, e.g. 20");
    }
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace dbtool::cli
