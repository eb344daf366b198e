#include "cli/commands/window_wish.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>

#include "base/duration.h"
#include "catalog/table_rows.h"
#include "ledger/ledger.h"
#include "run/window_preflight.h"
#include "window/conversion.h"
#include "window/files.h"
#include "window/fingerprint.h"

namespace dbtool::cli {

namespace {

using std::chrono::milliseconds;

/// People's clocks differ by some seconds.
constexpr double clock_skew = 5;
/// To read a window again after it could not be read: each keeps the run from other things for a while.
constexpr std::chrono::minutes between_tries{1};

milliseconds length(const std::string& option, const std::string& text) {
  const bool has_unit = text.find_first_not_of("0123456789. ") != std::string::npos;
  const std::optional<milliseconds> length = parse_duration(text);
  if (!has_unit || !length)
    throw Error(ExitCode::usage, fmt::format("--{} {} is no length of time", option, text),
                fmt::format("for example: --{} 45min, or 12h", option));
  return *length;
}

milliseconds reserve(const WindowWish& wish, pg::Connection& connection) {
  if (wish.reserve) return *wish.reserve;
  if (const auto learned = ledger::learned_reserve(connection))
    return milliseconds(std::llround(*learned * 1000));
  throw Error(ExitCode::usage, "how long it takes to bring everything up again is not known",
              "say it: --reserve 45min; later it is learnt from windows that were opened and closed with "
              "`dbtool window`");
}

/// Seconds from now, by the server's clock, until --until.
double until(Context& context, const std::string& text, pg::Connection& connection) {
  const double here = std::chrono::duration<double>(context.clock().wall().time_since_epoch()).count();
  const double there = ledger::server_clock(connection);
  if (std::abs(here - there) > clock_skew)
    context.note(fmt::format("the clock of this machine and the server's differ by {}: the server's counts",
                             dbtool::to_text(milliseconds(std::llround(std::abs(here - there) * 1000)))));
  const Clock::Wall now{
      std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::duration<double>(there))};
  const Clock::Wall moment = window::parse_until(text, now);
  context.note("window until " + window::describe(moment, now));
  return std::chrono::duration<double>(moment - now).count();
}

Clock::Monotonic::duration ticks(double seconds) {
  return std::chrono::duration_cast<Clock::Monotonic::duration>(std::chrono::duration<double>(seconds));
}

window::Deadline deadline_of(const ledger::WindowRecord& open, const WindowWish& wish, Clock::Monotonic now) {
  const milliseconds kept = wish.reserve.value_or(milliseconds(std::llround(open.reserve * 1000)));
  return {now - ticks(open.elapsed), now + ticks(open.left), kept};
}

/// A file that nobody asked for must not stand in the way when it cannot be read.
template <class Read>
void read_if_usable(Context& context, bool asked_for, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (asked_for) throw;
    context.note(fmt::format("left out: {}", error.what()));
  }
}

}  // namespace

std::vector<OptionSpec> window_options() {
  return {
      {"window", 0, "TIME", "services are to be up again after so long (12h), or what runs is turned back"},
      {"until", 0, "CLOCK", "the same as a time of day, in any zone: 08:00, 08:00Z, \"08:00 Europe/Berlin\""},
      {"reserve", 0, "TIME", "what of the window bringing services up takes (45min)"},
      {"on-overrun",
       0,
       "ask|stop|warn",
       "what to do with a version that turns out not to fit (default: ask on a terminal, else stop)",
       false,
       {"ask", "stop", "warn"}},
      rehearsal_option()};
}

OptionSpec rehearsal_option() {
  return {"rehearsal", 0, "FILE", "what `dbtool rehearse` measured (default: the newest in rehearsals/)"};
}

WindowWish window_wish(Context& context, const Arguments& arguments) {
  WindowWish wish;
  if (const auto text = arguments.text("window")) wish.length = length("window", *text);
  wish.until = arguments.text("until");
  if (const auto text = arguments.text("reserve")) wish.reserve = length("reserve", *text);
  if (wish.length && wish.until)
    throw Error(ExitCode::usage, "--window and --until do not go together", "give one");
  if (wish.length && wish.reserve && *wish.reserve >= *wish.length)
    throw Error(ExitCode::usage, "the reserve takes the whole window",
                "a longer window, or a shorter --reserve");
  const std::string overrun = arguments.text("on-overrun").value_or(context.interactive() ? "ask" : "stop");
  wish.says_overrun = arguments.has("on-overrun");
  if (overrun == "ask" && !context.interactive())
    throw Error(ExitCode::usage, "--on-overrun ask needs a terminal to ask at", "--on-overrun stop, or warn");
  wish.on_overrun = overrun == "ask"    ? window::OnOverrun::ask
                    : overrun == "warn" ? window::OnOverrun::warn
                                        : window::OnOverrun::stop;
  return wish;
}

std::optional<window::Deadline> deadline(Context& context, const WindowWish& wish,
                                         pg::Connection& connection) {
  const Clock::Monotonic now = context.clock().now();
  if (wish.length || wish.until) {
    const double seconds = wish.length ? std::chrono::duration<double>(*wish.length).count()
                                       : until(context, *wish.until, connection);
    window::Deadline deadline{now, now + ticks(seconds), reserve(wish, connection)};
    if (deadline.database_by() <= now)
      throw Error(ExitCode::usage, "the reserve takes the whole window",
                  "a longer window, or a shorter --reserve");
    return deadline;
  }
  const std::optional<ledger::WindowRecord> open = ledger::current_window(connection);
  if (!open) {
    if (wish.reserve || wish.says_overrun)
      throw Error(ExitCode::usage, "--reserve and --on-overrun go with a window",
                  "dbtool window open 12h, or --window 12h");
    return std::nullopt;
  }
  context.note(
      fmt::format("window {} is open, services are to be up again at {}", open->number, open->closes_at));
  return deadline_of(*open, wish, now);
}

run::Preflight window_preflight(Context& context, const std::optional<window::Deadline>& deadline,
                                pg::Connection& connection, const Project& project, const run::Plan& plan,
                                bool force) {
  if (!deadline || plan.steps.empty()) return {};
  const double server = ledger::server_clock(connection);
  const Clock::Wall now{
      std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::duration<double>(server))};
  const auto left =
      std::chrono::duration_cast<Clock::Wall::duration>(deadline->closes - context.clock().now());
  const auto open_for =
      std::chrono::duration_cast<Clock::Wall::duration>(context.clock().now() - deadline->opened);
  run::Preflight found = run::window_preflight(connection, project, plan, {now, now + left, now - open_for},
                                               context.interrupts());
  if (!force) return found;
  std::move(found.problems.begin(), found.problems.end(), std::back_inserter(found.warnings));
  found.problems.clear();
  return found;
}

std::function<std::optional<window::Deadline>()> moved_deadline(Context& context, const WindowWish& wish,
                                                                pg::Connection& connection,
                                                                std::optional<window::Deadline> deadline) {
  const std::optional<ledger::WindowRecord> first = ledger::current_window(connection);
  if (!deadline || !first || wish.length || wish.until) return {};
  struct Reader {
    pg::Address address;
    std::optional<pg::Connection> connection{};
    Clock::Monotonic next_try{};
  };
  const auto reader = std::make_shared<Reader>(Reader{connection.address()});
  reader->address.options.emplace_back("-c statement_timeout=1000");
  return [&context, reader, first = *first, deadline = *deadline]() -> std::optional<window::Deadline> {
    if (context.clock().now() < reader->next_try) return std::nullopt;
    try {
      if (!reader->connection) reader->connection = pg::Connection::open(reader->address);
      const std::optional<ledger::WindowRecord> open = ledger::current_window(*reader->connection);
      if (!open || open->number != first.number) return std::nullopt;
      window::Deadline moved = deadline;
      moved.closes += ticks(open->closes_epoch - first.closes_epoch);
      return moved;
    } catch (const Error&) {
      reader->connection.reset();
      reader->next_try = context.clock().now() + between_tries;
      return std::nullopt;
    }
  };
}

run::Knowledge read_knowledge(Context& context, const Arguments& arguments, pg::Connection* connection) {
  run::Knowledge knowledge;
  if (connection != nullptr) {
    knowledge.table_rows = catalog::read_table_rows(*connection);
    knowledge.table_bytes = run::read_table_bytes(*connection);
    run::read_earlier_seconds(*connection, knowledge);
    knowledge.under_way = ledger::read_state(*connection, context.settings()).online;
    run::read_probes(*connection, knowledge);
  }
  std::optional<std::filesystem::path> file;
  if (const auto given = arguments.text("rehearsal"))
    file = *given;
  else
    file = window::newest_rehearsal(context.directory());
  if (!file) return knowledge;
  read_if_usable(context, arguments.has("rehearsal"),
                 [&] { knowledge.rehearsal = window::read_rehearsal(*file); });
  if (!knowledge.rehearsal) return knowledge;
  const std::string& rehearsed_on = knowledge.rehearsal->environment.server_started;
  if (connection != nullptr && !rehearsed_on.empty() && rehearsed_on == window::server_started(*connection)) {
    knowledge.conversions = window::conversions_on_same_server();
    return knowledge;
  }
  std::string name = context.settings().name;
  if (name.empty() && connection != nullptr) name = connection->database();
  const std::filesystem::path environment = context.directory() / "environments" / (name + ".json");
  if (!name.empty() && std::filesystem::exists(environment)) {
    read_if_usable(context, false, [&] {
      knowledge.conversions =
          window::conversions(knowledge.rehearsal->environment, window::read_environment(environment));
    });
  }
  return knowledge;
}

}  // namespace dbtool::cli
