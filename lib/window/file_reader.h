#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace dbtool::window {

/// A value of a JSON file, and where in it that stands. What is not as asked for throws Error(usage) that
/// names file and place: "rehearsals/20.json: steps[3].seconds: a number is expected, not a string".
class FileReader {
 public:
  using Json = nlohmann::ordered_json;

  FileReader(std::string file, const Json& value, std::string place = {});

  FileReader key(const std::string& name) const;
  /// nullopt: it is not there, or null.
  std::optional<FileReader> optional_key(const std::string& name) const;
  void each(const std::function<void(const FileReader&)>& take) const;
  std::size_t size() const { return value_.size(); }
  FileReader at(std::size_t index) const;

  std::string text() const;
  double number() const;
  double positive() const;  ///< or 0
  std::int64_t integer() const;
  int count() const;  ///< not negative
  std::int64_t bytes() const;
  bool boolean() const;
  std::map<std::string, std::string> texts() const;
  std::map<std::string, double> numbers() const;

  [[noreturn]] void fail(const std::string& what) const;

 private:
  [[noreturn]] void expect(const std::string& what) const;

  std::string file_;
  const Json& value_;
  std::string place_;
};

}  // namespace dbtool::window
