#include "new/new_version.h"

#include <algorithm>
#include <regex>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "load/scalar.h"
#include "load/version_list.h"
#include "load/yaml.h"

namespace dbtool {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view folder = "versions/";

/// A version file of the project.
struct OldVersion {
  int number = 0;
  std::string file;
};

std::vector<OldVersion> versions_of(const ProjectTexts& texts) {
  std::vector<OldVersion> versions;
  for (const auto& [file, contents] : texts) {
    if (!file.starts_with(folder)) continue;
    if (const auto number = load::parse_version_name(file.substr(folder.size())))
      versions.push_back({*number, file});
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (versions[i].number == static_cast<int>(i) + 1) continue;
    throw Error(ExitCode::usage,
                fmt::format("{}: the versions do not go from 1 up without a gap", versions[i].file),
                "mend the project first: dbtool plan --from 0 says what is wrong");
  }
  return versions;
}

/// The name for version `number`, padded as `like` is.
std::string file_name(int number, std::string_view like) {
  const std::string_view name = like.substr(folder.size());
  const std::size_t dot = name.rfind('.');
  return fmt::format("{}{:0{}}{}", folder, number, dot, name.substr(dot));
}

/// Puts `number` in the place of the digits that begin at line and column of the position.
void replace_number(std::string& contents, Position position, int number) {
  std::size_t at = contents.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (int line = 1; line < position.line; ++line) at = contents.find('\n', at) + 1;
  // A column counts characters, not bytes.
  const auto continues = [&](std::size_t i) {
    return i < contents.size() && (static_cast<unsigned char>(contents[i]) & 0xC0U) == 0x80U;
  };
  for (int column = 1; column < position.column; ++column) {
    do ++at;
    while (continues(at));
  }
  const std::size_t end = std::min(contents.find_first_not_of("+0123456789", at), contents.size());
  contents.replace(at, end - at, std::to_string(number));
}

/// Moves the numbers in names of online functions: online_migration_v20_batch → online_migration_v21_batch.
std::string move_function_names(const std::string& text, int from, int by) {
  static const std::regex pattern("(online_(?:migration|downgrade)_v)([0-9]{1,9})(_)");
  std::string moved;
  std::size_t done = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    const int number = std::stoi((*it)[2]);
    const auto digits = static_cast<std::size_t>(it->position(2));
    moved += text.substr(done, digits - done);
    moved += number >= from ? std::to_string(number + by) : (*it)[2].str();
    done = digits + static_cast<std::size_t>(it->length(2));
  }
  return moved + text.substr(done);
}

/// The mapping of a file; throws the file's first complaint.
load::Document parse(const std::string& file, const std::string& contents) {
  load::Complaints complaints;
  auto document = load::parse_yaml(file, contents, complaints);
  if (!complaints.empty()) {
    throw Error(ExitCode::usage, to_text(complaints.all().front()), "mend the project first");
  }
  return std::move(*document);
}

std::string renumber(const OldVersion& version, const std::string& contents, int from, int by) {
  const load::Document document = parse(version.file, contents);
  const load::Entry* number = document.root.find("version");
  if (number == nullptr || load::parse_integer(number->value.text) != version.number) {
    throw Error(ExitCode::usage, fmt::format("{}: `version` is not {}", version.file, version.number),
                "mend the project first");
  }
  std::string moved = contents;
  replace_number(moved, number->value.position, version.number + by);
  return move_function_names(moved, from, by);
}

std::string move_releases(const std::string& file, const std::string& contents, int from, int by) {
  const load::Document document = parse(file, contents);
  std::string moved = contents;
  // From the end, so that a number that gets longer moves no position before it.
  for (auto entry = document.root.entries.rbegin(); entry != document.root.entries.rend(); ++entry) {
    const auto version = load::parse_integer(entry->value.text);
    if (version && *version >= from)
      replace_number(moved, entry->value.position, static_cast<int>(*version) + by);
  }
  return moved;
}

void check_number(const NewVersion& wanted, int number, int newest) {
  if (number < 1 || number > newest + 1) {
    throw Error(
        ExitCode::usage, fmt::format("--before {}: there is no such version", number),
        newest > 0 ? fmt::format("name one of 1 to {}", newest) : "leave it out for the first version");
  }
  if (number <= newest && wanted.applied && *wanted.applied >= number) {
    throw Error(
        ExitCode::failed,
        fmt::format("version {} is applied to the database, so the versions from {} on cannot be renumbered",
                    *wanted.applied, number),
        fmt::format("write it before {} or later, or downgrade first", *wanted.applied + 1));
  }
}

void move_versions(const std::vector<OldVersion>& versions, const ProjectTexts& texts, int from, int by,
                   std::vector<FileChange>& changes) {
  // The highest first: its new name is free, and so is each next one's then.
  for (auto version = versions.rbegin(); version != versions.rend() && version->number >= from; ++version) {
    changes.push_back({file_name(version->number + by, version->file),
                       renumber(*version, texts.at(version->file), from, by), version->file, false});
  }
  for (const auto& [file, contents] : texts) {
    if (file.ends_with(".sql")) {
      std::string moved = move_function_names(contents, from, by);
      if (moved != contents) changes.push_back({file, std::move(moved), "", false});
    } else if (!file.starts_with(folder)) {
      std::string moved = move_releases(file, contents, from, by);
      if (moved != contents) changes.push_back({file, std::move(moved), "", false});
    }
  }
}

/// It becomes the `description`, without which or with which no command could read the project any more.
void check_title(std::string_view title) {
  if (!is_utf8(title))
    throw Error(ExitCode::usage, "TITLE is not UTF-8", "write it in a terminal whose encoding is UTF-8");
  if (trim(title).empty())
    throw Error(ExitCode::usage, "TITLE is empty", "say in a few words what the version does");
}

}  // namespace

ProjectTexts read_project_texts(const fs::path& directory) {
  ProjectTexts texts;
  std::error_code error;
  for (fs::directory_iterator it(directory / folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    const bool wanted = load::parse_version_name(name) || (name.ends_with(".sql") && !name.starts_with('.'));
    if (wanted && it->is_regular_file(ignored)) texts[std::string(folder) + name] = read_file(it->path());
  }
  if (error) {
    throw Error(ExitCode::usage,
                fmt::format("cannot read {}: {}", (directory / folder).string(), error.message()),
                "run in a project directory, or name one with -C; a new one needs a folder versions/");
  }
  for (const char* file : {"schema/releases.yml", "schema/releases.txt", "releases.yml", "releases.txt"}) {
    if (fs::is_regular_file(directory / file, error)) texts[file] = read_file(directory / file);
  }
  return texts;
}

std::vector<FileChange> plan_new_version(const NewVersion& wanted, const ProjectTexts& texts) {
  const std::vector<OldVersion> versions = versions_of(texts);
  const int newest = static_cast<int>(versions.size());
  const int number = wanted.before.value_or(newest + 1);
  check_number(wanted, number, newest);
  check_title(wanted.title);
  const std::vector<std::string> contents = fill_template(
      wanted.kind, {number, wanted.title, wanted.service, wanted.pattern, wanted.source, wanted.copy});
  std::vector<FileChange> changes;
  if (number <= newest) move_versions(versions, texts, number, static_cast<int>(contents.size()), changes);
  const std::string like = versions.empty() ? std::string(folder) + "0001.yml" : versions.back().file;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    changes.push_back({file_name(number + static_cast<int>(i), like), contents[i], "", true});
  }
  return changes;
}

void carry_out(const fs::path& directory, const std::vector<FileChange>& changes) {
  for (const FileChange& change : changes) {
    const bool takes_new_name = change.is_new || !change.replaces.empty();
    if (takes_new_name && fs::exists(directory / change.file)) {
      throw Error(ExitCode::failed,
                  fmt::format("{} exists already; nothing was written over it", change.file));
    }
    write_file_atomically(directory / change.file, change.contents);
    if (change.replaces.empty()) continue;
    std::error_code error;
    fs::remove(directory / change.replaces, error);
    if (error) {
      throw Error(ExitCode::failed, fmt::format("cannot remove {}: {}", change.replaces, error.message()),
                  fmt::format("it is {} now; remove it by hand", change.file));
    }
  }
}

}  // namespace dbtool
