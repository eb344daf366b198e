#include <fmt/format.h>

#include "base/error.h"
#include "base/size.h"
#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

double first_number(const pg::Result& result) {
  if (result.rows() == 0 || result.columns() == 0)
    throw Error(ExitCode::failed, "the query gives no row; it must give one number");
  return result.number(0, 0);
}

}  // namespace

Signal watch_probe(const ProbeSettings& settings) {
  Signal::Alone way;
  way.query = settings.query;
  way.judge = [limit = settings.limit](const pg::Result&, std::chrono::microseconds took) {
    const std::chrono::duration<double, std::milli> time = took;
    const std::string text = fmt::format("probe takes {:.3g} ms (limit {} ms)", time.count(), limit.count());
    return measured({"probe", Signal::load_of(time.count(), static_cast<double>(limit.count())), text},
                    {time.count() / 1000, to_seconds(limit), "seconds"});
  };
  return {"probe", std::move(way)};
}

Signal watch_disk(const DiskSettings& settings) {
  Signal::Alone way;
  way.query = settings.query;
  way.judge = [least = settings.least](const pg::Result& result, std::chrono::microseconds) {
    const double free = first_number(result);
    const std::string text = fmt::format("free disk {} (least {})",
                                         size_to_text(static_cast<std::int64_t>(free)), size_to_text(least));
    const auto limit = static_cast<double>(least);
    return measured({"disk", Signal::load_of_least(free, limit), text, true}, {free, limit, "bytes"});
  };
  Signal signal{"disk", std::move(way)};
  signal.hard = true;
  signal.every = settings.every;
  return signal;
}

Signal watch_number(const NumberSettings& settings) {
  Signal::Alone way;
  way.query = settings.query;
  way.judge = [settings](const pg::Result& result, std::chrono::microseconds) {
    const double value = first_number(result);
    const double load = settings.least ? Signal::load_of_least(value, settings.bound)
                                       : Signal::load_of(value, settings.bound);
    const std::string text = fmt::format("{} {:.6g} ({} {:.6g})", settings.name, value,
                                         settings.least ? "least" : "limit", settings.bound);
    return measured({settings.name, load, text, settings.pause}, {value, settings.bound, ""});
  };
  Signal signal{settings.name, std::move(way)};
  signal.hard = settings.pause;
  signal.every = settings.every;
  return signal;
}

}  // namespace dbtool::online
