#include "ledger/window.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/host.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/newest_ledger.h"
#include "cli/window_text.h"
#include "ledger/run_lock.h"
#include "ledger/write.h"
#include "run/window_rules.h"
#include "window/deadline.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

constexpr double skew_worth_a_word = 5;  // s

/// The server's clock, by which windows go, and how far this machine's is ahead of it.
struct ServerClock {
  Clock::Wall now;
  double ahead = 0;  ///< s
};

double since_1970(Clock::Wall time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

ServerClock read_clock(Context& context, pg::Connection& connection) {
  const double server = ledger::server_clock(connection);
  const double ahead = since_1970(context.clock().wall()) - server;
  if (std::abs(ahead) > skew_worth_a_word) {
    context.observer()(
        Message{Message::Level::warning,
                fmt::format("this machine's clock is {} {} the server's; windows go by the server's",
                            length_text(std::abs(ahead)), ahead > 0 ? "ahead of" : "behind")});
  }
  return {
      Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::duration<double>(server))),
      ahead};
}

double read_length(const std::string& what, const std::string& text, const char* example) {
  const auto length = parse_duration(text);
  if (!length)
    throw Error(ExitCode::usage, fmt::format("{} {} is no length of time", what, text),
                fmt::format("for example: {}", example));
  return std::chrono::duration<double>(*length).count();
}

/// The seconds from now that LENGTH or --until say.
double read_span(const Arguments& arguments, Clock::Wall now, const std::string& action) {
  const auto length = arguments.text("LENGTH");
  const auto until = arguments.text("until");
  if (length.has_value() == until.has_value())
    throw Error(ExitCode::usage,
                fmt::format("window {} takes a length of time or --until, one of the two", action),
                fmt::format("dbtool window {0} 2h, or: dbtool window {0} --until 08:00", action));
  if (until) return since_1970(window::parse_until(*until, now)) - since_1970(now);
  const double span = read_length("LENGTH", *length, "dbtool window open 12h");
  // A bare number would be milliseconds, which nobody means.
  if (length->find_first_not_of("0123456789.") == std::string::npos)
    throw Error(ExitCode::usage, fmt::format("window {} {}: that is {}", action, *length, length_text(span)),
                "lengths have a unit: 12h, 90min");
  return span;
}

/// The ledger as this program writes it: made, or brought up to date, where it is not.
void see_to_ledger(Context& context, pg::Connection& connection) {
  const ledger::State state = ledger::read_state(connection, context.settings());
  if (state.ledger_format >= ledger::format) return;
  const Interrupts interrupts(context.interrupts(), context.clock());
  const auto lock =
      ledger::RunLock::acquire(connection.address(), context.clock(), context.observer(), interrupts);
  make_newest_ledger(context, connection, state, "the window would be kept",
                     "open it as the user that upgrades the database");
}

double read_reserve(pg::Connection& connection, const Arguments& arguments, bool& learnt) {
  learnt = false;
  if (const auto given = arguments.text("reserve")) return read_length("--reserve", *given, "--reserve 45m");
  const auto reserve = ledger::learned_reserve(connection);
  if (!reserve)
    throw Error(ExitCode::usage,
                "how long it takes to bring everything up again is not known yet: no window with a run in it "
                "was closed so far",
                "say it once, to be learnt from then on: --reserve 45m");
  learnt = true;
  return *reserve;
}

void show(Context& context, pg::Connection& connection, const ServerClock& clock,
          const std::optional<ledger::WindowRecord>& window) {
  const auto reserve = ledger::learned_reserve(connection);
  if (context.json()) {
    ordered_json json{{"window", window_json(window)},
                      {"learned_reserve_seconds", nullptr},
                      {"clock_ahead_seconds", clock.ahead}};
    if (reserve) json["learned_reserve_seconds"] = *reserve;
    context.print(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    return;
  }
  if (window && window->is_open()) {
    context.print(open_window_text(*window, clock.now, context.style()));
    return;
  }
  std::string text = "no window is open";
  if (reserve) text += fmt::format("; the reserve learnt from earlier ones is {}", length_text(*reserve));
  context.print(text + "\n");
}

ExitCode show_window(Context& context) {
  pg::Connection connection = context.connect();
  const ServerClock clock = read_clock(context, connection);
  show(context, connection, clock, ledger::current_window(connection));
  return ExitCode::done;
}

/// It is opened all the same: people may know better, and an upgrade is refused in it.
void tell_rules(Context& context, Clock::Wall now, double length) {
  const auto span = std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::duration<double>(length));
  const run::Preflight found = run::window_rules(context.settings().window, {now, now + span});
  for (const auto* texts : {&found.problems, &found.warnings}) {
    for (const std::string& text : *texts) context.observer()(Message{Message::Level::warning, text});
  }
}

ExitCode open_window(Context& context, const Arguments& arguments) {
  pg::Connection connection = context.connect();
  const ServerClock clock = read_clock(context, connection);
  const double length = read_span(arguments, clock.now, "open");
  bool learnt = false;
  const double reserve = read_reserve(connection, arguments, learnt);
  if (reserve >= length)
    throw Error(
        ExitCode::usage,
        fmt::format("of {} the reserve takes {}{}: nothing is left for the database", length_text(length),
                    length_text(reserve), learnt ? " (learnt from earlier windows)" : ""),
        "give a longer window, or say how long it takes to bring everything up: --reserve 45m");
  see_to_ledger(context, connection);
  const ledger::WindowRecord window = ledger::open_window(
      connection, ledger::Session::from(context.settings()),
      {length, reserve, os_user() + " on " + host_name(), arguments.text("reason").value_or("")});
  tell_rules(context, clock.now, length);
  if (learnt) context.note("the reserve is learnt from earlier windows; --reserve says another");
  show(context, connection, clock, window);
  return ExitCode::done;
}

ExitCode extend_window(Context& context, const Arguments& arguments) {
  pg::Connection connection = context.connect();
  const ServerClock clock = read_clock(context, connection);
  double by = read_span(arguments, clock.now, "extend");
  const auto window = ledger::current_window(connection);
  if (window && arguments.has("until")) by -= window->left;
  const ledger::WindowRecord extended =
      ledger::extend_window(connection, ledger::Session::from(context.settings()), by);
  show(context, connection, clock, extended);
  return ExitCode::done;
}

/// What is learnt from a window that has just been closed, for people.
std::string lesson(pg::Connection& connection, const ledger::WindowRecord& window) {
  if (!window.reopening) return "  no run ended in it: nothing to learn the reserve from\n";
  std::string text = fmt::format("  {} in it; from the end of the last one to this: {}\n",
                                 window.runs == 1 ? "1 run" : fmt::format("{} runs", window.runs),
                                 length_text(*window.reopening));
  const auto reserve = ledger::learned_reserve(connection);
  if (reserve)
    text += fmt::format("  the reserve of the next one, unless said otherwise: {}\n", length_text(*reserve));
  return text;
}

ExitCode close_window(Context& context, const Arguments& arguments) {
  double ago = 0;
  if (const auto text = arguments.text("ago"))
    ago = read_length("--ago", *text, "dbtool window close --ago 2h");
  pg::Connection connection = context.connect();
  const ServerClock clock = read_clock(context, connection);
  const ledger::WindowRecord window =
      ledger::close_window(connection, ledger::Session::from(context.settings()), ago);
  if (const auto running = ledger::running(connection)) {
    context.observer()(
        Message{Message::Level::warning, fmt::format("a dbtool is still at work: {}, pid {} on {}",
                                                     running->command, running->pid, running->host)});
  }
  if (context.json()) {
    show(context, connection, clock, window);
  } else {
    context.print(closed_window_text(window, context.style()) + lesson(connection, window) +
                  "  what the runs were like: dbtool history, dbtool report RUN\n");
  }
  return ExitCode::done;
}

/// What only some actions take must not pass unheeded with another.
void check_words(const Arguments& arguments, const std::string& action) {
  const auto only = [&](const char* name, std::initializer_list<std::string_view> actions) {
    if (!arguments.has(name)) return;
    for (const std::string_view one : actions) {
      if (one == action) return;
    }
    const std::string shown =
        std::string_view(name) == "LENGTH" ? *arguments.text(name) : fmt::format("--{}", name);
    throw Error(ExitCode::usage, fmt::format("window {} does not take {}", action, shown),
                "dbtool window --help shows what it takes");
  };
  only("LENGTH", {"open", "extend"});
  only("until", {"open", "extend"});
  only("reserve", {"open"});
  only("reason", {"open"});
  only("ago", {"close"});
}

ExitCode run_window(Context& context, const Arguments& arguments) {
  const std::string action = arguments.text("ACTION").value_or("status");
  check_words(arguments, action);
  if (action == "open") return open_window(context, arguments);
  if (action == "extend") return extend_window(context, arguments);
  if (action == "close") return close_window(context, arguments);
  return show_window(context);
}

}  // namespace

Command window_command() {
  Command command;
  command.name = "window";
  command.summary = "the time for which the trees are closed, from closed to reopened";
  command.description =
      "open says how long services may be down, by the server's clock, and how much of that, at its end, is "
      "needed to bring them up again: --reserve, or as long as earlier windows took. upgrade and downgrade "
      "heed the window that is open. extend moves its end. close says that services are up again. Without a "
      "word it shows the one that is open.";
  command.operands = {{"ACTION", "what to do", false, false, {"status", "open", "extend", "close"}},
                      {"LENGTH", "of open: how long it is; of extend: how much longer, e.g. 12h, 90min"}};
  command.options = {
      {"until", 0, "TIME", "instead of LENGTH: 08:00, 2026-11-23 08:00, 08:00Z, 08:00 Europe/Berlin"},
      {"reserve", 0, "TIME",
       "with open: what bringing everything up takes (default: learnt from earlier windows)"},
      {"reason", 0, "TEXT", "with open: what it is for"},
      {"ago", 0, "TIME", "with close: services are up since then; for who forgot to say so"}};
  command.examples = {
      "dbtool --target firefox-ci window open --until 08:00 --reserve 45m --reason \"queue tasks\"",
      "dbtool window close --ago 20m"};
  command.run = run_window;
  return command;
}

}  // namespace dbtool::cli
