#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace dbtool::cli {

class Context;
class Arguments;

/// What a shell completes the value of an option or operand with.
enum class Completes { nothing, files, directories, versions, targets, functions, releases };

/// One option of the command line. Options are known everywhere by their long name without dashes.
struct OptionSpec {
  std::string name;   ///< "lock-timeout"
  char letter = 0;    ///< 'C' for -C; 0: none
  std::string value;  ///< placeholder in the help, "N"; empty: a flag without a value
  std::string help;
  bool repeatable = false;
  std::vector<std::string> choices = {};  ///< the only values allowed; empty: any
  Completes completes = Completes::nothing;
};

/// One operand (positional argument) of a command, known by its placeholder, e.g. "GOAL".
struct OperandSpec {
  std::string name;
  std::string help;
  bool required = false;
  bool repeatable = false;  ///< takes all that follow; only the last operand may
  std::vector<std::string> choices = {};
  Completes completes = Completes::nothing;
};

/// A command as data: what it takes, what it says about itself, what it does. Help, completion and the parser
/// live on it.
struct Command {
  std::string name;
  std::string summary;      ///< one line, lower case, for the list of commands
  std::string description;  ///< further sentences for its own help; may be empty
  std::vector<OperandSpec> operands;
  std::vector<OptionSpec> options;
  std::vector<std::string> examples;  ///< two real ones
  /// Leaves Ctrl-C, SIGTERM and SIGHUP to the command, which polls Context::interrupts() and stops at a safe
  /// point. A command of which only a part does so calls handle_interrupts() itself.
  bool handles_interrupts = false;
  std::function<ExitCode(Context&, const Arguments&)> run;
};

/// What was given on the command line, options (global ones too) and operands alike.
class Arguments {
 public:
  /// Whether a flag, option or operand was given.
  bool has(const std::string& name) const { return values_.contains(name); }
  /// The value of an option or operand; nullopt when it was not given.
  std::optional<std::string> text(const std::string& name) const;
  /// All values of a repeatable one.
  std::vector<std::string> texts(const std::string& name) const;
  /// A whole number ≥ 0; throws Error(usage) that names option or operand when it is none.
  std::optional<int> integer(const std::string& name) const;
  /// The same of a repeatable one: all its values.
  std::vector<int> integers(const std::string& name) const;
  void add(const std::string& name, std::string value) { values_[name].push_back(std::move(value)); }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace dbtool::cli
