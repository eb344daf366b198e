#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::window {

using Seconds = std::chrono::sys_seconds;

/// What clocks in a zone show at a moment.
struct Offset {
  std::chrono::seconds east{};  ///< of UTC
  std::string name;             ///< "CET"
};

/// The clocks of a place: what they show at each moment.
using Zone = std::function<Offset(Seconds)>;

Zone fixed_zone(std::chrono::seconds east, std::string name);
/// The machine's own: $TZ, else /etc/localtime.
Zone local_zone();
/// A zone by its name in the time zone database ($TZDIR, else /usr/share/zoneinfo), "Europe/Berlin". Neither
/// the environment nor the C library's zone is touched, both of which all threads share. Throws Error (usage)
/// that names the nearest one.
Zone named_zone(const std::string& name);
/// From the contents of a file of that database (TZif, RFC 8536); nullopt: it is none.
std::optional<Zone> parse_zone(std::string_view contents);
/// From a rule as in $TZ: "CET-1CEST,M3.5.0,M10.5.0/3"; nullopt: it is none.
std::optional<Zone> parse_zone_rule(std::string_view rule);

/// The moments at which clocks in `zone` show so many seconds since 1970-01-01: one, two where they are put
/// back over it. None where they are put forward over it: then the first moment after that.
std::vector<Seconds> moments_of(const Zone& zone, std::chrono::local_seconds shown);

}  // namespace dbtool::window
