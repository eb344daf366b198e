#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "base/interrupt.h"
#include "base/text.h"
#include "cli/context.h"

namespace dbtool::cli {

namespace {

/// A line typed at the terminal, without its end; nullopt at its end or when a signal came.
/// A signal that comes between two waits interrupts neither, so that none is waited for long.
std::optional<std::string> read_answer(const InterruptCount& interrupts) {
  constexpr int longest_wait = 100;  // ms
  std::string line;
  while (interrupts() == 0) {
    pollfd terminal{STDIN_FILENO, POLLIN, 0};
    if (poll(&terminal, 1, longest_wait) <= 0) continue;
    char c = 0;
    const ssize_t got = read(STDIN_FILENO, &c, 1);
    if (got <= 0) return std::nullopt;
    if (c == '\n') return std::string(trim(line));
    line += c;
  }
  return std::nullopt;
}

}  // namespace

void confirm(Context& context, const std::string& question, const std::string& name) {
  if (const auto yes = context.arguments().text("yes")) {
    if (*yes == name) return;
    throw Error(ExitCode::usage, "--yes says '" + *yes + "', but this is " + name + "; nothing was changed",
                "if this is the database that you mean: --yes " + name);
  }
  if (!context.interactive())
    throw Error(ExitCode::usage, question, "to go on without a terminal, say so: --yes " + name);
  context.note(question + "\nType " + name + " to go on:");
  const std::optional<std::string> answer = read_answer(context.interrupts());
  if (!answer && context.interrupts()() > 0) throw Error(ExitCode::stopped, "as asked; nothing was changed");
  if (answer != name)
    throw Error(ExitCode::failed, "not confirmed; nothing was changed",
                "run the same command again and type " + name + " to go on");
}

}  // namespace dbtool::cli
