#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace dbtool::rows {

/// A stream of numbers that is the same on every machine (splitmix64), one of its own for every name.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view name) : state_(seed * 0x9e3779b97f4a7c15ULL) {
    for (const char c : name) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
  }
  /// 0 … limit − 1; limit is at least 1.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
  /// True once in n times.
  bool once_in(std::size_t n) { return below(n) == 0; }
  template <typename Value>
  const Value& pick(const std::vector<Value>& values) {
    return values[below(values.size())];
  }
  template <typename Value>
  void shuffle(std::vector<Value>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace dbtool::rows
