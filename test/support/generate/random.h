#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbtool::generate {

/// Splitmix64: small, fast, the same on every machine (what <random>'s distributions are not).
class Random {
 public:
  explicit constexpr Random(std::uint64_t state) : state_(state) {}
  /// A stream of its own for row `row` of the thing called `salt`, so that any row can be made, or referred
  /// to, without making those before it.
  constexpr Random(std::uint64_t seed, std::string_view salt, std::int64_t row) : state_(seed) {
    for (const char c : salt) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    state_ += static_cast<std::uint64_t>(row) * 0xd1342543de82ef95ULL;
    next();
  }

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// 0 … limit − 1.
  constexpr std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
  }
  /// True once in `n` times.
  constexpr bool once_in(std::int64_t n) { return below(n) == 0; }

  template <typename Value, std::size_t Count>
  constexpr const Value& pick(const Value (&values)[Count]) {
    return values[static_cast<std::size_t>(below(static_cast<std::int64_t>(Count)))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace dbtool::generate
