#include "window/unrehearsed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/size.h"
#include "base/text.h"
#include "window/words.h"

namespace dbtool::window {

namespace {

/// What part of the whole command a phase of a progress view is, at its beginning and its end, at the least
/// and at the most: it differs with the table, the memory and the disk.
struct ViewPhase {
  std::string_view command;  ///< in lower case, its beginning
  std::string_view phase;    ///< a part of its name
  Range begins, ends;
};

// An index build sorts for more than half of its time, and the view does not tell how far it is with that.
constexpr std::array view_phases{
    ViewPhase{"create index", "scanning table", {0, 0}, {0.1, 0.45}},
    ViewPhase{"create index", "sorting live tuples", {0.1, 0.45}, {0.55, 0.85}},
    ViewPhase{"create index", "loading tuples", {0.55, 0.85}, {0.97, 1}},
    ViewPhase{"create index", "building index", {0, 0}, {0.85, 1}},
    ViewPhase{"cluster", "seq scanning heap", {0, 0}, {0.4, 0.9}},
    ViewPhase{"cluster", "index scanning heap", {0, 0}, {0.5, 0.95}},
    ViewPhase{"cluster", "sorting tuples", {0.2, 0.4}, {0.5, 0.8}},
    ViewPhase{"cluster", "writing new heap", {0.4, 0.7}, {0.6, 0.95}},
    ViewPhase{"cluster", "rebuilding index", {0.5, 0.9}, {0.95, 1}},
    ViewPhase{"vacuum full", "seq scanning heap", {0, 0}, {0.4, 0.9}},
    ViewPhase{"vacuum full", "rebuilding index", {0.5, 0.9}, {0.95, 1}},
    ViewPhase{"copy", "", {0, 0}, {0.95, 1}},
};

// The new form of a row is seldom less than half, or more than twice, of what it was.
constexpr double least_growth = 0.6;
constexpr double most_growth = 1.8;
constexpr double too_little = 0.01;  // a share of the whole from which nothing can be told

}  // namespace

void Unrehearsed::add(const Sample& sample) {
  const bool same = last_.view && sample.view && last_.view->command == sample.view->command;
  if (sample.view && !same) view_began_ = last_.seconds;
  last_ = sample;
  if (sample.database_bytes > 0) grown_ = static_cast<double>(sample.database_bytes);
}

std::optional<Unrehearsed::Guess> Unrehearsed::by_view() const {
  if (!last_.view) return std::nullopt;
  const ViewProgress& view = *last_.view;
  const std::string command = to_lower(view.command);
  for (const ViewPhase& known : view_phases) {
    if (!command.starts_with(known.command) || view.phase.find(known.phase) == std::string::npos) continue;
    Guess guess;
    guess.began = view_began_;
    const bool tells = view.total > 0;
    const double done = tells ? std::clamp(view.done / view.total, 0.0, 1.0) : 0;
    guess.done.low = known.begins.low + (known.ends.low - known.begins.low) * done;
    guess.done.high = known.begins.high + (known.ends.high - known.begins.high) * (tells ? done : 1);
    if (!tells) guess.done.high = std::max(guess.done.high, known.ends.high);
    guess.likely = (guess.done.low + guess.done.high) / 2;
    guess.source = fmt::format(
        "never rehearsed: from the progress of {}, {}{}; what comes after it is not known", command,
        view.phase, tells ? fmt::format(" {:.0f} %", done * 100) : std::string(", which does not tell"));
    if (guess.likely < too_little) return std::nullopt;
    return guess;
  }
  return std::nullopt;
}

std::optional<Unrehearsed::Guess> Unrehearsed::by_size() const {
  if (!table_bytes_ || *table_bytes_ <= 0) return std::nullopt;
  const auto table = static_cast<double>(*table_bytes_);
  const double wal = (static_cast<double>(last_.wal_bytes) + static_cast<double>(last_.wal_bytes_least)) / 2;
  // Where a new table is written without WAL the files grow alone.
  const double written = std::max(wal, wal < 0.1 * grown_ ? grown_ : 0);
  Guess guess;
  guess.done = {written / table / most_growth, written / table / least_growth};
  guess.likely = written / table;
  guess.source = fmt::format("never rehearsed: from {} written so far, against a table of {}; a wide guess",
                             size_to_text(std::llround(written)), size_to_text(*table_bytes_));
  if (guess.likely < too_little) return std::nullopt;
  return guess;
}

std::optional<Unrehearsed::Guess> Unrehearsed::guess() const {
  const auto guess = by_view();
  return guess ? guess : by_size();
}

Forecast Unrehearsed::left() const {
  Forecast forecast;
  const auto guess = this->guess();
  const double elapsed = guess ? last_.seconds - guess->began : 0;
  if (!guess || elapsed <= 0) {
    forecast.source = "unknown: never rehearsed; do so with dbtool rehearse --on COPY";
    return forecast;
  }
  constexpr double least_share = 1e-3;
  Belief belief;
  belief.likely = elapsed / std::max(guess->likely, least_share);
  belief.low = elapsed / std::max(guess->done.high, least_share);
  belief.high = elapsed / std::max(guess->done.low, least_share);
  // What has written more than was thought possible may well write on for as long.
  belief.spread = 0.15 + std::max(0.0, std::log(std::max(guess->likely, 1e-9)));
  const Left left = left_of(belief, elapsed);
  forecast.trust = Trust::weak;
  forecast.range = left.range;
  forecast.likely = left.likely;
  forecast.source = guess->source;
  return forecast;
}

}  // namespace dbtool::window
