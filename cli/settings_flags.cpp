#include "cli/settings_flags.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/duration.h"
#include "base/text.h"
#include "load/setting_values.h"
#include "model/object_kinds.h"

namespace dbtool::cli {

namespace {

/// Puts the values of one setting (several only where it is a list) into a layer; throws Error(usage).
using Apply = void (*)(SettingsLayer&, const std::vector<std::string>&);

struct SettingFlag {
  OptionSpec option;
  std::vector<std::string> variables;  ///< the first that is set counts
  Apply apply;
};

int whole_number(const std::string& value) {
  int number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || rest != end || number < 0)
    throw Error(ExitCode::usage, "'" + value + "' is not a whole number ≥ 0");
  return number;
}

bool truth(const std::string& value) {
  if (value == "true" || value == "yes" || value == "on" || value == "1") return true;
  if (value == "false" || value == "no" || value == "off" || value == "0") return false;
  throw Error(ExitCode::usage, "'" + value + "' is neither true nor false");
}

std::string user_prefix(const std::string& value) {
  const bool right =
      std::all_of(value.begin(), value.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (!right) throw Error(ExitCode::usage, "'" + value + "' may hold lower-case letters and _ only");
  return value;
}

std::chrono::milliseconds duration(const std::string& value) {
  const auto parsed = parse_duration(value);
  if (!parsed) throw Error(ExitCode::usage, "'" + value + "' is not a duration; write e.g. 300ms or 2s");
  return *parsed;
}

std::chrono::milliseconds lock_timeout(const std::string& value) {
  const auto time = duration(value);
  if (time.count() == 0) throw Error(ExitCode::usage, "'" + value + "' is no time to wait; write e.g. 300ms");
  return time;
}

int positive_number(const std::string& value) {
  const int number = whole_number(value);
  if (number == 0) throw Error(ExitCode::usage, "'" + value + "' is not a whole number ≥ 1");
  return number;
}

std::string version_table(const std::string& value) {
  if (!load::is_version_table(value))
    throw Error(ExitCode::usage, "'" + value + "' is not table or schema.table in lower case");
  return value;
}

std::string server(const std::string& value) {
  if (!load::is_server_demand(value))
    throw Error(ExitCode::usage, "'" + value + "' asks for no version; write e.g. '>=14'");
  return value;
}

IgnoreRule ignore_rule(const std::string& value) {
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == value.size())
    throw Error(ExitCode::usage, "'" + value + "' is not KIND:PATTERN; write e.g. 'index:tmp_*'");
  const std::string kind = value.substr(0, colon);
  if (std::find(object_kinds.begin(), object_kinds.end(), kind) == object_kinds.end())
    throw Error(ExitCode::usage, "'" + kind + "' is not a kind of object" + did_you_mean(kind, object_kinds));
  return {kind, value.substr(colon + 1), "given on the command line"};
}

const std::vector<SettingFlag>& setting_flags() {
  static const std::vector<SettingFlag> flags{
      {{"name", 0, "NAME", "the environment's name, recorded in the database"},
       {"DBTOOL_NAME"},
       [](SettingsLayer& layer, const auto& values) { layer.name = values.front(); }},
      {{"version-table", 0, "TABLE", "the table that holds the version (default dbtool.version)"},
       {"DBTOOL_VERSION_TABLE"},
       [](SettingsLayer& layer, const auto& values) { layer.version_table = version_table(values.front()); }},
      {{"user-prefix", 0, "PREFIX", "what the services' database users begin with"},
       {"DBTOOL_USER_PREFIX", "USERNAME_PREFIX"},
       [](SettingsLayer& layer, const auto& values) { layer.user_prefix = user_prefix(values.front()); }},
      {{"role", 0, "ROLE", "set role before work: the owner of all objects"},
       {"DBTOOL_ROLE"},
       [](SettingsLayer& layer, const auto& values) { layer.role = values.front(); }},
      {{"extension", 0, "NAME", "created if missing before the first script", true},
       {"DBTOOL_EXTENSIONS"},
       [](SettingsLayer& layer, const auto& values) { layer.extensions = values; }},
      {{"sort-order", 0, "ORDER", "refuse a database that sorts otherwise, e.g. '0 < a < A < b < B'"},
       {"DBTOOL_SORT_ORDER"},
       [](SettingsLayer& layer, const auto& values) { layer.sort_order = values.front(); }},
      {{"server", 0, "RANGE", "refuse other server versions, e.g. '>=14'"},
       {"DBTOOL_SERVER"},
       [](SettingsLayer& layer, const auto& values) { layer.server = server(values.front()); }},
      {{"lock-timeout", 0, "TIME", "longest wait for one lock, per try (default 300ms)"},
       {"DBTOOL_LOCK_TIMEOUT"},
       [](SettingsLayer& layer, const auto& values) { layer.lock_timeout = lock_timeout(values.front()); }},
      {{"lock-retries", 0, "N", "tries for the locks of one step (default 30)"},
       {"DBTOOL_LOCK_RETRIES"},
       [](SettingsLayer& layer, const auto& values) { layer.lock_retries = whole_number(values.front()); }},
      {{"release-support", 0, "N", "major releases for which an old release still runs (default 2)"},
       {"DBTOOL_RELEASE_SUPPORT"},
       [](SettingsLayer& layer, const auto& values) {
         layer.release_support = positive_number(values.front());
       }},
      {{"protected", 0, "BOOL", "upgrades and downgrades ask, or need --yes NAME", false, {"true", "false"}},
       {"DBTOOL_PROTECTED"},
       [](SettingsLayer& layer, const auto& values) { layer.is_protected = truth(values.front()); }},
      {{"ignore", 0, "KIND:PATTERN", "leave matching objects out of findings, e.g. 'index:tmp_*'", true},
       {"DBTOOL_IGNORE"},
       [](SettingsLayer& layer, const auto& values) {
         layer.ignore.emplace();
         for (const std::string& value : values) layer.ignore->push_back(ignore_rule(value));
       }},
      {{"metrics-file",
        0,
        "FILE",
        "upgrade, downgrade, online run: how it goes, second by second, for Prometheus",
        false,
        {},
        Completes::files},
       {"DBTOOL_METRICS_FILE"},
       [](SettingsLayer& layer, const auto& values) { layer.metrics_file = values.front(); }},
  };
  return flags;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const auto part = trim(std::string_view(text).substr(start, end - start));
    if (!part.empty()) parts.emplace_back(part);
    start = end + 1;
  }
  return parts;
}

void apply(const SettingFlag& flag, SettingsLayer& layer, const std::vector<std::string>& values,
           const std::string& source) {
  try {
    flag.apply(layer, values);
  } catch (const Error& error) {
    throw Error(error.exit_code(), source + ": " + error.what());
  }
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::vector<OptionSpec> settings_options() {
  std::vector<OptionSpec> options;
  for (const SettingFlag& flag : setting_flags()) {
    OptionSpec option = flag.option;
    option.help += " [" + join(flag.variables, ", ") + "]";
    options.push_back(std::move(option));
  }
  return options;
}

SettingsLayer settings_layer(const Arguments& arguments, const Environment& environment) {
  SettingsLayer layer;
  for (const SettingFlag& flag : setting_flags()) {
    if (arguments.has(flag.option.name)) {
      apply(flag, layer, arguments.texts(flag.option.name), "--" + flag.option.name);
      continue;
    }
    for (const std::string& variable : flag.variables) {
      const auto value = environment(variable);
      if (!value || value->empty()) continue;
      const auto values = flag.option.repeatable ? split_list(*value) : std::vector<std::string>{*value};
      if (!values.empty()) apply(flag, layer, values, variable);
      break;
    }
  }
  return layer;
}

}  // namespace dbtool::cli
