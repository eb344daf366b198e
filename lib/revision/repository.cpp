#include "revision/repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"

namespace dbtool::revision {

namespace {

ProcessOutcome git(const std::filesystem::path& directory, std::vector<std::string> words,
                   std::string input = {}) {
  words.insert(words.begin(), "git");
  ProcessOptions options;
  options.directory = directory;
  options.environment = {{"LC_ALL", "C"}};
  options.input = std::move(input);
  return run_process(words, options);
}

/// What git complains of, on one line and without its own "fatal: ".
std::string complaint(const ProcessOutcome& outcome) {
  std::string text(trim(outcome.errors));
  if (text.rfind("fatal: ", 0) == 0) text.erase(0, 7);
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

std::string answer(const ProcessOutcome& outcome, const char* what) {
  if (!outcome.succeeded())
    throw Error(ExitCode::usage, fmt::format("git cannot {}: {}", what, complaint(outcome)));
  return std::string(trim(outcome.output));
}

/// A blob in the output of `ls-tree -z`: "mode type object\tpath".
struct Entry {
  std::string object;
  std::string path;
};

std::vector<Entry> parse_tree(std::string_view listing) {
  std::vector<Entry> entries;
  while (!listing.empty()) {
    const std::string_view line = listing.substr(0, listing.find('\0'));
    listing.remove_prefix(std::min(line.size() + 1, listing.size()));
    const std::size_t tab = line.find('\t');
    const std::size_t blob = line.find(" blob ");
    if (tab == std::string_view::npos || blob == std::string_view::npos || blob > tab) continue;
    entries.push_back(
        {std::string(line.substr(blob + 6, tab - blob - 6)), std::string(line.substr(tab + 1))});
  }
  return entries;
}

/// Reads one answer of `cat-file --batch`, "object type size\ncontents\n", and moves `output` behind it.
std::optional<std::string> next_blob(std::string_view& output) {
  const std::size_t line_end = output.find('\n');
  if (line_end == std::string_view::npos) return std::nullopt;
  const std::string_view line = output.substr(0, line_end);
  const std::size_t blank = line.rfind(' ');
  if (blank == std::string_view::npos || line.ends_with(" missing")) return std::nullopt;
  const std::size_t size = std::stoul(std::string(line.substr(blank + 1)));
  std::string contents(output.substr(line_end + 1, size));
  if (contents.size() != size) return std::nullopt;
  output.remove_prefix(std::min(line_end + 1 + size + 1, output.size()));
  return contents;
}

}  // namespace

Repository::Repository(std::filesystem::path directory) : directory_(std::move(directory)) {
  if (!find_program("git"))
    throw Error(ExitCode::usage, "git is not installed; what changed since a revision cannot be told",
                "install git, or leave --since out");
  const ProcessOutcome outcome = git(directory_, {"rev-parse", "--show-prefix"});
  if (!outcome.succeeded())
    throw Error(ExitCode::usage, fmt::format("{}: {}", directory_.string(), complaint(outcome)),
                "--since needs a git repository that holds the project and that you may read");
  prefix_ = trim(outcome.output);
}

std::string Repository::merge_base(const std::string& revision) const {
  const ProcessOutcome known =
      git(directory_, {"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
  const std::string fetch = "in a CI job, fetch the whole history first (actions/checkout: fetch-depth: 0)";
  if (!known.succeeded())
    throw Error(ExitCode::usage, fmt::format("git knows no revision {} here", revision),
                "give a branch, tag or commit that was fetched; " + fetch);
  const std::string commit(trim(known.output));
  const ProcessOutcome base = git(directory_, {"merge-base", "HEAD", commit});
  if (!base.succeeded())
    throw Error(ExitCode::usage,
                fmt::format("git finds no commit that {} and HEAD have in common{}", revision,
                            complaint(base).empty() ? "" : ": " + complaint(base)),
                fetch);
  return std::string(trim(base.output));
}

std::vector<File> Repository::files(const std::string& commit, const std::vector<std::string>& paths) const {
  std::vector<std::string> words{"ls-tree", "-r", "-z", commit, "--"};
  words.insert(words.end(), paths.begin(), paths.end());
  const ProcessOutcome listing = git(directory_, words);
  if (!listing.succeeded()) answer(listing, "list the files of the revision");
  const std::vector<Entry> entries = parse_tree(listing.output);
  std::string objects;
  for (const Entry& entry : entries) objects += entry.object + "\n";
  const ProcessOutcome blobs = git(directory_, {"cat-file", "--batch"}, objects);
  if (!blobs.succeeded()) answer(blobs, "read the files of the revision");
  std::vector<File> files;
  std::string_view rest = blobs.output;
  for (const Entry& entry : entries) {
    std::optional<std::string> contents = next_blob(rest);
    if (!contents)
      throw Error(ExitCode::usage, fmt::format("git cannot read {} as it was at {}", entry.path, commit),
                  "fetch the whole history (a partial clone lacks files)");
    files.push_back({entry.path, std::move(*contents)});
  }
  return files;
}

std::string prefix_in_repository(const std::filesystem::path& directory) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory, ignored) || !find_program("git")) return "";
  const ProcessOutcome outcome = git(directory, {"rev-parse", "--show-prefix"});
  return outcome.succeeded() ? std::string(trim(outcome.output)) : "";
}

}  // namespace dbtool::revision
