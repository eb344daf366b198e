#include "load/side_file.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "load/scalar.h"
#include "load/yaml.h"

namespace dbtool::load {

namespace fs = std::filesystem;

namespace {

/// No SQL ends like this, so a file was meant; but a comment at the end of a line of SQL may.
bool looks_like_file_name(std::string_view value) {
  const std::string lower = to_lower(value);
  const bool is_code =
      lower.find(';') != std::string::npos || lower.starts_with("begin ") || lower.starts_with("declare ");
  return lower.ends_with(".sql") && !is_code;
}

/// Whether a path names something outside the folder it is relative to, whatever the file system holds.
bool leads_out(const fs::path& path) {
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

bool is_within(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace

SideFiles::SideFiles(fs::path folder, std::string shown)
    : folder_(std::move(folder)), shown_(std::move(shown)) {
  std::error_code error;
  canonical_ = fs::canonical(folder_, error);
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    names_.insert(it->path().filename().string());
  }
}

bool SideFiles::names_file(std::string_view value) const {
  constexpr std::size_t longest = 1000;
  if (folder_.empty() || value.empty() || value.size() > longest) return false;
  if (value.find('/') == std::string_view::npos) return names_.contains(std::string(value));
  std::error_code error;
  return fs::is_regular_file(folder_ / value, error);
}

std::optional<SqlText> SideFiles::resolve(SqlText value, const std::string& key,
                                          Complaints& complaints) const {
  const std::string_view name = trim(value.text);
  const bool one_line = name.find('\n') == std::string_view::npos;
  const bool literal = value.text.find('\n') != std::string::npos || !names_file(value.text);
  if (literal && !(one_line && looks_like_file_name(name))) return value;
  const std::string shown = shorten(name);
  if (leads_out(fs::path(name))) {
    complaints.add(value.place,
                   fmt::format("`{}` names the file `{}` outside {}/; move the file there and write "
                               "its name alone",
                               key, shown, shown_));
    return std::nullopt;
  }
  if (!literal) return read(std::string(name), value.place, complaints);
  if (value.text.size() != name.size()) {
    complaints.add(value.place,
                   fmt::format("`{}` is SQL, but looks like a file's name; write `{}: {}` on one line", key,
                               key, shown));
    return std::nullopt;
  }
  std::vector<std::string> known;
  std::copy_if(names_.begin(), names_.end(), std::back_inserter(known), looks_like_file_name);
  std::sort(known.begin(), known.end());
  const auto meant = nearest_word(name, known);
  const std::string advice =
      meant ? fmt::format("did you mean `{}`?", *meant) : "write the file, or the SQL itself";
  complaints.add(value.place, fmt::format("there is no file `{}` in {}/; {}", shown, shown_, advice));
  return std::nullopt;
}

std::optional<SqlText> SideFiles::read(const std::string& name, const Place& place,
                                       Complaints& complaints) const {
  const fs::path path = folder_ / name;
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error || !is_within(real, canonical_)) {
    complaints.add(place, error ? fmt::format("`{}` cannot be read: {}; mend the link", name, error.message())
                                : fmt::format("`{}` is a link that leads out of {}/; copy the file there",
                                              name, shown_));
    return std::nullopt;
  }
  if (!fs::is_regular_file(real, error)) {
    complaints.add(place, fmt::format("`{}` is not a file; name a file of SQL", name));
    return std::nullopt;
  }
  const std::string file = shown_ + "/" + name;
  SqlText sql{{}, {file, 1, 1}, 0};
  try {
    sql.text = unify_line_ends(read_file(path));
  } catch (const Error& failure) {
    complaints.add(place, std::string(failure.what()) + "; make it readable");
    return std::nullopt;
  }
  if (!check_characters(file, sql.text, complaints)) return std::nullopt;
  if (trim(sql.text).empty()) {
    complaints.add(sql.place, "the file is empty; write the SQL");
    return std::nullopt;
  }
  return sql;
}

}  // namespace dbtool::load
