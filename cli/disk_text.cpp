#include "cli/disk_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/size.h"

namespace dbtool::cli {

namespace {

constexpr double worth_a_word = 1 << 20;

std::string bytes_text(double bytes) {
  return size_to_text(static_cast<std::int64_t>(std::max(0.0, bytes)));
}

std::string bytes_text(const window::Bytes& bytes) {
  if (bytes.high < worth_a_word) return "under 1 MB";
  const std::string low = bytes_text(bytes.low);
  const std::string high = bytes_text(bytes.high);
  return low == high ? "about " + low : low + " – " + high;
}

/// Of a step by itself; its log is told with the whole plan, since it depends on what was written before.
window::Bytes own_room(const window::StepRoom& room) {
  return {room.data.low + room.temporary.low, room.data.high + room.temporary.high};
}

}  // namespace

std::string room_text(const window::StepRoom& room) {
  const window::Bytes own = own_room(room);
  if (room.trust == window::Trust::unknown) {
    if (own.low < worth_a_word) return "";
    return fmt::format("{} or more, by the sizes of its tables; {}", bytes_text(own.low), room.source);
  }
  if (room.trust == window::Trust::weak && own.high < worth_a_word) return "";
  return fmt::format("{}, and writes {} of log: {}", bytes_text(own), bytes_text(room.wal), room.source);
}

std::string disk_text(const run::DiskForecast& disk) {
  const window::Peak& peak = disk.peak;
  std::string text;
  const bool small = peak.bytes.high < worth_a_word;
  if (small && peak.unknown.empty() && !disk.free_bytes) return "";
  if (small && !peak.unknown.empty()) {
    text = fmt::format("nothing is known of {}", fmt::join(peak.unknown, ", "));
  } else {
    text = bytes_text(peak.bytes) + " more at its peak";
    if (peak.trust != window::Trust::measured) text += ", not to be relied upon";
    if (!peak.unknown.empty())
      text += fmt::format("; of {} no more is known than that", fmt::join(peak.unknown, ", "));
  }
  for (const std::string& reason : disk.log.reasons) text += "; " + reason;
  if (!disk.free_bytes) return text;
  text += fmt::format("; {} free", bytes_text(*disk.free_bytes));
  switch (window::judge_room(peak, *disk.free_bytes)) {
    case window::Sufficiency::enough:
      break;
    case window::Sufficiency::doubtful:
      text += ": IT MAY NOT SUFFICE";
      break;
    case window::Sufficiency::too_little:
      text += ": TOO LITTLE";
  }
  return text;
}

nlohmann::ordered_json room_json(const window::StepRoom& room) {
  const window::Bytes own = own_room(room);
  nlohmann::ordered_json json{{"trust", window::to_text(room.trust)}, {"low_bytes", std::max(0.0, own.low)}};
  if (room.trust != window::Trust::unknown) {
    json["high_bytes"] = std::max(0.0, own.high);
    json["wal_low_bytes"] = room.wal.low;
    json["wal_high_bytes"] = room.wal.high;
  }
  json["source"] = room.source;
  return json;
}

nlohmann::ordered_json disk_json(const run::DiskForecast& disk) {
  nlohmann::ordered_json json{{"trust", window::to_text(disk.peak.trust)},
                              {"low_bytes", std::max(0.0, disk.peak.bytes.low)},
                              {"high_bytes", std::max(0.0, disk.peak.bytes.high)},
                              {"unknown", disk.peak.unknown},
                              {"log_held_by", disk.log.reasons}};
  if (disk.free_bytes) {
    constexpr const char* words[] = {"enough", "doubtful", "too little"};
    json["free_bytes"] = *disk.free_bytes;
    json["suffices"] = words[static_cast<int>(window::judge_room(disk.peak, *disk.free_bytes))];
  }
  return json;
}

}  // namespace dbtool::cli
