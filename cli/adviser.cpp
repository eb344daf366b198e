#include "cli/adviser.h"

#include <poll.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/text.h"

namespace dbtool::cli {

namespace {

using Answer = run::Adviser::Answer;

/// What is typed at the terminal, a line at a time, without ever waiting.
class Lines {
 public:
  /// nullopt: no whole line is there.
  std::optional<std::string> next() {
    pollfd terminal{STDIN_FILENO, POLLIN, 0};
    while (!is_over() && poll(&terminal, 1, 0) > 0) {
      char c = 0;
      if (read(STDIN_FILENO, &c, 1) <= 0) {
        ended_ = true;
        return std::nullopt;
      }
      if (c == '\n') return std::exchange(line_, "");
      line_ += c;
    }
    return std::nullopt;
  }
  /// Nobody can answer: the terminal is gone, or this program is in the background, where reading would stop
  /// it.
  bool is_over() const { return ended_ || tcgetpgrp(STDIN_FILENO) != getpgrp(); }

 private:
  std::string line_;
  bool ended_ = false;
};

}  // namespace

run::Adviser adviser(Context& context) {
  const auto lines = std::make_shared<Lines>();
  run::Adviser adviser;
  adviser.ask = [&context, lines](const std::string& question) {
    while (lines->next()) continue;  // what was typed before was no answer
    context.note(question + "\nType back to turn back, go to go on:");
  };
  adviser.answer = [&context, lines] {
    const std::optional<std::string> line = lines->next();
    if (!line) return lines->is_over() ? Answer::nobody : Answer::none;
    const std::string word = to_lower(trim(*line));
    if (word == "back") return Answer::turn_back;
    if (word == "go") return Answer::go_on;
    context.note("Type back to turn back, go to go on:");
    return Answer::none;
  };
  return adviser;
}

}  // namespace dbtool::cli
