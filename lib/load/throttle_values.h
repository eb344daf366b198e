#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "load/reader.h"
#include "load/scalar.h"
#include "load/throttle.h"

namespace dbtool::load {

// What a value may be; nullopt when a text is none.
std::optional<std::chrono::milliseconds> positive_duration(std::string_view text);
std::optional<std::int64_t> positive_size(std::string_view text);
std::optional<std::int64_t> positive_count(std::string_view text);
std::optional<double> positive_number(std::string_view text);

inline constexpr const char* duration_advice = "write a time as 20ms, 30s or 5min";
inline constexpr const char* size_advice = "write a size as 200MB or 10GB";

/// Reads single values of the throttle and of windows, and complains about each that is none.
class ThrottleValues {
 public:
  ThrottleValues(const Reader& reader, const SettingsTexts& texts) : reader_(reader), texts_(texts) {}

  static bool is_off(const Entry& entry) {
    return entry.value.kind == Node::Kind::scalar && entry.value.text == "off";
  }

  /// A value that may be written without quotes though it looks like a number; complains when `parse` gives
  /// nothing.
  template <typename Value>
  std::optional<Value> value(const Entry& entry, std::optional<Value> (*parse)(std::string_view),
                             const std::string& advice) const {
    const Node& node = entry.value;
    const bool number = node.kind == Node::Kind::scalar && node.plain && describe_plain(node.text) != "text";
    const auto text = number ? std::optional(node.text) : texts_.text(node, entry.key);
    if (!text) return std::nullopt;
    auto result = parse(*text);
    if (!result)
      reader_.complain(node, fmt::format("`{}` is `{}`; {}", shorten(entry.key), shorten(*text), advice));
    return result;
  }

  /// The same of a signal that can be switched off.
  template <typename Value>
  void limit(const Node& root, const char* key, std::optional<Value>& setting,
             std::optional<Value> (*parse)(std::string_view), const std::string& advice) const {
    const Entry* entry = root.find(key);
    if (entry == nullptr) return;
    setting = is_off(*entry) ? std::nullopt : value(*entry, parse, advice + ", or off");
  }

  /// The value of a key that must be there.
  template <typename Value>
  void must(const Entry& owner, const char* key, Value& setting,
            std::optional<Value> (*parse)(std::string_view), const std::string& advice) const {
    if (const Entry* entry = owner.value.find(key)) {
      setting = value(*entry, parse, advice).value_or(setting);
    } else {
      reader_.complain(owner, fmt::format("`{}` of `{}` is missing; {}", key, owner.key, advice));
    }
  }

  /// `query` of `owner`, which is `what` in a complaint.
  std::string query(const Node& owner, const std::string& what) const;
  /// `every` of `owner`; never more often than the throttle looks.
  std::chrono::milliseconds interval(const Node& owner, std::chrono::milliseconds usual) const;
  std::vector<std::string> names(const Node& owner, const char* key) const;
  std::optional<HoursSettings> hours(const Entry& entry) const;
  std::optional<std::string> text(const Entry& entry) const { return texts_.text(entry.value, entry.key); }

  const Reader& reader() const { return reader_; }
  const SettingsTexts& texts() const { return texts_; }

 private:
  const Reader& reader_;
  const SettingsTexts& texts_;
};

}  // namespace dbtool::load
