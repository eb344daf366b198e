#include "window/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "window/file_format.h"
#include "window/file_reader.h"

namespace dbtool::window {

namespace {

using Json = FileReader::Json;

Direction direction_of(const FileReader& reader) {
  const std::string text = reader.text();
  if (text == to_text(Direction::upgrade)) return Direction::upgrade;
  if (text == to_text(Direction::downgrade)) return Direction::downgrade;
  reader.fail(fmt::format("\"upgrade\" or \"downgrade\" is expected, not \"{}\"", text));
}

Measure measure_of(const FileReader& reader) {
  Measure measure;
  const FileReader work = reader.key("work");
  const auto* known = std::find_if(work_names.begin(), work_names.end(),
                                   [&](const auto& one) { return one.second == work.text(); });
  if (known == work_names.end()) work.fail(fmt::format("there is no kind of work \"{}\"", work.text()));
  measure.work = known->first;
  measure.unit = reader.key("unit").text();
  reader.key("values").each([&](const FileReader& value) { measure.values.push_back(value.positive()); });
  return measure;
}

Environment environment_of(const FileReader& reader) {
  Environment environment;
  environment.taken_at = reader.key("taken_at").text();
  environment.name = reader.key("name").text();
  environment.host = reader.key("host").text();
  environment.database = reader.key("database").text();
  if (const auto started = reader.optional_key("server_started"))
    environment.server_started = started->text();
  environment.server_version = reader.key("server_version").count();
  environment.version = reader.key("version").count();
  environment.settings = reader.key("settings").texts();
  environment.collations = reader.key("collations").texts();
  environment.extensions = reader.key("extensions").texts();
  environment.database_bytes = reader.key("database_bytes").bytes();
  reader.key("tables").each([&](const FileReader& table) {
    environment.tables.push_back({table.key("name").text(), table.key("rows").bytes(),
                                  table.key("bytes").bytes(), table.key("index_bytes").bytes(),
                                  table.key("indexes").count(), table.key("dead_rows").bytes()});
  });
  environment.replicas = reader.key("replicas").count();
  if (const auto share = reader.optional_key("cache_hit_share"))
    environment.cache_hit_share = share->positive();
  reader.key("measures").each([&](const FileReader& measure) {
    environment.measures.push_back(measure_of(measure));
  });
  return environment;
}

TableCost table_of(const FileReader& reader) {
  std::optional<double> analyze_seconds;
  if (const auto seconds = reader.optional_key("analyze_seconds")) analyze_seconds = seconds->positive();
  return {reader.key("name").text(),
          reader.key("rows_before").bytes(),
          reader.key("rows_after").bytes(),
          reader.key("bytes_before").bytes(),
          reader.key("bytes_after").bytes(),
          reader.key("index_bytes_before").bytes(),
          reader.key("index_bytes_after").bytes(),
          reader.key("dead_rows").bytes(),
          reader.key("rewritten").boolean(),
          analyze_seconds};
}

StepCost step_of(const FileReader& reader) {
  StepCost step;
  step.direction = direction_of(reader.key("direction"));
  step.version = reader.key("version").count();
  step.kind = reader.key("kind").text();
  step.seconds = reader.key("seconds").positive();
  step.wal_bytes = reader.key("wal_bytes").bytes();
  reader.key("curve").each([&](const FileReader& point) {
    step.curve.push_back({point.at(0).positive(), point.at(1).bytes()});
    const std::size_t count = step.curve.size();
    if (count > 1 && step.curve[count - 2].seconds > step.curve.back().seconds)
      point.fail("is earlier than the point before it");
  });
  reader.key("phases").each([&](const FileReader& phase) {
    step.phases.push_back({phase.key("kind").text(), phase.key("name").text(), phase.key("began").positive(),
                           phase.key("seconds").positive(), phase.key("wal_bytes").bytes()});
  });
  reader.key("tables").each([&](const FileReader& table) { step.tables.push_back(table_of(table)); });
  reader.key("locks").each([&](const FileReader& lock) {
    step.locks.push_back({lock.key("table").text(), lock.key("mode").text(), lock.key("began").positive(),
                          lock.key("seconds").positive(), lock.key("waited_for").count()});
  });
  step.waits = reader.key("waits").numbers();
  // Files of earlier programs have none.
  if (const auto peak = reader.optional_key("peak_bytes")) step.peak_bytes = peak->bytes();
  if (const auto moved = reader.optional_key("rows_moved")) step.rows_moved = moved->bytes();
  step.temporary_bytes = reader.key("temporary_bytes").bytes();
  step.blocks_read = reader.key("blocks_read").bytes();
  step.blocks_hit = reader.key("blocks_hit").bytes();
  if (const auto cpu = reader.optional_key("cpu_seconds")) step.cpu_seconds = cpu->positive();
  if (const auto rollback = reader.optional_key("rollback_seconds"))
    step.rollback_seconds = rollback->positive();
  return step;
}

Growth growth_of(const FileReader& reader) {
  Growth growth;
  growth.direction = direction_of(reader.key("direction"));
  growth.version = reader.key("version").count();
  growth.exponent = reader.key("exponent").number();
  growth.law = reader.key("law").text();
  // Files of earlier programs have no more.
  const auto number = [&](const char* name, double& value, double most) {
    const auto found = reader.optional_key(name);
    if (!found) return;
    value = found->positive();
    if (value > most) found->fail(fmt::format("must be at most {}", most));
  };
  constexpr double any = std::numeric_limits<double>::max();
  number("error", growth.error, any);
  number("fixed_share", growth.fixed_share, 1);
  number("wal_exponent", growth.wal_exponent, any);
  number("wal_error", growth.wal_error, any);
  number("wal_fixed_share", growth.wal_fixed_share, 1);
  if (const auto kind = reader.optional_key("kind")) growth.kind = kind->text();
  if (const auto samples = reader.optional_key("samples")) {
    samples->each([&](const FileReader& sample) {
      growth.samples.push_back(
          {sample.key("rows").bytes(), sample.key("seconds").positive(), sample.key("wal_bytes").bytes()});
    });
  }
  return growth;
}

std::string line_and_column(const std::string& text, std::size_t offset) {
  const std::string before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n');
  return fmt::format("{}:{}", line, start == std::string::npos ? before.size() : before.size() - start - 1);
}

template <class Value>
Value read(const std::filesystem::path& file, const std::string& kind, Value (*value_of)(const FileReader&)) {
  const std::string text = read_file(file);
  const std::string advice = fmt::format("give the file of a{} {}", kind == "environment" ? "n" : "", kind);
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error(ExitCode::usage,
                fmt::format("{}:{}: this is no JSON", file.string(), line_and_column(text, error.byte)),
                advice);
  } catch (const Json::out_of_range&) {
    throw Error(ExitCode::usage, fmt::format("{}: it holds a number that is too large", file.string()),
                advice);
  }
  const FileReader reader(file.string(), json);
  const std::string found = reader.key("kind").text();
  if (found != kind) reader.fail(fmt::format("this is the file of {}, not of {}", found, kind));
  const std::int64_t format = reader.key("format").integer();
  if (format != file_format)
    reader.fail(fmt::format("the format is {}, and this dbtool reads format {}", format, file_format));
  return value_of(reader.key(kind));
}

Rehearsal rehearsal_of(const FileReader& reader) {
  Rehearsal rehearsal;
  rehearsal.made_at = reader.key("made_at").text();
  rehearsal.program = reader.key("program").text();
  rehearsal.source = reader.key("source").text();
  rehearsal.environment = environment_of(reader.key("environment"));
  reader.key("steps").each([&](const FileReader& step) { rehearsal.steps.push_back(step_of(step)); });
  reader.key("growth").each([&](const FileReader& growth) { rehearsal.growth.push_back(growth_of(growth)); });
  return rehearsal;
}

constexpr const char* failed_mark = ".failed";

bool is_failed(const std::filesystem::path& file) {
  return file.stem().extension() == failed_mark;
}

/// Its name without what tells that it failed and what kind of file it is.
std::string name_of(const std::filesystem::path& file) {
  return (is_failed(file) ? file.stem() : file).stem().string();
}

/// What stands before the time in a name such as "20-20261120T080000Z.json", or else the whole name.
std::string goal_of(const std::filesystem::path& file) {
  const std::string name = name_of(file);
  return name.substr(0, name.find('-'));
}

/// The time in a name such as "20-20261120T080000Z.json", or else when the file was last written, to compare.
std::string time_of(const std::filesystem::path& file) {
  constexpr std::size_t length = 16;
  const std::string name = name_of(file);
  std::string end = name.size() >= length ? name.substr(name.size() - length) : "";
  if (!end.empty() && end[8] == 'T' && end.back() == 'Z' &&
      end.find_first_not_of("0123456789TZ") == std::string::npos)
    return end;
  const auto written = std::chrono::file_clock::to_sys(std::filesystem::last_write_time(file));
  const std::time_t seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(written));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, length + 1> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts)};
}

}  // namespace

Environment read_environment(const std::filesystem::path& file) {
  return read(file, "environment", environment_of);
}

Rehearsal read_rehearsal(const std::filesystem::path& file) {
  return read(file, "rehearsal", rehearsal_of);
}

std::filesystem::path failed_file(const std::filesystem::path& file) {
  std::filesystem::path name = file.stem();
  name += failed_mark;
  name += file.extension();
  return file.parent_path() / name;
}

std::optional<std::filesystem::path> newest_rehearsal(const std::filesystem::path& project_directory) {
  std::vector<std::filesystem::path> files;
  std::set<std::string> well_rehearsed;  // goals
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(project_directory / "rehearsals", none)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
    files.push_back(entry.path());
    if (!is_failed(entry.path())) well_rehearsed.insert(goal_of(entry.path()));
  }
  std::optional<std::filesystem::path> newest;
  for (const std::filesystem::path& file : files) {
    if (is_failed(file) && well_rehearsed.contains(goal_of(file))) continue;
    if (!newest || std::pair(time_of(file), file) > std::pair(time_of(*newest), *newest)) newest = file;
  }
  return newest;
}

}  // namespace dbtool::window
