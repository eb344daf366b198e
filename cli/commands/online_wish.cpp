#include "cli/commands/online_wish.h"

#include <fmt/format.h>

#include "base/duration.h"
#include "online/engine.h"

namespace dbtool::cli {

std::vector<OptionSpec> online_options() {
  return {{"workers", 0, "N",
           "of a declared online part: so many at once, or auto: as many as are worth it (default 1)"},
          {"batch-time", 0, "TIME",
           "of an online part: how long a batch may take (default 50ms; 20ms where batches change rows that "
           "services "
           "write)"}};
}

run::OnlineWish online_wish(const Arguments& arguments) {
  run::OnlineWish wish;
  if (const auto workers = arguments.text("workers"))
    wish.workers = *workers == "auto" ? online::auto_workers : *arguments.integer("workers");
  if (wish.workers == 0 && arguments.text("workers") != "auto")
    throw Error(ExitCode::usage, "--workers 0 moves nothing", "give 1 or more, or auto");
  if (const auto text = arguments.text("batch-time")) {
    wish.batch_time = parse_duration(*text);
    if (!wish.batch_time || wish.batch_time->count() == 0)
      throw Error(ExitCode::usage, fmt::format("--batch-time {} is no length of time", *text),
                  "for example: --batch-time 50ms");
  }
  return wish;
}

}  // namespace dbtool::cli
