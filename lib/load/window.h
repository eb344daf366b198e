#pragma once

#include "load/reader.h"
#include "load/throttle.h"
#include "model/window_settings.h"

namespace dbtool::load {

/// Reads the key `window` of dbtool.yml.
WindowSettings read_window(const Reader& reader, const Entry& entry, const SettingsTexts& texts);

}  // namespace dbtool::load
