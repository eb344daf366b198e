#include "check/full.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/body.h"
#include "check/usual.h"

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

std::string value(const Object& object, const std::string& fact, const FullNames& names) {
  const auto found = object.facts.find(fact);
  if (found == object.facts.end()) return fact == "owner" ? names.owner : usual_value(object.kind, fact);
  if (fact == "not null" && found->second.starts_with("yes")) return "not null" + found->second.substr(3);
  if (fact == "declared") return "inherited and its own";
  return with_roles(found->second, names);
}

std::string with_article(const std::string& kind) {
  const bool vowel =
      std::string_view("aeiou").find(kind.front()) != std::string_view::npos && !kind.starts_with("user");
  return (vowel ? "an " : "a ") + kind;
}

void describe_change(const Difference& difference, const FullNames& names, Finding& finding) {
  const std::string& fact = difference.fact;
  finding.fact = fact;
  finding.expected = value(*difference.expected, fact, names);
  finding.found = value(*difference.found, fact, names);
  // A line more before the last would show as two that are the same.
  if (finding.expected.ends_with(';') && finding.found.ends_with(';')) {
    finding.expected.pop_back();
    finding.found.pop_back();
  }
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

/// Of objects that are told only where something is unusual about them, what that is: they are there either
/// way. "" for all others, and where several things are: an ignored one is not to hide the others.
std::string unusual_fact(const Object& object) {
  const bool is_of_view = object.kind == "column" && !object.facts.contains("type");
  const bool is_cloned = object.kind == "trigger" && object.part_of.size() > 1;
  if (!is_of_view && !is_cloned) return "";
  std::vector<std::string> unusual;
  for (const auto& [fact, value] : object.facts) {
    if (!is_cloned || fact != "definition") unusual.emplace_back(fact);
  }
  if (unusual.empty() && is_cloned) return "enabled";
  return unusual.size() == 1 ? unusual.front() : "";
}

bool gives_nothing(const Object& object) {
  return (object.kind == "grant" || object.kind == "default privileges") &&
         object.facts.text("privileges") == "none";
}

/// Whether it was one of the objects that are there either way.
bool describe_unusual(const Difference& difference, const FullNames& names, Finding& finding) {
  const Object& object = object_of(difference);
  if (gives_nothing(object)) {
    const std::string usual = "what the server gives of itself";
    finding.fact = "privileges";
    finding.expected = difference.expected != nullptr ? "none" : usual;
    finding.found = difference.found != nullptr ? "none" : usual;
    finding.rule = hyphened(object.kind + "-privileges");
    return true;
  }
  const std::string fact = unusual_fact(object);
  if (fact.empty()) return false;
  Object plain = object;
  plain.facts = {};
  const Object& expected = difference.expected != nullptr ? object : plain;
  const Object& found = difference.found != nullptr ? object : plain;
  describe_change({&expected, &found, fact}, names, finding);
  if (object.kind == "trigger") {
    (difference.expected != nullptr ? finding.found : finding.expected) =
        "as that of " + object.part_of[1].substr(object.part_of[1].find(' ') + 1);
  }
  return true;
}

Finding finding_of(const catalog::Change& change, const FullNames& names) {
  const Difference& difference = change.difference;
  const Object& object = object_of(difference);
  Finding finding;
  finding.object = object_name(object, names);
  const std::string shown = known_by(object, names);
  if (change.renamed != nullptr) {
    finding.rule = hyphened(object.kind) + "-missing";
    finding.expected = shown;
    finding.found = "the same, named " + identity_for_people(*change.renamed, names);
    return finding;
  }
  if ((difference.found == nullptr || difference.expected == nullptr) &&
      describe_unusual(difference, names, finding))
    return finding;
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
  for (const char* fact : {"definition", "privileges", "type", "labels"}) {
    // What a server says of its type says nothing to people.
    if (object.kind == "server") break;
    if (object.facts.contains(fact))
      return on_one_line(with_roles(std::string(object.facts.text(fact)), names));
  }
  return with_article(object.kind);
}

std::vector<Judged> judge_full(const std::vector<Change>& changes, const FullNames& names) {
  std::vector<Judged> judged;
  for (const Change& change : changes) {
    Finding finding = finding_of(change, names);
    if (change.renamed == nullptr) finding.advice = what_follows(change.follow, names);
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
