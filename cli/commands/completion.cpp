#include "cli/completion.h"

#include <set>

#include "base/text.h"
#include "call/call.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/global_options.h"

namespace dbtool::cli {

namespace {

std::vector<std::string> project_words(Context& context, const std::string& kind) {
  const Project& project = context.project();
  std::vector<std::string> words;
  if (kind == "versions")
    for (int number = 0; number <= project.newest(); ++number) words.push_back(std::to_string(number));
  if (kind == "targets")
    for (const auto& [name, target] : project.settings.targets) words.push_back(name);
  if (kind == "functions") words = call::method_names(project, project.newest());
  if (kind == "releases")
    for (const Release& release : project.releases) words.push_back(release.name);
  return words;
}

ExitCode run_completion(Context& context, const Arguments& arguments) {
  if (const auto kind = arguments.text("words")) {
    for (const std::string& word : project_words(context, *kind)) context.print(word + "\n");
    return ExitCode::done;
  }
  const auto shell = arguments.text("SHELL");
  if (!shell)
    throw Error(ExitCode::usage, "dbtool completion needs SHELL: bash, zsh, fish",
                "dbtool completion --help shows how to use it");
  const std::vector<Command> commands = all_commands();
  const std::vector<OptionSpec> options = global_options();
  const Grammar grammar{commands, options};
  if (*shell == "bash") context.print(bash_completion(grammar));
  if (*shell == "zsh") context.print(zsh_completion(grammar));
  if (*shell == "fish") context.print(fish_completion(grammar));
  return ExitCode::done;
}

}  // namespace

Command completion_command() {
  Command command;
  command.name = "completion";
  command.summary = "write a completion script for a shell";
  command.description =
      "Completes commands, options, versions as goals, targets, releases, and function names for call. For "
      "zsh put it "
      "into a file _dbtool in a folder of $fpath, for fish into ~/.config/fish/completions/dbtool.fish.";
  command.operands = {{"SHELL", "which shell", false, false, {"bash", "zsh", "fish"}}};
  command.options = {{"words",
                      0,
                      "KIND",
                      "write the project's words of one kind, a line each; the scripts ask so",
                      false,
                      {"versions", "targets", "functions", "releases"}}};
  command.examples = {"source <(dbtool completion bash)",
                      "dbtool completion fish > ~/.config/fish/completions/dbtool.fish"};
  command.run = run_completion;
  return command;
}

}  // namespace dbtool::cli
