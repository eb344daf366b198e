#pragma once

#include <functional>
#include <optional>
#include <string>

#include "load/reader.h"
#include "model/throttle_settings.h"

namespace dbtool::load {

/// How the texts of dbtool.yml are read, in which `${NAME}` is replaced. Each has complained when it gives
/// nullopt.
struct SettingsTexts {
  std::function<std::optional<std::string>(const Node&, const std::string& name)> text;
  /// An address of a database: a password in it is a complaint; `unset` says which variable is not set.
  std::function<std::optional<std::string>(const Node&, const std::string& name, std::string& unset)> address;
};

/// Reads the key `throttle` of dbtool.yml over the defaults.
ThrottleSettings read_throttle(const Reader& reader, const Entry& entry, const SettingsTexts& texts);

}  // namespace dbtool::load
