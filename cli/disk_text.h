#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "run/disk.h"

/// Room on disk as people and programs read it.
namespace dbtool::cli {

/// Of one step: "1.2 GB – 1.4 GB, and writes 900 MB – 1.6 GB of log: rehearsed with 27.1 M rows"; empty:
/// nothing worth a word.
std::string room_text(const window::StepRoom& room);

/// Of a whole plan: "1.2 GB – 1.5 GB more at its peak, 20 GB free". What does not suffice is said.
/// Empty: nothing worth a word.
std::string disk_text(const run::DiskForecast& disk);

nlohmann::ordered_json room_json(const window::StepRoom& room);
nlohmann::ordered_json disk_json(const run::DiskForecast& disk);

}  // namespace dbtool::cli
