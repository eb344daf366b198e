#include "window/zone.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace dbtool::window {

namespace {

using namespace std::chrono;
namespace fs = std::filesystem;

/// Big-endian numbers from the front of a text; `good` says whether there were enough.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view text) : rest_(text) {}

  std::int64_t number(std::size_t bytes) {
    const std::string_view text = take(bytes);
    std::uint64_t value = !text.empty() && (static_cast<unsigned char>(text[0]) & 0x80U) != 0 ? ~0ULL : 0;
    for (const char c : text) value = value << 8U | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
  }
  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      good = false;
      return {};
    }
    const std::string_view text = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return text;
  }
  std::string_view rest() const { return rest_; }
  bool good = true;

 private:
  std::string_view rest_;
};

/// How much there is of what in one of the two blocks of a file.
struct ZoneCounts {
  std::size_t indicators_ut, indicators_standard, leaps, changes, types, characters;

  static ZoneCounts read(BinaryReader& reader) {
    const auto count = [&] { return static_cast<std::size_t>(reader.number(4) & 0xffffffff); };
    ZoneCounts counts{};
    for (std::size_t* member : {&counts.indicators_ut, &counts.indicators_standard, &counts.leaps,
                                &counts.changes, &counts.types, &counts.characters})
      *member = count();
    return counts;
  }
  std::size_t bytes(std::size_t time) const {
    return changes * (time + 1) + types * 6 + characters + leaps * (time + 4) + indicators_standard +
           indicators_ut;
  }
};

struct ZoneChange {
  Seconds at;
  Offset offset;
};

fs::path zone_directory() {
  const char* directory = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

/// Every name of the database, for a hint.
std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path top = zone_directory();
  for (fs::recursive_directory_iterator at(top, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().lexically_relative(top).generic_string();
    if (name == "posix" || name == "right") {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(error) && at->path().extension().empty()) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace

Zone fixed_zone(seconds east, std::string name) {
  return [offset = Offset{east, std::move(name)}](Seconds) { return offset; };
}

Zone local_zone() {
  return [](Seconds moment) {
    const std::time_t time = moment.time_since_epoch().count();
    std::tm shown{};
    if (localtime_r(&time, &shown) == nullptr) return Offset{{}, "UTC"};
    return Offset{seconds(shown.tm_gmtoff), shown.tm_zone == nullptr ? "" : shown.tm_zone};
  };
}

std::optional<Zone> parse_zone(std::string_view contents) {
  constexpr std::size_t header_rest = 15;
  BinaryReader reader(contents);
  if (reader.take(4) != "TZif") return std::nullopt;
  // The first block has times of four bytes, for programs of old; the second one, which has eight, is wanted.
  const std::string_view version = reader.take(1);
  if (version.empty() || version[0] < '2') return std::nullopt;
  reader.take(header_rest);
  reader.take(ZoneCounts::read(reader).bytes(4));
  if (reader.take(4) != "TZif") return std::nullopt;
  reader.take(1 + header_rest);
  const ZoneCounts counts = ZoneCounts::read(reader);
  if (!reader.good || counts.types == 0 || counts.bytes(8) > reader.rest().size()) return std::nullopt;

  std::vector<ZoneChange> changes(counts.changes);
  for (ZoneChange& change : changes) change.at = Seconds(seconds(reader.number(8)));
  std::vector<std::size_t> kinds(counts.changes);
  for (std::size_t& kind : kinds) kind = static_cast<unsigned char>(reader.take(1)[0]);
  struct Type {
    std::int64_t east;
    std::size_t name;
  };
  std::vector<Type> types(counts.types);
  for (Type& type : types) {
    type.east = reader.number(4);
    reader.take(1);
    type.name = static_cast<unsigned char>(reader.take(1)[0]);
  }
  const std::string_view names = reader.take(counts.characters);
  std::vector<Offset> offsets;
  for (const Type& type : types) {
    if (type.name >= names.size()) return std::nullopt;
    const std::string_view name = names.substr(type.name);
    offsets.push_back({seconds(type.east), std::string(name.substr(0, name.find('\0')))});
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (kinds[i] >= offsets.size()) return std::nullopt;
    changes[i].offset = offsets[kinds[i]];
  }
  reader.take(counts.leaps * 12 + counts.indicators_standard + counts.indicators_ut);
  const std::string_view footer = trim(reader.rest());
  const std::optional<Zone> rule = footer.empty() ? std::nullopt : parse_zone_rule(footer);

  // The rule holds after the last change of the list.
  return [changes = std::move(changes), first = offsets.front(), rule](Seconds moment) {
    const auto after = std::upper_bound(changes.begin(), changes.end(), moment,
                                        [](Seconds m, const ZoneChange& change) { return m < change.at; });
    if (after == changes.end() && rule) return (*rule)(moment);
    return after == changes.begin() ? first : (after - 1)->offset;
  };
}

Zone named_zone(const std::string& name) {
  const bool plain = !name.empty() && name.find("..") == std::string::npos && !name.starts_with('/');
  const fs::path file = zone_directory() / name;
  std::error_code error;
  if (plain && fs::is_regular_file(file, error)) {
    if (const auto zone = parse_zone(read_file(file))) return *zone;
  }
  if (!fs::is_directory(zone_directory(), error)) {
    throw Error(ExitCode::usage,
                "time zone " + name + ": there is no time zone database in " + zone_directory().string(),
                "give the offset, as in 08:00+02:00, or install tzdata");
  }
  throw Error(ExitCode::usage, "there is no time zone " + name + did_you_mean(name, zone_names()),
              "a zone is a name such as Europe/Berlin, an offset such as +02:00, or Z for UTC");
}

std::vector<Seconds> moments_of(const Zone& zone, local_seconds shown) {
  // No offset is more than a day, and clocks are not changed twice within two.
  const Seconds guess(shown.time_since_epoch());
  const Seconds before = guess - days(1);
  const Seconds after = guess + days(1);
  std::vector<Seconds> moments;
  for (const seconds east : {zone(before).east, zone(after).east}) {
    const Seconds moment = guess - east;
    if (zone(moment).east == east && (moments.empty() || moments.front() != moment))
      moments.push_back(moment);
  }
  std::sort(moments.begin(), moments.end());
  if (!moments.empty()) return moments;
  // Put forward over it: the change is the first moment with the later offset.
  Seconds from = before;
  Seconds to = after;
  const seconds old = zone(before).east;
  while (to - from > seconds(1)) {
    const Seconds middle = from + (to - from) / 2;
    (zone(middle).east == old ? from : to) = middle;
  }
  return {to};
}

}  // namespace dbtool::window
