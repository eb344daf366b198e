#include "check/full.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/body.h"

namespace dbtool::check {
namespace {

using catalog::Change;
using catalog::Difference;

/// Of what follows from a finding, so many are named; the rest is counted.
constexpr std::size_t most_named = 3;
/// Bytes of a definition that are shown on a line.
constexpr std::size_t most_shown = 200;

const Object& object_of(const Difference& difference) {
  return difference.expected != nullptr ? *difference.expected : *difference.found;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string with_roles(std::string text, const FullNames& names) {
  text = replace_all(std::move(text), "$db_user_prefix$_", names.user_prefix + "_");
  return replace_all(std::move(text), "$owner$", names.owner);
}

/// "grant ci_queue on table public.tasks" is known as "grant ci_queue on tasks", as elsewhere.
std::string identity_for_people(const Object& object, const FullNames& names) {
  std::string text = with_roles(object.identity, names);
  if (object.kind == "grant") {
    const std::string on_table = " on table public.";
    if (const std::size_t at = text.find(on_table); at != std::string::npos)
      return text.substr(0, at) + " on " + text.substr(at + on_table.size());
  }
  return text.starts_with("public.") ? text.substr(7) : text;
}

std::string hyphened(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '-');
  return text;
}

std::string on_one_line(std::string text) {
  std::string line;
  for (const char c : text) {
    const bool white = c == ' ' || c == '\n' || c == '\t';
    if (!white || (!line.empty() && line.back() != ' ')) line += white ? ' ' : c;
  }
  text = std::move(line);
  if (text.size() <= most_shown) return text;
  std::size_t end = most_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

/// What an absent fact means, as far as it is more than "none".
std::string usual(const std::string& fact, const FullNames& names) {
  if (fact == "not null") return "nullable";
  if (fact == "owner") return names.owner;
  return "none";
}

std::string value(const Object& object, const std::string& fact, const FullNames& names) {
  const auto found = object.facts.find(fact);
  if (found == object.facts.end()) return usual(fact, names);
  if (fact == "not null" && found->second == "yes") return "not null";
  return with_roles(found->second, names);
}

std::string with_article(const std::string& kind) {
  const bool vowel = std::string_view("aeiou").find(kind.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + kind;
}

void describe_change(const Difference& difference, const FullNames& names, Finding& finding) {
  const std::string& fact = difference.fact;
  finding.fact = fact;
  finding.expected = value(*difference.expected, fact, names);
  finding.found = value(*difference.found, fact, names);
  if (finding.expected.find('\n') != std::string::npos || finding.found.find('\n') != std::string::npos) {
    if (const auto lines = first_difference(finding.expected, finding.found)) {
      finding.expected = lines->expected;
      finding.found = lines->found;
    }
  }
  finding.expected = on_one_line(finding.expected);
  finding.found = on_one_line(finding.found);
  finding.rule = fact == "not null" && difference.expected->kind == "column"
                     ? "column-null"
                     : hyphened(difference.expected->kind + "-" + fact);
}

Finding finding_of(const Difference& difference, const FullNames& names) {
  const Object& object = object_of(difference);
  Finding finding;
  finding.object = object_name(object, names);
  const std::string shown = known_by(object, names);
  if (difference.found == nullptr) {
    finding.rule = hyphened(object.kind) + "-missing";
    finding.expected = shown;
    finding.found = "nothing";
  } else if (difference.expected == nullptr) {
    finding.rule = hyphened(object.kind) + "-undeclared";
    finding.found = shown + ", not declared";
    // It costs every writer something, but changes no result.
    if (object.kind == "index" && object.facts.text("definition").find(" UNIQUE ") == std::string_view::npos)
      finding.severity = Severity::warning;
  } else {
    describe_change(difference, names, finding);
  }
  return finding;
}

std::string what_follows(const std::vector<Difference>& follow, const FullNames& names) {
  if (follow.empty()) return "";
  std::vector<std::string> named;
  for (const Difference& difference : follow) {
    if (named.size() == most_named) break;
    named.push_back(object_name(object_of(difference), names));
  }
  std::string text = "and with it " + join(named, ", ");
  if (follow.size() > most_named) text += fmt::format(" and {} more", follow.size() - most_named);
  return text;
}

std::vector<std::string> ignorable_names(const Object& object, const FullNames& names) {
  const std::string shown = identity_for_people(object, names);
  std::vector<std::string> all{object.identity, shown};
  const std::string_view head = std::string_view(shown).substr(0, shown.find('('));
  if (head.size() != shown.size()) all.emplace_back(head);
  if (const std::size_t dot = head.rfind('.'); dot != std::string_view::npos)
    all.emplace_back(head.substr(dot + 1));
  return all;
}

}  // namespace

std::string object_name(const Object& object, const FullNames& names) {
  return object.kind + " " + identity_for_people(object, names);
}

std::string fact_name(const Difference& difference) {
  // Rights differ as a whole, whichever of them do.
  return difference.fact == "privileges" ? "" : difference.fact;
}

std::string known_by(const Object& object, const FullNames& names) {
  if (object.kind == "column")
    return std::string(object.facts.text("type")) + (object.facts.contains("not null") ? " not null" : "");
  for (const char* fact : {"definition", "privileges", "type", "values"}) {
    if (object.facts.contains(fact))
      return on_one_line(with_roles(std::string(object.facts.text(fact)), names));
  }
  return with_article(object.kind);
}

std::vector<Judged> judge_full(const std::vector<Change>& changes, const FullNames& names) {
  std::vector<Judged> judged;
  for (const Change& change : changes) {
    Finding finding = finding_of(change.difference, names);
    finding.advice = what_follows(change.follow, names);
    const Object& object = object_of(change.difference);
    if (names.origin) {
      const FullNames::Origin origin = names.origin(object);
      finding.version = origin.version;
      finding.place = origin.place;
    }
    judged.push_back({std::move(finding), object.kind, ignorable_names(object, names)});
  }
  return judged;
}

}  // namespace dbtool::check
