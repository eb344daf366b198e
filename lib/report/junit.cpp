#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/document.h"
#include "report/message.h"
#include "report/presentable.h"

namespace dbtool::report {

namespace {

/// Text for XML 1.0, which cannot hold most control characters, escaped or not: those become U+FFFD.
std::string xml(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool no_character = text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF";
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\n' || c == '\t' || c == '\r')
      escaped += fmt::format("&#{};", static_cast<int>(c));
    else if (static_cast<unsigned char>(c) < 0x20 || no_character)
      escaped += "\xEF\xBF\xBD";
    else
      escaped += c;
    if (no_character) i += 2;
  }
  return escaped;
}

/// A test case with what was found in it.
struct Judged {
  Case test;
  std::vector<const Finding*> failures;
  std::vector<const Finding*> notes;  ///< findings that are no failures
};

Judged& case_of(std::vector<Judged>& all, const Finding& finding) {
  const auto by_version = std::find_if(all.begin(), all.end(), [&](const Judged& judged) {
    return judged.test.version > 0 && judged.test.version == finding.version;
  });
  if (by_version != all.end()) return *by_version;
  const std::string& name = finding.object.empty() ? finding.rule : finding.object;
  const auto by_name = std::find_if(all.begin(), all.end(), [&](const Judged& judged) {
    return judged.test.version == 0 && judged.test.name == name;
  });
  if (by_name != all.end()) return *by_name;
  Case test;
  test.name = name;
  test.file = finding.place.file;
  all.push_back({test, {}, {}});
  return all.back();
}

std::vector<Judged> sort_into_cases(const Document& document, const std::vector<Finding>& findings) {
  std::vector<Judged> all;
  for (const Case& test : document.cases) all.push_back({test, {}, {}});
  for (const Finding& finding : findings) {
    Judged& judged = case_of(all, finding);
    const bool fails = !document.completed || finding.severity >= document.fail_on;
    (fails ? judged.failures : judged.notes).push_back(&finding);
  }
  // Readers take a report without a test case for a broken one.
  if (all.empty()) {
    Case test;
    test.name = document.command;
    all.push_back({test, {}, {}});
  }
  return all;
}

std::string line_of(const Finding& finding, const std::string& prefix) {
  const std::string place = finding.place.file.empty() ? "" : prefix + to_text(finding.place) + ": ";
  return fmt::format("{}{} [{}] {}\n", place, to_text(finding.severity), finding.rule,
                     trim(message_with_rewrite(finding)));
}

std::string lines_of(const std::vector<const Finding*>& findings, const std::string& prefix) {
  std::string lines;
  for (const Finding* finding : findings) lines += line_of(*finding, prefix);
  return lines;
}

std::string failure(const Judged& judged, const Document& document) {
  const char* const tag = document.completed ? "failure" : "error";
  const Finding& first =
      **std::max_element(judged.failures.begin(), judged.failures.end(),
                         [](const Finding* a, const Finding* b) { return a->severity < b->severity; });
  std::string said = whole_message(first);
  if (judged.failures.size() > 1) said += fmt::format(" (and {} more)", judged.failures.size() - 1);
  return fmt::format("      <{} message=\"{}\" type=\"{}\">{}</{}>\n", tag, xml(said), xml(first.rule),
                     xml(lines_of(judged.failures, document.prefix)), tag);
}

std::string test_case(const Judged& judged, const Document& document) {
  std::string place;
  const auto* first = !judged.failures.empty() ? judged.failures.front() : nullptr;
  const std::string& file =
      first != nullptr && !first->place.file.empty() ? first->place.file : judged.test.file;
  if (!file.empty()) place = fmt::format(" file=\"{}\"", xml(document.prefix + file));
  if (first != nullptr && first->place.line > 0) place += fmt::format(" line=\"{}\"", first->place.line);
  std::string inner;
  if (first != nullptr) inner += failure(judged, document);
  if (!judged.notes.empty())
    inner += "      <system-out>" + xml(lines_of(judged.notes, document.prefix)) + "</system-out>\n";
  const std::string start =
      fmt::format("    <testcase name=\"{}\" classname=\"dbtool.{}\" time=\"{:.3f}\"{}",
                  xml(judged.test.name), xml(document.command), judged.test.seconds, place);
  return inner.empty() ? start + "/>\n" : start + ">\n" + inner + "    </testcase>\n";
}

}  // namespace

std::string junit(const Document& document) {
  const std::vector<Finding> findings = presentable(document.findings);
  std::string tests;
  std::size_t bad = 0;
  double seconds = 0;
  const std::vector<Judged> all = sort_into_cases(document, findings);
  for (const Judged& judged : all) {
    tests += test_case(judged, document);
    seconds += judged.test.seconds;
    if (!judged.failures.empty()) ++bad;
  }
  const std::string counts = fmt::format(
      "name=\"dbtool {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"", xml(document.command),
      all.size(), document.completed ? bad : 0, document.completed ? 0 : bad, seconds);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite {}>\n{}  </testsuite>\n"
      "</testsuites>\n",
      counts, counts, tests);
}

}  // namespace dbtool::report
