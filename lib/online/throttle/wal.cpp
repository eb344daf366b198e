#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/duration.h"
#include "base/size.h"
#include "online/throttle/rate.h"
#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

/// Long enough that a single batch does not show, short enough that the reaction is not late.
constexpr auto wal_window = 5s;

// The distance between forced checkpoints, as the server calculates it.
constexpr const char* checkpoint_query = R"(
select (pg_current_wal_insert_lsn() - '0/0')::bigint, (pg_current_wal_insert_lsn() - redo_lsn)::bigint,
       pg_size_bytes(current_setting('max_wal_size'))
         / (1 + current_setting('checkpoint_completion_target')::float8)
  from pg_control_checkpoint())";

}  // namespace

Signal watch_wal(std::int64_t bytes_per_second) {
  Signal::Together way;
  way.ask = [](const Moment&) {
    return pg::Statement{"select (pg_current_wal_insert_lsn() - '0/0')::bigint"};
  };
  way.judge = [bytes_per_second, rate = std::make_shared<Rate>(wal_window)](const pg::Result& result,
                                                                            const Moment& moment) {
    rate->add(moment.now, result.number(0, 0));
    const auto written = rate->per_second();
    if (!written) return Answer{};
    const std::string text =
        fmt::format("WAL {} a second (limit {})", size_to_text(static_cast<std::int64_t>(*written)),
                    size_to_text(bytes_per_second));
    const auto limit = static_cast<double>(bytes_per_second);
    return measured({"wal", Signal::load_of(*written, limit), text}, {*written, limit, "bytes_per_second"});
  };
  return {"wal", std::move(way)};
}

Signal watch_checkpoint(std::chrono::milliseconds least) {
  Signal::Together way;
  way.ask = [](const Moment&) { return pg::Statement{checkpoint_query}; };
  way.judge = [least, rate = std::make_shared<Rate>(wal_window)](const pg::Result& result,
                                                                 const Moment& moment) {
    rate->add(moment.now, result.number(0, 0));
    const auto written = rate->per_second();
    if (!written) return Answer{};
    const auto seconds = seconds_to_checkpoint(result.number(0, 1), result.number(0, 2), *written);
    if (!seconds) return Answer{{{"checkpoint", 0, "no checkpoint is forced at this rate"}}, {}};
    const std::chrono::duration<double> wanted = least;
    // An hour is as good as never, and the number may be any size.
    const auto left = std::chrono::milliseconds(static_cast<std::int64_t>(std::min(*seconds, 3600.0) * 1000));
    const std::string text = fmt::format("forced checkpoint in {} (least {})", to_text(left), to_text(least));
    return measured({"checkpoint", Signal::load_of_least(*seconds, wanted.count()), text},
                    {to_seconds(left), wanted.count(), "seconds"});
  };
  return {"checkpoint", std::move(way)};
}

}  // namespace dbtool::online
