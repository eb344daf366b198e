#include "cli/completion.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dbtool::cli {

namespace {

/// "--lock-timeout|-x", as a pattern of a shell's case.
std::string pattern_of(const OptionSpec& option) {
  std::string pattern = "--" + option.name;
  if (option.letter != 0) pattern += std::string("|-") + option.letter;
  return pattern;
}

std::vector<std::string> option_words(const std::vector<OptionSpec>& options) {
  std::vector<std::string> words;
  for (const OptionSpec& option : options) {
    words.push_back("--" + option.name);
    if (option.letter != 0) words.push_back(std::string("-") + option.letter);
  }
  return words;
}

/// Calls `visit(command name or "", option)` for every option that takes a value.
template <typename Visit>
void for_value_options(const Grammar& grammar, Visit visit) {
  for (const OptionSpec& option : grammar.global_options)
    if (!option.value.empty()) visit(std::string(), option);
  for (const Command& command : grammar.commands)
    for (const OptionSpec& option : command.options)
      if (!option.value.empty()) visit(command.name, option);
}

/// How one shell says "offer these".
struct Dialect {
  std::string (*words)(const std::vector<std::string>&);
  std::string (*asked)(const std::string& kind);
  const char* files;
  const char* directories;
  const char* nothing;

  std::string offer(const std::vector<std::string>& choices, Completes completes) const {
    if (!choices.empty()) return words(choices);
    if (completes == Completes::files) return files;
    if (completes == Completes::directories) return directories;
    const std::string kind = words_kind(completes);
    return kind.empty() ? nothing : asked(kind);
  }
};

/// The part that bash and zsh share: after `walk` has set command, operands and previous, offer what fits.
std::string cases(const Grammar& grammar, const Dialect& dialect) {
  std::string out = "  case $command:$previous in\n";
  for_value_options(grammar, [&](const std::string& command, const OptionSpec& option) {
    std::vector<std::string> patterns{(command.empty() ? "*" : command) + ":--" + option.name};
    if (option.letter != 0) patterns.push_back((command.empty() ? "*" : command) + ":-" + option.letter);
    out += fmt::format("    {}) {}; return ;;\n", join(patterns, "|"),
                       dialect.offer(option.choices, option.completes));
  });
  out += "  esac\n  if [[ $current == -* ]]; then\n    case $command in\n";
  const auto global = option_words(grammar.global_options);
  for (const Command& command : grammar.commands) {
    auto words = option_words(command.options);
    words.insert(words.end(), global.begin(), global.end());
    out += fmt::format("      {}) {} ;;\n", command.name, dialect.words(words));
  }
  out += fmt::format("      *) {} ;;\n    esac\n    return\n  fi\n  case $command:$operands in\n",
                     dialect.words(global));
  std::vector<std::string> names;
  for (const Command& command : grammar.commands) names.push_back(command.name);
  out += fmt::format("    :*) {} ;;\n", dialect.words(names));
  for (const Command& command : grammar.commands)
    for (std::size_t i = 0; i < command.operands.size(); ++i)
      out += fmt::format("    {}:{}) {} ;;\n", command.name,
                         command.operands[i].repeatable ? "*" : std::to_string(i),
                         dialect.offer(command.operands[i].choices, command.operands[i].completes));
  return out + "  esac\n";
}

/// Patterns of all options that take a value, so that the value is not taken for the command.
std::string value_option_patterns(const Grammar& grammar) {
  std::vector<std::string> patterns;
  for_value_options(grammar, [&](const std::string&, const OptionSpec& option) {
    if (option.name != "directory") patterns.push_back(pattern_of(option));
  });
  return join(patterns, "|");
}

constexpr const char* bash_template = R"sh(# bash completion for dbtool; made by: dbtool completion bash
_dbtool_words() {{
  COMPREPLY=($(compgen -W "$("${{COMP_WORDS[0]}}" -C "$directory" completion --words "$1" 2>/dev/null)" -- "$current"))
}}
_dbtool() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command="" directory=. word i operands=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case $word in
      --directory|-C)
        ((++i)); [[ ${{COMP_WORDS[i]}} == = ]] && ((++i))
        ((i < COMP_CWORD)) && directory=${{COMP_WORDS[i]}} ;;
      {0})
        ((++i)); [[ ${{COMP_WORDS[i]}} == = ]] && ((++i)) ;;
      -*|=) ;;
      *) if [[ -z $command ]]; then command=$word; else ((++operands)); fi ;;
    esac
  done
  # bash takes --option=value apart at the equals sign.
  if [[ $current == = ]]; then current=""
  elif [[ $previous == = ]]; then previous=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
{1}}}
complete -F _dbtool dbtool
)sh";

constexpr const char* zsh_template = R"sh(#compdef dbtool
# zsh completion for dbtool; made by: dbtool completion zsh
_dbtool_words() {{
  compadd -- ${{(f)"$($words[1] -C "$directory" completion --words "$1" 2>/dev/null)"}}
}}
_dbtool() {{
  local current=$words[CURRENT] previous=$words[CURRENT-1] command="" directory=. word
  integer i operands=0
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case $word in
      --directory|-C) ((++i)); ((i < CURRENT)) && directory=$words[i] ;;
      {0}) ((++i)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; else ((++operands)); fi ;;
    esac
  done
  if [[ $current == --*=* ]]; then
    previous=${{current%%=*}}
    current=${{current#*=}}
    compset -P '*='
  fi
{1}}}
if [[ $funcstack[1] == _dbtool ]]; then _dbtool "$@"; else compdef _dbtool dbtool; fi
)sh";

std::string quoted_words(const std::vector<std::string>& words) {
  return join(words, " ");
}

std::string fish_quote(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

/// -a '…' and what goes with it, for a value.
std::string fish_offer(const std::vector<std::string>& choices, Completes completes) {
  if (!choices.empty()) return " -x -a " + fish_quote(quoted_words(choices));
  if (completes == Completes::files) return " -r -F";
  if (completes == Completes::directories) return " -x -a '(__fish_complete_directories)'";
  const std::string kind = words_kind(completes);
  return kind.empty() ? " -x" : " -x -a '(__dbtool_words " + kind + ")'";
}

std::string fish_option(const OptionSpec& option, const std::string& condition) {
  std::string line = "complete -c dbtool" + condition + " -l " + option.name;
  if (option.letter != 0) line += std::string(" -s ") + option.letter;
  if (!option.value.empty()) line += fish_offer(option.choices, option.completes);
  return line + " -d " + fish_quote(option.help) + "\n";
}

}  // namespace

std::string words_kind(Completes completes) {
  switch (completes) {
    case Completes::versions:
      return "versions";
    case Completes::targets:
      return "targets";
    case Completes::functions:
      return "functions";
    case Completes::releases:
      return "releases";
    case Completes::nothing:
    case Completes::files:
    case Completes::directories:
      break;
  }
  return "";
}

std::string bash_completion(const Grammar& grammar) {
  const Dialect dialect{
      [](const auto& words) {
        return "COMPREPLY=($(compgen -W \"" + quoted_words(words) + "\" -- \"$current\"))";
      },
      [](const auto& kind) { return "_dbtool_words " + kind; },
      "COMPREPLY=($(compgen -f -- \"$current\"))",
      "COMPREPLY=($(compgen -d -- \"$current\"))",
      ":",
  };
  return fmt::format(fmt::runtime(bash_template), value_option_patterns(grammar), cases(grammar, dialect));
}

std::string zsh_completion(const Grammar& grammar) {
  const Dialect dialect{
      [](const auto& words) { return "compadd -- " + quoted_words(words); },
      [](const auto& kind) { return "_dbtool_words " + kind; },
      "_files",
      "_files -/",
      ":",
  };
  return fmt::format(fmt::runtime(zsh_template), value_option_patterns(grammar), cases(grammar, dialect));
}

std::string fish_completion(const Grammar& grammar) {
  std::string out = R"sh(# fish completion for dbtool; made by: dbtool completion fish
function __dbtool_words
  set -l words (commandline -opc)
  set -l directory .
  for i in (seq 2 (count $words))
    if contains -- $words[$i] -C --directory; and test $i -lt (count $words)
      set directory $words[(math $i + 1)]
    end
  end
  $words[1] -C $directory completion --words $argv[1] 2>/dev/null
end
complete -c dbtool -f
)sh";
  std::vector<std::string> names;
  for (const Command& command : grammar.commands) names.push_back(command.name);
  const std::string none_seen = " -n 'not __fish_seen_subcommand_from " + quoted_words(names) + "'";
  for (const OptionSpec& option : grammar.global_options) out += fish_option(option, "");
  for (const Command& command : grammar.commands) {
    out += "complete -c dbtool" + none_seen + " -a " + command.name + " -d " + fish_quote(command.summary) +
           "\n";
    const std::string seen = " -n '__fish_seen_subcommand_from " + command.name + "'";
    for (const OptionSpec& option : command.options) out += fish_option(option, seen);
    for (const OperandSpec& operand : command.operands) {
      const std::string offer = fish_offer(operand.choices, operand.completes);
      if (offer != " -x") out += "complete -c dbtool" + seen + offer + "\n";
    }
  }
  return out;
}

}  // namespace dbtool::cli
