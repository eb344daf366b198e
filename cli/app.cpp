#include "cli/app.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/global_options.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/parse.h"
#include "cli/render.h"
#include "pg/connection.h"

namespace dbtool::cli {

namespace {

ExitCode run_invocation(const Invocation& invocation, const std::vector<Command>& commands) {
  const Arguments& arguments = invocation.arguments;
  if (invocation.command == nullptr || arguments.has("help")) {
    const bool asked = arguments.has("help") || arguments.has("version");
    std::string text = invocation.command != nullptr ? command_help(*invocation.command)
                                                     : general_help(commands, global_options());
    if (!arguments.has("help") && arguments.has("version")) text = program_version();
    std::fputs(text.c_str(), asked ? stdout : stderr);
    return asked ? ExitCode::done : ExitCode::usage;
  }
  if (invocation.command->handles_interrupts) handle_interrupts();
  Context context(*invocation.command, arguments, process_environment);
  const ExitCode code = invocation.command->run(context, arguments);
  context.finish_progress();
  return code;
}

/// Whether errors are to be told as JSON, also when the command line could not be understood.
bool wants_json(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == "--format=json" ||
        (words[i] == "--format" && i + 1 < words.size() && words[i + 1] == "json"))
      return true;
  return false;
}

std::string color_of(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].rfind("--color=", 0) == 0) return words[i].substr(8);
    if (words[i] == "--color" && i + 1 < words.size()) return words[i + 1];
  }
  return "auto";
}

ExitCode tell(const std::exception& error, const std::vector<std::string>& words) {
  const ErrorReport report = describe(error);
  const std::string text = wants_json(words)
                               ? to_json_line(report, exit_status(report.exit_code), SystemClock().wall())
                               : to_text(report, Style(use_color(color_of(words), STDERR_FILENO)));
  std::fputs(text.c_str(), stderr);
  return report.exit_code;
}

/// The process list shows this memory to everybody: passwords go from it.
void mask_passwords(const std::vector<char*>& arguments) {
  bool is_url = false;
  for (char* const argument : arguments) {
    const std::string_view word = argument;
    const std::size_t equals = word.find('=');
    const bool has_value = word.starts_with("--") && equals != std::string_view::npos;
    const std::string_view name = has_value ? word.substr(0, equals) : word;
    const bool names_url = name == "--url" || name == "--scratch-url" || name == "--on";
    if (is_url || (names_url && has_value)) {
      char* const value = argument + (is_url ? 0 : equals + 1);
      const std::size_t size = std::strlen(value);
      std::string masked = pg::mask_password(value);
      masked.resize(size);
      std::copy(masked.begin(), masked.end(), value);
    }
    is_url = names_url && !has_value;
  }
}

}  // namespace

int run(int argc, char** argv) {
  ignore_broken_pipes();
  const std::vector<std::string> words(argv + 1, argv + argc);
  mask_passwords({argv + 1, argv + argc});
  ExitCode code = ExitCode::done;
  try {
    const std::vector<Command> commands = all_commands();
    code = run_invocation(parse(commands, global_options(), words), commands);
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory\n", stderr);
    code = ExitCode::failed;
  } catch (const std::exception& error) {
    code = tell(error, words);
  }
  return exit_status(code);
}

}  // namespace dbtool::cli
