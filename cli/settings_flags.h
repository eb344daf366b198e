#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "model/settings.h"

namespace dbtool::cli {

/// The value of an environment variable; nullopt when it is unset. Passed in for tests.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// The process's own environment.
std::optional<std::string> process_environment(const std::string& name);

/// One option for each key of dbtool.yml.
std::vector<OptionSpec> settings_options();

/// The settings given by flags, and below them by the environment. An empty variable counts as unset. Throws
/// Error(usage) that names the flag or the variable when a value is not allowed.
SettingsLayer settings_layer(const Arguments& arguments, const Environment& environment);

}  // namespace dbtool::cli
