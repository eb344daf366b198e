#include "cli/adviser.h"

#include <poll.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/text.h"

namespace dbtool::cli {

namespace {

using Answer = run::Adviser::Answer;

/// The next line of the terminal, if it is all there already.
class Lines {
 public:
  std::optional<std::string> next() {
    pollfd terminal{STDIN_FILENO, POLLIN, 0};
    while (poll(&terminal, 1, 0) > 0 && (terminal.revents & POLLIN) != 0) {
      char c = 0;
      if (read(STDIN_FILENO, &c, 1) <= 0) return std::nullopt;
      if (c == '\n') return std::exchange(line_, "");
      line_ += c;
    }
    return std::nullopt;
  }

 private:
  std::string line_;
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
    if (!line) return Answer::none;
    const std::string word = to_lower(trim(*line));
    if (word == "back") return Answer::turn_back;
    if (word == "go") return Answer::go_on;
    context.note("Type back to turn back, go to go on:");
    return Answer::none;
  };
  return adviser;
}

}  // namespace dbtool::cli
