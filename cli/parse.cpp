#include "cli/parse.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/text.h"

namespace dbtool::cli {

namespace {

void add_options(CLI::App& app, const std::vector<OptionSpec>& options, Arguments& arguments) {
  for (const OptionSpec& option : options) {
    std::string names = "--" + option.name;
    if (option.letter != 0) names += std::string(",-") + option.letter;
    const auto add = [&arguments, name = option.name](const std::string& value) {
      arguments.add(name, value);
    };
    if (option.value.empty()) {
      app.add_flag_callback(names, [add] { add(""); })->trigger_on_parse();
    } else {
      app.add_option_function<std::string>(names, add)->trigger_on_parse()->allow_extra_args(false);
    }
  }
}

void add_operands(CLI::App& app, const Command& command, Arguments& arguments) {
  for (const OperandSpec& operand : command.operands) {
    if (operand.repeatable) {
      app.add_option_function<std::vector<std::string>>(
          operand.name, [&arguments, name = operand.name](const std::vector<std::string>& values) {
            for (const std::string& value : values) arguments.add(name, value);
          });
    } else {
      app.add_option_function<std::string>(
          operand.name,
          [&arguments, name = operand.name](const std::string& value) { arguments.add(name, value); });
    }
  }
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

std::string help_of(const Command* command) {
  return command == nullptr ? "dbtool --help lists all commands"
                            : "dbtool " + command->name + " --help shows what it takes";
}

[[noreturn]] void refuse_option(const std::string& word, const Command* command,
                                const std::vector<Command>& commands,
                                const std::vector<OptionSpec>& global_options) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const OptionSpec& option : global_options) known.push_back("--" + option.name);
  if (command != nullptr)
    for (const OptionSpec& option : command->options) known.push_back("--" + option.name);
  std::vector<std::string> owners;
  for (const Command& other : commands) {
    if (std::none_of(other.options.begin(), other.options.end(),
                     [&](const OptionSpec& option) { return "--" + option.name == name; }))
      continue;
    if (&other == command)
      throw Error(ExitCode::usage, name + " belongs after the command: dbtool " + other.name + " " + name,
                  help_of(command));
    owners.push_back("dbtool " + other.name);
  }
  if (!owners.empty() && (command == nullptr || !nearest_word(name, known)))
    throw Error(ExitCode::usage, "unknown option " + name + "; it is one of: " + join(owners, ", "),
                help_of(command));
  throw Error(ExitCode::usage, "unknown option " + name + did_you_mean(name, known), help_of(command));
}

/// Judges the words that found no place.
void refuse_leftovers(std::vector<std::string> words, const Command* command,
                      const std::vector<Command>& commands, const std::vector<OptionSpec>& global_options) {
  words.erase(std::remove(words.begin(), words.end(), "--"), words.end());
  // A wrong command leaves its operands and options without a place too: name the command first.
  if (command == nullptr) {
    const auto word =
        std::find_if(words.begin(), words.end(), [](const auto& w) { return w.rfind('-', 0) != 0; });
    if (word != words.end())
      throw Error(ExitCode::usage,
                  "unknown command '" + *word + "'" + did_you_mean(*word, names_of(commands)),
                  help_of(nullptr));
  }
  if (words.empty()) return;
  if (words.front().rfind('-', 0) == 0) refuse_option(words.front(), command, commands, global_options);
  throw Error(ExitCode::usage, "dbtool " + command->name + " does not take '" + words.front() + "'",
              help_of(command));
}

void check_choice(const std::string& what, const std::string& value, const std::vector<std::string>& choices,
                  const Command* command) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  std::string list;
  for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  throw Error(ExitCode::usage, what + ": '" + value + "' is none of " + list + did_you_mean(value, choices),
              help_of(command));
}

void check_values(const std::vector<OptionSpec>& options, const Arguments& arguments,
                  const Command* command) {
  for (const OptionSpec& option : options) {
    const auto values = arguments.texts(option.name);
    if (!option.value.empty() && !option.repeatable && values.size() > 1)
      throw Error(ExitCode::usage, "--" + option.name + " is given twice", "give it once");
    if (option.value.empty()) continue;
    for (const std::string& value : values) check_choice("--" + option.name, value, option.choices, command);
  }
}

void check_operands(const Command& command, const Arguments& arguments) {
  for (const OperandSpec& operand : command.operands) {
    if (operand.required && !arguments.has(operand.name)) {
      std::string choices;
      for (const std::string& choice : operand.choices) choices += (choices.empty() ? ": " : ", ") + choice;
      throw Error(ExitCode::usage, "dbtool " + command.name + " needs " + operand.name + choices,
                  help_of(&command));
    }
    for (const std::string& value : arguments.texts(operand.name))
      check_choice(operand.name, value, operand.choices, &command);
  }
}

/// An option stands without the value that it takes; `said` is "--name: …" of the library.
[[noreturn]] void refuse_without_value(const std::string& said, const Command* command,
                                       const std::vector<OptionSpec>& global_options) {
  std::vector<OptionSpec> options = global_options;
  if (command != nullptr) options.insert(options.begin(), command->options.begin(), command->options.end());
  const std::string name = said.substr(0, said.find(':'));
  for (const OptionSpec& option : options) {
    if ("--" + option.name != name) continue;
    throw Error(ExitCode::usage, name + " needs " + option.value + ": " + option.help, help_of(command));
  }
  throw Error(ExitCode::usage, said, help_of(command));
}

}  // namespace

Invocation parse(const std::vector<Command>& commands, const std::vector<OptionSpec>& global_options,
                 const std::vector<std::string>& words) {
  Invocation invocation;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.require_subcommand(0, 1);
  add_options(app, global_options, invocation.arguments);
  for (const Command& command : commands) {
    CLI::App* const sub = app.add_subcommand(command.name, "");
    sub->set_help_flag();
    sub->allow_extras();
    sub->fallthrough();
    add_options(*sub, command.options, invocation.arguments);
    add_operands(*sub, command, invocation.arguments);
    sub->preparse_callback([&invocation, &command](std::size_t) { invocation.command = &command; });
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    refuse_without_value(error.what(), invocation.command, global_options);
  } catch (const CLI::ParseError& error) {
    throw Error(ExitCode::usage, error.what(), help_of(invocation.command));
  }
  if (invocation.arguments.has("help") && invocation.command != nullptr) return invocation;
  refuse_leftovers(app.remaining(true), invocation.command, commands, global_options);
  check_values(global_options, invocation.arguments, invocation.command);
  if (invocation.command == nullptr) return invocation;
  check_values(invocation.command->options, invocation.arguments, invocation.command);
  check_operands(*invocation.command, invocation.arguments);
  return invocation;
}

}  // namespace dbtool::cli
