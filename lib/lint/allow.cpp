#include "lint/allow.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "lint/rule.h"
#include "lint/script.h"

namespace dbtool::lint {
namespace {

/// `lint: allow RULE: reason`, wherever it was written.
struct Allowance {
  std::string rule;
  std::string reason;
  Place place;         ///< of the comment
  std::string file;    ///< whose findings it allows
  int first_line = 0;  ///< lines of that file
  int last_line = 0;
  bool used = false;
};

constexpr int end_of_file = 1 << 30;

/// The part behind `lint:` of a comment that begins with `mark`; nullopt when the line holds none.
struct Comment {
  std::size_t column = 0;  ///< of the mark, in bytes from 0
  std::string rule;
  std::string reason;
};

std::optional<Comment> read_comment(std::string_view line, std::string_view mark) {
  for (std::size_t at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + 1)) {
    std::string_view rest = trim(line.substr(at + mark.size()));
    if (!rest.starts_with("lint:")) continue;
    rest = trim(rest.substr(5));
    if (!rest.starts_with("allow")) continue;
    rest = trim(rest.substr(5));
    const std::size_t end = std::min(rest.find_first_of(": \t"), rest.size());
    Comment comment{at, std::string(rest.substr(0, end)), {}};
    rest = trim(rest.substr(end));
    if (rest.starts_with(':')) comment.reason = trim(rest.substr(1));
    return comment;
  }
  return std::nullopt;
}

/// Finds the allowances of one version: in its SQL, where they stand beside statements, and in its YAML.
class AllowanceReader {
 public:
  AllowanceReader(const Project& project, const Version& version) : project_(project), version_(version) {}

  std::vector<Allowance> run(const std::vector<const Script*>& scripts) {
    for (const Script* script : scripts) {
      std::vector<const SqlText*> sources;
      for (const Statement& statement : script->statements) {
        if (std::find(sources.begin(), sources.end(), statement.source) == sources.end())
          sources.push_back(statement.source);
      }
      for (const SqlText* source : sources) read_sql(*source, *script);
    }
    read_yaml();
    return std::move(allowances_);
  }

 private:
  /// A comment on a line of its own is about the statement that begins next, one behind code about the
  /// innermost statement on its line.
  void read_sql(const SqlText& source, const Script& script) {
    std::size_t begin = 0;
    while (begin < source.text.size()) {
      const std::size_t end = std::min(source.text.find('\n', begin), source.text.size());
      const std::string_view line = std::string_view(source.text).substr(begin, end - begin);
      if (const auto comment = read_comment(line, "--")) {
        const bool alone = trim(line.substr(0, comment->column)).empty();
        add_for_sql(source, script, *comment, begin + comment->column, alone ? end : begin + comment->column,
                    alone);
      }
      begin = end + 1;
    }
  }

  void add_for_sql(const SqlText& source, const Script& script, const Comment& comment, std::size_t offset,
                   std::size_t from, bool alone) {
    Allowance allowance{comment.rule, comment.reason, source.locate(offset), source.place.file};
    const Statement* nearest = nullptr;
    for (const Statement& one : script.statements) {
      if (one.source != &source) continue;
      const bool fits = alone ? one.offset >= from : one.offset < from;
      const bool nearer =
          nearest == nullptr || (alone ? one.offset < nearest->offset : one.offset > nearest->offset);
      if (fits && nearer) nearest = &one;
    }
    if (nearest != nullptr) {
      allowance.first_line = nearest->place.line;
      allowance.last_line = std::max(nearest->last_line, nearest->place.line);
    }
    allowances_.push_back(std::move(allowance));
  }

  /// A comment before a key is about all that the key holds, a side file that it names included; before the
  /// first key about the whole version.
  void read_yaml() {
    std::string text;
    try {
      text = read_file(project_.directory / version_.place.file);
    } catch (const Error&) {
      return;  // a version that came from elsewhere than a file
    }
    const std::vector<std::string_view> lines = split_lines(text);
    bool any_key = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view line = trim(lines[i]);
      if (line.empty()) continue;
      if (!line.starts_with('#')) {
        any_key = true;
        continue;
      }
      if (const auto comment = read_comment(lines[i], "#")) add_for_key(lines, i, *comment, !any_key);
    }
  }

  void add_for_key(const std::vector<std::string_view>& lines, std::size_t at, const Comment& comment,
                   bool of_file) {
    const Place place{version_.place.file, static_cast<int>(at) + 1, static_cast<int>(comment.column) + 1};
    std::size_t key = at + 1;
    while (key < lines.size() && (trim(lines[key]).empty() || trim(lines[key]).starts_with('#'))) ++key;
    if (key >= lines.size()) {
      allowances_.push_back({comment.rule, comment.reason, place, version_.place.file});
      return;
    }
    const std::size_t indent = lines[key].find_first_not_of(' ');
    std::size_t last = key;
    for (std::size_t i = key + 1; i < lines.size(); ++i) {
      if (trim(lines[i]).empty()) continue;
      if (lines[i].find_first_not_of(' ') <= indent) break;
      last = i;
    }
    Allowance allowance{comment.rule,
                        comment.reason,
                        place,
                        version_.place.file,
                        static_cast<int>(key) + 1,
                        static_cast<int>(last) + 1};
    if (of_file) {
      allowance.file.clear();  // any file of the version
      allowance.first_line = 0;
      allowance.last_line = end_of_file;
    } else if (const auto side = side_file_of(lines[key])) {
      allowance.file = *side;
      allowance.first_line = 0;
      allowance.last_line = end_of_file;
    }
    allowances_.push_back(std::move(allowance));
  }

  /// "versions/0019-migration.sql" of `migrationScript: 0019-migration.sql`.
  std::optional<std::string> side_file_of(std::string_view line) const {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view value = trim(line.substr(colon + 1));
    if (!value.ends_with(".sql") && !value.ends_with(".sql\"") && !value.ends_with(".sql'"))
      return std::nullopt;
    std::string name(value);
    std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
    return (std::filesystem::path(version_.place.file).parent_path() / name).string();
  }

  const Project& project_;
  const Version& version_;
  std::vector<Allowance> allowances_;
};

bool allows(const Allowance& allowance, const Finding& finding) {
  if (allowance.rule != finding.rule) return false;
  if (!allowance.file.empty() && allowance.file != finding.place.file) return false;
  return finding.place.line >= allowance.first_line && finding.place.line <= allowance.last_line;
}

Finding complaint(const Allowance& allowance, int version, Severity severity, const char* rule,
                  std::string message, std::string advice) {
  Finding finding;
  finding.severity = severity;
  finding.rule = rule;
  finding.version = version;
  finding.object = "allowance of " + (allowance.rule.empty() ? "nothing" : allowance.rule);
  finding.message = std::move(message);
  finding.advice = std::move(advice);
  finding.place = allowance.place;
  return finding;
}

/// What a rule without checks of its own finds is told by a database's planner alone.
bool needs_plans(const std::string& name) {
  const Rule* rule = find_rule(name);
  return rule != nullptr && rule->check_statement == nullptr && rule->check_script == nullptr;
}

}  // namespace

void apply_allowances(const Project& project, const std::vector<const Script*>& scripts,
                      std::vector<Finding> findings, Outcome& outcome) {
  const Version& version = *scripts.front()->version;
  std::vector<Allowance> allowances = AllowanceReader(project, version).run(scripts);
  for (Finding& finding : findings) {
    Allowance* by = nullptr;
    for (Allowance& allowance : allowances) {
      if (!allows(allowance, finding)) continue;
      allowance.used = true;
      if (by == nullptr && !allowance.reason.empty()) by = &allowance;
    }
    if (by != nullptr)
      outcome.allowed.push_back({std::move(finding), by->reason});
    else
      outcome.findings.push_back(std::move(finding));
  }
  for (const Allowance& allowance : allowances) {
    if (find_rule(allowance.rule) == nullptr) {
      std::vector<std::string> names;
      for (const Rule& rule : all_rules()) names.emplace_back(rule.name);
      outcome.findings.push_back(
          complaint(allowance, version.number, Severity::warning, "allow-unknown-rule",
                    "There is no rule of this name" + did_you_mean(allowance.rule, names) + ".",
                    "`dbtool lint --rules` lists the rules"));
    } else if (allowance.reason.empty()) {
      outcome.findings.push_back(complaint(allowance, version.number, Severity::warning,
                                           "allow-without-reason",
                                           "It allows nothing as long as it does not say why.",
                                           "write `lint: allow " + allowance.rule + ": REASON`"));
    } else if (!allowance.used && (outcome.plans > 0 || !needs_plans(allowance.rule))) {
      outcome.findings.push_back(complaint(allowance, version.number, Severity::note, "allow-unused",
                                           "There is nothing here that the rule finds.",
                                           "remove the comment"));
    }
  }
}

}  // namespace dbtool::lint
