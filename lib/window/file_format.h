#pragma once

#include <array>
#include <utility>

#include "model/environment.h"

/// What those who write the files of rehearsals and environments have in common with those who read them.
namespace dbtool::window {

inline constexpr int file_format = 1;

/// Kinds of work as files spell them.
inline constexpr std::array<std::pair<Work, const char*>, 6> work_names{{{Work::scan_warm, "scan_warm"},
                                                                         {Work::scan_cold, "scan_cold"},
                                                                         {Work::write, "write"},
                                                                         {Work::index_build, "index_build"},
                                                                         {Work::cpu, "cpu"},
                                                                         {Work::commit, "commit"}}};

}  // namespace dbtool::window
