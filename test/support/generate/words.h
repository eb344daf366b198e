#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "test/support/generate/random.h"

namespace dbtool::generate {

/// `count` words of what people write about builds.
std::string sentence(Random& random, int count);
/// Mostly "" ; once in 25 times something that keys, JSON and SQL must all escape: quotes, percent signs,
/// backslashes,
/// `~` and `!`, letters and pictures beyond ASCII.
std::string_view odd_suffix(Random& random);
/// Mostly "" ; once in `n` times text of more than two chunks, with characters of several bytes on their
/// borders.
std::string oversize(Random& random, std::int64_t n);
std::string worker_pool(std::int64_t number);  ///< provisioner/worker type
std::string_view provisioner(std::int64_t number);
std::string worker_type(std::int64_t number);
std::string scope(Random& random);
/// A JSON array of `count` scopes.
std::string scopes_json(Random& random, int count);
/// A moment of the year 2020, in milliseconds since 1970, rarely on a whole second.
std::int64_t moment(Random& random);

inline constexpr std::int64_t minute = 60'000;
inline constexpr std::int64_t hour = 60 * minute;
inline constexpr std::int64_t day = 24 * hour;
/// The date that stands for "none".
inline constexpr std::int64_t no_date = 0;

}  // namespace dbtool::generate
