#include "model/settings.h"

namespace dbtool {

void overlay(Settings& settings, const SettingsLayer& layer) {
  const auto put = [](auto& value, const auto& optional) {
    if (optional) value = *optional;
  };
  put(settings.name, layer.name);
  put(settings.version_table, layer.version_table);
  put(settings.user_prefix, layer.user_prefix);
  put(settings.role, layer.role);
  put(settings.extensions, layer.extensions);
  put(settings.sort_order, layer.sort_order);
  put(settings.server, layer.server);
  put(settings.lock_timeout, layer.lock_timeout);
  put(settings.lock_retries, layer.lock_retries);
  put(settings.release_support, layer.release_support);
  put(settings.is_protected, layer.is_protected);
  put(settings.ignore, layer.ignore);
  put(settings.metrics_file, layer.metrics_file);
}

}  // namespace dbtool
