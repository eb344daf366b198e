#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "report/run_parts.h"

namespace dbtool::report {

namespace {

// Drawings are stretched to the width of the page, so that a phone shows all of them; their words stand
// beside them as text, which is not stretched.
constexpr double width = 1000;
constexpr double height = 100;

/// A linear axis from its first value to its last one.
struct Axis {
  double first = 0, last = 1;
  double share(double value) const {
    return last <= first ? 0 : std::clamp((value - first) / (last - first), 0.0, 1.0);
  }
  double x(double value) const { return share(value) * width; }
  double y(double value) const { return (1 - share(value)) * height; }
};

std::string bar(const char* style, const Axis& axis, double began, double ended, double top, double tall,
                const std::string& title) {
  // A bar of no width at all would not be seen.
  const double from = axis.x(began);
  return fmt::format(
      R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>)",
      style, from, top, std::max(2.0, axis.x(ended) - from), tall, title);
}

std::string line(const char* style, const std::string& points) {
  return fmt::format(R"(<polyline class="{}" points="{}"/>)", style, points);
}

std::string point(const Axis& across, double x, const Axis& up, double y) {
  return fmt::format("{:.1f},{:.1f} ", across.x(x), up.y(y));
}

std::string drawing(const std::string& label, const std::string& shapes, const char* size = "") {
  return fmt::format(
      R"(<svg class="plot {}" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>)",
      size, run_text(label), shapes);
}

std::string ticks(const Axis& axis, double zero) {
  std::string text = R"(<div class="ticks">)";
  for (const double share : {0.0, 0.5, 1.0}) {
    const double value = axis.first + (axis.last - axis.first) * share - zero;
    text += fmt::format("<span>{}{}</span>", value < 0 ? "−" : "", run_time(std::abs(value)));
  }
  return text + "</div>\n";
}

std::string figure(const std::string& caption, const std::string& top, const std::string& body) {
  return fmt::format("<figure><figcaption>{}</figcaption>\n<div class=\"top\">{}</div>{}</figure>\n", caption,
                     top, body);
}

std::string key(const char* style, const char* meaning) {
  return fmt::format(R"(<span class="key"><i class="{}"></i>{}</span> )", style, meaning);
}

std::string curve(const RunStep& step, const std::string& caption, const Axis& across,
                  const std::function<double(const RunBatch&)>& value, const std::string& unit) {
  Axis up{0, 1};
  for (const RunBatch& batch : step.batches) up.last = std::max(up.last, value(batch));
  std::string points;
  for (const RunBatch& batch : step.batches) points += point(across, batch.at, up, value(batch));
  return figure(caption, fmt::format("{:.0f} {}", up.last, unit),
                drawing(caption, line("line", points)) + ticks(across, 0));
}

}  // namespace

std::string clock_chart(const RunReport& report) {
  Axis axis{0, std::max(report.seconds, 1e-3)};
  std::string shapes;
  std::string keys;
  if (report.window) {
    const RunWindow& window = *report.window;
    axis.first = std::min(0.0, window.opened);
    axis.last = std::max({axis.last, window.closes, window.closed.value_or(0)});
    shapes += bar("window", axis, window.opened, window.closes, 0, height, "the window");
    shapes += bar("reserve", axis, window.closes - window.reserve, window.closes, 0, height, "its reserve");
    keys = key("window", "window") + key("reserve", "reserve, to bring services up");
    if (window.closed) {
      shapes += bar("closed", axis, *window.closed, *window.closed, 0, height, "services up again");
      keys += key("closed", "services up again");
    }
  }
  for (const RunStep& step : report.steps)
    shapes += bar(step.done ? "done" : "failed", axis, step.began, step.began + step.seconds, 25, 50,
                  run_text(fmt::format("{}: {}", step_name(step), run_time(step.seconds))));
  keys += key("done", "steps done") + key("failed", "not done");
  return figure("The clock", keys, drawing("the clock of the run", shapes, "low") + ticks(axis, 0));
}

std::string progress_chart(const RunStep& step) {
  std::vector<const RunSample*> known;
  for (const RunSample& sample : step.samples)
    if (sample.left_low && sample.left_high) known.push_back(&sample);
  if (known.empty()) return "";
  const Axis across{0, std::max(step.seconds, step.samples.back().seconds)};
  // One wild look must not flatten all others.
  const double most = 4 * std::max(step.seconds, step.high.value_or(0));
  Axis up{0, std::max(step.seconds, 1e-3)};
  if (step.high) up.last = std::max(up.last, *step.high);
  for (const RunSample* sample : known)
    up.last = std::max(up.last, std::min(most, sample->seconds + *sample->left_high));
  std::string shapes;
  std::string keys = key("band", "said while it ran");
  if (step.low && step.high) {
    shapes += fmt::format(R"(<rect class="before" x="0" y="{:.1f}" width="1000" height="{:.1f}"/>)",
                          up.y(*step.high), std::max(1.0, up.y(*step.low) - up.y(*step.high)));
    keys += key("before", "said before");
  }
  std::string band;
  for (const RunSample* sample : known)
    band += point(across, sample->seconds, up, sample->seconds + *sample->left_high);
  for (auto sample = known.rbegin(); sample != known.rend(); ++sample)
    band += point(across, (*sample)->seconds, up, (*sample)->seconds + *(*sample)->left_low);
  shapes += fmt::format(R"(<polygon class="band" points="{}"/>)", band);
  shapes += line("truth", point(across, 0, up, step.seconds) + point(across, across.last, up, step.seconds));
  keys += key("truth", step.done ? "what it took" : "when it ended");
  return figure("How long it would take in all, as said over its time", keys + "up to " + run_time(up.last),
                drawing("forecasts over time", shapes) + ticks(across, 0));
}

std::string wal_chart(const RunStep& step) {
  if (step.samples.size() < 2) return "";
  const Axis across{0, std::max(step.seconds, step.samples.back().seconds)};
  Axis up{0, 1};
  for (const RunSample& sample : step.samples)
    up.last = std::max(up.last, static_cast<double>(sample.wal_bytes));
  std::string points = point(across, 0, up, 0);
  for (const RunSample& sample : step.samples)
    points += point(across, sample.seconds, up, static_cast<double>(sample.wal_bytes));
  return figure("Write-ahead log", "up to " + run_bytes(static_cast<std::int64_t>(up.last)),
                drawing("write-ahead log over time", line("line", points), "low") + ticks(across, 0));
}

std::string batch_charts(const RunStep& step) {
  if (step.batches.size() < 2) return "";
  const Axis across{step.batches.front().at, step.batches.back().at};
  return curve(
             step, "Rate of the online part", across, [](const RunBatch& one) { return one.rows_per_second; },
             "rows/s") +
         curve(
             step, "Size of its batches", across, [](const RunBatch& one) { return double(one.batch_size); },
             "rows");
}

namespace {

/// Of intervals, each as long as it lasted; where one has no value, there is a gap.
std::string stairs(const char* style, const RunLatencyTotal& total, const Axis& across, const Axis& up,
                   std::optional<double> RunLatency::*value) {
  std::string lines;
  std::string points;
  for (const RunLatency* interval : total.intervals) {
    if (const std::optional<double>& one = interval->*value) {
      points +=
          point(across, interval->at, up, *one) + point(across, interval->at + interval->seconds, up, *one);
    } else if (!points.empty()) {
      lines += line(style, points);
      points.clear();
    }
  }
  return points.empty() ? lines : lines + line(style, points);
}

std::string latency_chart(const RunLatencyTotal& total) {
  const RunLatency& last = *total.intervals.back();
  const Axis across{total.intervals.front()->at, last.at + last.seconds};
  Axis up{0, total.worst.value_or(last.limit)};
  std::string shapes;
  std::string keys = key("line", "median") + key("worst", "worst");
  // A limit far above all that was measured would flatten it.
  const bool limit_is_near = last.limit > 0 && last.limit <= 3 * up.last;
  if (limit_is_near) {
    up.last = std::max(up.last, last.limit);
    shapes += line("truth",
                   point(across, across.first, up, last.limit) + point(across, across.last, up, last.limit));
    keys += key("truth", "limit");
  }
  for (const RunLatency* interval : total.intervals) {
    if (interval->failed > 0)
      shapes += bar("closed", across, interval->at, interval->at + interval->seconds, 0, 6,
                    fmt::format("{} without an answer", interval->failed));
  }
  if (total.failed > 0) keys += key("closed", "without an answer");
  shapes += stairs("worst", total, across, up, &RunLatency::worst) +
            stairs("line", total, across, up, &RunLatency::median);
  const std::string caption =
      total.measure == "probe" ? "How long the probe took" : "How long a statement of the services took";
  return figure(caption, keys + run_text(latency_text(total)) + ", drawn up to " + run_short_time(up.last),
                drawing(caption, shapes) + ticks(across, 0));
}

}  // namespace

std::string latency_charts(const RunStep& step) {
  std::string charts;
  for (const RunLatencyTotal& total : latency_of(step)) charts += latency_chart(total);
  return charts;
}

std::string lock_chart(const RunStep& step) {
  if (step.locks.empty()) return "";
  Axis axis{0, std::max(step.seconds, 1e-3)};
  for (const RunLockSpan& lock : step.locks) axis.last = std::max(axis.last, lock.began + lock.seconds);
  std::string body = R"(<div class="locks">)";
  for (const RunLockSpan& lock : step.locks) {
    const char* style = lock.reading ? "reading" : lock.writing ? "writing" : "harmless";
    const std::string words = fmt::format("{} {}, {}", lock.table, lock.mode, run_time(lock.seconds));
    const std::string waited = lock.waited_for > 0 ? fmt::format(", up to {} waited", lock.waited_for) : "";
    body += fmt::format(
        "<div>{}</div>{}", run_text(words + waited),
        drawing(words, bar(style, axis, lock.began, lock.began + lock.seconds, 0, height, run_text(words)),
                "strip"));
  }
  return figure(
      "Locks",
      key("reading", "no reading, no writing") + key("writing", "no writing") + key("harmless", "others"),
      body + "</div>" + ticks(axis, 0));
}

}  // namespace dbtool::report
