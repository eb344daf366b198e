#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/place.h"
#include "model/throttle_settings.h"
#include "model/window_settings.h"

namespace dbtool {

/// A named database of dbtool.yml.
struct Target {
  std::string url;      ///< libpq URL or keyword string; `${NAME}` already replaced
  std::string service;  ///< or a libpq service name
  std::optional<std::string> user_prefix;
  std::optional<std::string> name;
  /// "dbtool.yml:9:20: …" when a `${NAME}` of it is not set: an error of whoever uses the target.
  std::string unset{};
};

/// Findings about matching objects are not reported.
struct IgnoreRule {
  std::string kind;
  std::string name;  ///< glob pattern, `*` and `?`
  std::string reason;
};

/// One layer of settings: a flag beats an environment variable beats dbtool.yml beats the default.
struct SettingsLayer {
  std::optional<std::string> name;
  std::optional<std::string> version_table;
  std::optional<std::string> user_prefix;
  std::optional<std::string> role;
  std::optional<std::vector<std::string>> extensions;
  std::optional<std::string> sort_order;
  std::optional<std::string> server;
  std::optional<std::chrono::milliseconds> lock_timeout;
  std::optional<int> lock_retries;
  std::optional<int> release_support;
  std::optional<bool> is_protected;
  std::optional<std::vector<IgnoreRule>> ignore;
  std::optional<std::string> metrics_file;
};

/// The settings in force.
struct Settings {
  std::string name;                              ///< environment's name; empty: none given
  std::string version_table = "dbtool.version";  ///< as written; public schema when unqualified
  std::string user_prefix;                       ///< empty: none given
  std::string role;                              ///< empty: none
  std::vector<std::string> extensions;
  std::string sort_order;  ///< e.g. "0 < a < A < b < B"; empty: any
  std::string server;      ///< e.g. ">=14"; empty: any
  std::chrono::milliseconds lock_timeout{300};
  int lock_retries = 30;
  int release_support = 2;
  bool is_protected = false;
  std::vector<IgnoreRule> ignore;
  std::string metrics_file;  ///< written while a run goes on, for Prometheus; empty: none
  std::map<std::string, Target> targets;
  ThrottleSettings throttle;
  WindowSettings window;
};

/// Puts `layer` over `settings`; what the layer does not say stays.
void overlay(Settings& settings, const SettingsLayer& layer);

}  // namespace dbtool
