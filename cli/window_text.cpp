#include "cli/window_text.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "window/deadline.h"

namespace dbtool::cli {

namespace {

Clock::Wall moment(double epoch) {
  return Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::duration<double>(epoch)));
}

std::string of_whom(const ledger::WindowRecord& window) {
  std::string text = "by " + one_line(window.opened_by);
  if (!window.reason.empty()) text += ": " + one_line(window.reason);
  return text;
}

}  // namespace

std::string length_text(double seconds) {
  return dbtool::to_text(std::chrono::milliseconds(std::llround(std::max(0.0, seconds) * 1000)));
}

std::string open_window_text(const ledger::WindowRecord& window, Clock::Wall now, const Style& style) {
  const bool overrun = window.left < 0;
  const std::string head = fmt::format("WINDOW {} IS OPEN", window.number);
  std::string text = fmt::format("{} for {} {}\n", overrun ? style.red(head) : style.bold(head),
                                 length_text(window.elapsed), of_whom(window));
  if (window.closes_at != window.planned_at)
    text += fmt::format("  its end was moved; first it was {}\n", window.planned_at);
  if (overrun) {
    return text + fmt::format("  {}\n", style.red("OVERRUN by " + length_text(-window.left))) +
           "  when services are up again: dbtool window close; to move its end: dbtool window extend 2h\n";
  }
  text += fmt::format("  services are to be up again at {}\n",
                      window::describe(moment(window.closes_epoch), now));
  const std::string reserve = length_text(window.reserve);
  text += window.left < window.reserve
              ? fmt::format("  {} for the database: its last {} are for bringing services up\n",
                            style.yellow("no time is left"), reserve)
              : fmt::format("  the database must be done {} before that: in {}\n", reserve,
                            length_text(window.left - window.reserve));
  return text + "  next: dbtool upgrade; when services are up again: dbtool window close\n";
}

std::string closed_window_text(const ledger::WindowRecord& window, const Style& style) {
  const std::string against = window.left < 0 ? style.red(length_text(-window.left) + " too late")
                                              : style.green(length_text(window.left) + " before its end");
  return fmt::format("{} after {}, {}\n", style.bold(fmt::format("WINDOW {} IS CLOSED", window.number)),
                     length_text(window.elapsed), against);
}

nlohmann::ordered_json window_json(const std::optional<ledger::WindowRecord>& window) {
  if (!window) return nullptr;
  nlohmann::ordered_json json{{"window", window->number},
                              {"open", window->is_open()},
                              {"opened", window->opened_at},
                              {"closes", window->closes_at},
                              {"planned", window->planned_at},
                              {"closed", window->closed_at},
                              {"reserve_seconds", window->reserve},
                              {"elapsed_seconds", window->elapsed},
                              {"left_seconds", window->left},
                              {"database_left_seconds", window->left - window->reserve},
                              {"opened_by", window->opened_by},
                              {"reason", window->reason},
                              {"runs", window->runs},
                              {"reopening_seconds", nullptr}};
  if (window->reopening) json["reopening_seconds"] = *window->reopening;
  return json;
}

}  // namespace dbtool::cli
