#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbtool {

/// What is known about an object: texts by name, sorted by name, each name once. A vector, because a catalog
/// holds tens of thousands of these with three or four facts each.
class Facts {
 public:
  using value_type = std::pair<std::string, std::string>;
  using const_iterator = std::vector<value_type>::const_iterator;

  Facts() = default;
  Facts(std::initializer_list<std::pair<std::string_view, std::string_view>> facts) {
    facts_.reserve(facts.size());
    for (const auto& [name, value] : facts) emplace(name, value);
  }

  const_iterator begin() const { return facts_.begin(); }
  const_iterator end() const { return facts_.end(); }
  bool empty() const { return facts_.empty(); }
  std::size_t size() const { return facts_.size(); }
  void reserve(std::size_t count) { facts_.reserve(count); }

  const_iterator find(std::string_view name) const {
    const auto place = lower_bound(name);
    return place != end() && place->first == name ? place : end();
  }
  bool contains(std::string_view name) const { return find(name) != end(); }
  /// Throws when there is none of that name.
  const std::string& at(std::string_view name) const {
    const auto place = find(name);
    if (place == end()) throw std::out_of_range("no fact " + std::string(name));
    return place->second;
  }
  /// "" when there is none of that name.
  std::string_view text(std::string_view name) const {
    const auto place = find(name);
    return place == end() ? std::string_view() : std::string_view(place->second);
  }

  /// Adds a fact; one that is there already stays as it is. Cheap for names that come in order.
  void emplace(std::string_view name, std::string_view value) {
    const auto place = facts_.empty() || facts_.back().first < name ? end() : lower_bound(name);
    if (place == end() || place->first != name) facts_.emplace(place, name, value);
  }
  /// Sets a fact, whether it is there or not.
  void set(std::string_view name, std::string_view value) {
    const auto place = lower_bound(name);
    if (place != end() && place->first == name) {
      facts_[static_cast<std::size_t>(place - begin())].second = value;
    } else {
      facts_.emplace(place, name, value);
    }
  }
  void erase(std::string_view name) {
    if (const auto place = find(name); place != end()) facts_.erase(place);
  }

  bool operator==(const Facts&) const = default;

 private:
  const_iterator lower_bound(std::string_view name) const {
    return std::lower_bound(begin(), end(), name, [](const value_type& fact, std::string_view other) {
      return fact.first < other;
    });
  }

  std::vector<value_type> facts_;
};

}  // namespace dbtool
