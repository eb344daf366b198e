#include "cli/commands/watch.h"

#include <unistd.h>

#include <optional>

#include "pg/error.h"

namespace dbtool::cli {

namespace {

constexpr std::chrono::seconds between_looks{2};
constexpr std::chrono::milliseconds between_polls{100};

}  // namespace

ExitCode watch(Context& context, const std::function<void(pg::Connection&)>& print) {
  const bool screen = !context.json() && is_terminal(STDOUT_FILENO);
  std::optional<pg::Connection> connection;
  for (bool first = true; context.interrupts()() == 0; first = false) {
    try {
      if (!connection) connection = first ? context.connect() : pg::Connection::open(context.address());
      if (screen) context.print("\x1b[H\x1b[2J");
      print(*connection);
      if (!screen && !context.json()) context.print("\n");
    } catch (const pg::PgError& error) {
      if (first || !(error.is_connection_lost() || error.exit_code() == ExitCode::unreachable)) throw;
      connection.reset();
      context.note("unreachable, asking again: " + std::string(error.what()));
    }
    const auto next = context.clock().now() + between_looks;
    while (context.clock().now() < next && context.interrupts()() == 0) context.clock().sleep(between_polls);
  }
  return ExitCode::stopped;
}

}  // namespace dbtool::cli
