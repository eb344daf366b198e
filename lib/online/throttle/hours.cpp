#include "online/throttle/hours.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

using std::chrono::minutes;

std::string time_to_text(minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

Answer judge(const HoursSettings& settings, minutes time) {
  const bool allowed = allows(settings, time);
  const std::string text = fmt::format("{} the hours {} (it is {})", allowed ? "within" : "outside",
                                       describe(settings), time_to_text(time));
  return {{{"hours", allowed ? 0.0 : 1.0, text, true}}, {}};
}

// The server knows the rules of every time zone; the time is ours.
constexpr const char* zone_query = R"(
select (extract(hour from t) * 60 + extract(minute from t))::int
  from (select to_timestamp($1::float8) at time zone $2) as here(t))";

}  // namespace

bool allows(const HoursSettings& settings, minutes time) {
  return std::any_of(settings.allowed.begin(), settings.allowed.end(), [&](const Hours& hours) {
    const bool over_midnight = hours.from > hours.to;
    const bool begun = time >= hours.from;
    const bool not_ended = time < hours.to;
    return over_midnight ? begun || not_ended : begun && not_ended;
  });
}

minutes local_time(Clock::Wall wall) {
  const std::time_t time = std::chrono::system_clock::to_time_t(wall);
  std::tm here{};
  ::localtime_r(&time, &here);
  return std::chrono::hours(here.tm_hour) + minutes(here.tm_min);
}

std::string describe(const HoursSettings& settings) {
  std::string text;
  for (const Hours& hours : settings.allowed) {
    text += (text.empty() ? "" : ", ") + time_to_text(hours.from) + "-" + time_to_text(hours.to);
  }
  return settings.zone.empty() ? text : text + " " + settings.zone;
}

Signal watch_hours(const HoursSettings& settings) {
  Signal signal{"hours", Signal::Elsewhere{[settings](const Moment& moment) {
                  return judge(settings, local_time(moment.wall));
                }}};
  if (!settings.zone.empty()) {
    Signal::Together way;
    way.ask = [zone = settings.zone](const Moment& moment) {
      const std::chrono::duration<double> since_1970 = moment.wall.time_since_epoch();
      return pg::Statement{zone_query, {fmt::format("{:.0f}", std::floor(since_1970.count())), zone}};
    };
    way.judge = [settings](const pg::Result& result, const Moment&) {
      return judge(settings, minutes(result.integer(0, 0)));
    };
    signal.way = std::move(way);
  }
  signal.hard = true;
  return signal;
}

}  // namespace dbtool::online
