#include "window/file_reader.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/error.h"

namespace dbtool::window {

FileReader::FileReader(std::string file, const Json& value, std::string place)
    : file_(std::move(file)), value_(value), place_(std::move(place)) {}

void FileReader::fail(const std::string& what) const {
  throw Error(ExitCode::usage, fmt::format("{}: {}{}{}", file_, place_, place_.empty() ? "" : ": ", what),
              "make the file anew, or give another one");
}

void FileReader::expect(const std::string& what) const {
  fail(fmt::format("{} is expected, not {}", what,
                   value_.is_null() ? "null" : "this " + std::string(value_.type_name())));
}

std::optional<FileReader> FileReader::optional_key(const std::string& name) const {
  if (!value_.is_object()) expect("an object");
  const auto found = value_.find(name);
  if (found == value_.end() || found->is_null()) return std::nullopt;
  return FileReader(file_, *found, place_.empty() ? name : place_ + "." + name);
}

FileReader FileReader::key(const std::string& name) const {
  if (!value_.is_object()) expect("an object");
  const auto found = value_.find(name);
  if (found == value_.end()) fail(fmt::format("the key \"{}\" is missing", name));
  return {file_, *found, place_.empty() ? name : place_ + "." + name};
}

FileReader FileReader::at(std::size_t index) const {
  if (!value_.is_array()) expect("an array");
  if (index >= value_.size()) fail(fmt::format("{} elements are expected, not {}", index + 1, value_.size()));
  return {file_, value_[index], fmt::format("{}[{}]", place_, index)};
}

void FileReader::each(const std::function<void(const FileReader&)>& take) const {
  if (!value_.is_array()) expect("an array");
  for (std::size_t index = 0; index < value_.size(); ++index) take(at(index));
}

std::string FileReader::text() const {
  if (!value_.is_string()) expect("a string");
  return value_.get<std::string>();
}

double FileReader::number() const {
  if (!value_.is_number()) expect("a number");
  return value_.get<double>();
}

double FileReader::positive() const {
  const double value = number();
  if (value < 0) fail("must not be negative");
  return value;
}

std::int64_t FileReader::integer() const {
  const bool too_large =
      value_.is_number_unsigned() &&
      value_.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value_.is_number_integer() || too_large) expect("a whole number");
  return value_.get<std::int64_t>();
}

std::int64_t FileReader::bytes() const {
  const std::int64_t value = integer();
  if (value < 0) fail("must not be negative");
  return value;
}

int FileReader::count() const {
  const std::int64_t value = bytes();
  if (value > std::numeric_limits<int>::max()) fail("is too large");
  return static_cast<int>(value);
}

bool FileReader::boolean() const {
  if (!value_.is_boolean()) expect("true or false");
  return value_.get<bool>();
}

std::map<std::string, std::string> FileReader::texts() const {
  if (!value_.is_object()) expect("an object");
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : value_.items()) found.emplace(name, key(name).text());
  return found;
}

std::map<std::string, double> FileReader::numbers() const {
  if (!value_.is_object()) expect("an object");
  std::map<std::string, double> found;
  for (const auto& [name, value] : value_.items()) found.emplace(name, key(name).number());
  return found;
}

}  // namespace dbtool::window
