#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/text.h"
#include "report/document.h"
#include "report/message.h"
#include "report/presentable.h"

namespace dbtool::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr const char* root = "%SRCROOT%";  // the name that readers know

/// A path as the path of a URI.
std::string uri(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    if (plain)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

/// The rules given, and one without further words for every other that a finding names; by id.
std::map<std::string, Rule> rules_of(const Document& document, const std::vector<Finding>& findings) {
  std::map<std::string, Rule> rules;
  for (const Rule& rule : document.rules) rules.emplace(rule.id, rule);
  for (const Finding& finding : findings)
    rules.emplace(finding.rule, Rule{finding.rule, finding.severity, "", ""});
  return rules;
}

/// "column-type" → "Column type."
std::string summary_of(const Rule& rule) {
  if (!rule.summary.empty()) return rule.summary;
  std::string text = rule.id;
  std::replace(text.begin(), text.end(), '-', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + ".";
}

Json to_json(const Rule& rule) {
  Json json{{"id", rule.id},
            {"shortDescription", {{"text", summary_of(rule)}}},
            {"fullDescription", {{"text", summary_of(rule)}}}};
  const std::string help = rule.help.empty() ? summary_of(rule) : rule.help;
  json["help"] = {{"text", help}, {"markdown", help}};
  json["defaultConfiguration"] = {{"level", to_text(rule.severity)}};
  return json;
}

Json location(const Finding& finding, const Document& document) {
  Json json = Json::object();
  const std::string& file = finding.place.file.empty() ? document.default_file : finding.place.file;
  if (!file.empty()) {
    json["physicalLocation"]["artifactLocation"] = {{"uri", uri(document.prefix + file)},
                                                    {"uriBaseId", root}};
    if (!finding.place.file.empty() && finding.place.line > 0) {
      Json& region = json["physicalLocation"]["region"];
      region["startLine"] = finding.place.line;
      if (finding.place.column > 0) region["startColumn"] = finding.place.column;
    }
  }
  if (!finding.object.empty())
    json["logicalLocations"] = Json::array({{{"fullyQualifiedName", finding.object}}});
  return json;
}

/// What stays the same while lines move and figures change: rule, version, file, object and fact.
std::string fingerprint(const Finding& finding, int same_before) {
  std::string text;
  for (const std::string& part : {finding.rule, std::to_string(finding.version), finding.place.file,
                                  finding.object, finding.fact, std::to_string(same_before)})
    text += std::to_string(part.size()) + ":" + part;
  return sha256_hex(text).substr(0, 32);
}

/// The results of a run, each with its place among those with the same fingerprint.
class Results {
 public:
  Results(const Document& document, const std::map<std::string, Rule>& rules)
      : document_(document), rules_(rules) {}

  void add(const Finding& finding) { array_.push_back(result(finding)); }
  void add(const Finding& finding, const std::string& reason) {
    array_.push_back(result(finding));
    array_.back()["suppressions"] = Json::array({{{"kind", "inSource"}, {"justification", reason}}});
  }
  const Json& json() const { return array_; }

 private:
  Json result(const Finding& finding) {
    const int same_before = seen_[fingerprint(finding, 0)]++;
    Json result{{"ruleId", finding.rule},
                {"ruleIndex", std::distance(rules_.begin(), rules_.find(finding.rule))},
                {"level", to_text(finding.severity)},
                {"message", {{"text", trim(message_with_rewrite(finding))}}}};
    const Json place = location(finding, document_);
    if (!place.empty()) result["locations"] = Json::array({place});
    result["partialFingerprints"] = {{"dbtoolFinding/v1", fingerprint(finding, same_before)}};
    if (finding.version > 0) result["properties"] = {{"version", finding.version}};
    return result;
  }

  const Document& document_;
  const std::map<std::string, Rule>& rules_;
  std::map<std::string, int> seen_;
  Json array_ = Json::array();
};

}  // namespace

std::string sarif(const Document& document) {
  const std::vector<Finding> findings = presentable(document.findings);
  std::vector<Finding> judged = findings;
  std::vector<std::pair<Finding, std::string>> allowed;
  for (const Allowed& one : document.allowed) {
    allowed.emplace_back(presentable({one.finding}).front(), presentable_text(one.reason));
    judged.push_back(allowed.back().first);
  }
  const std::map<std::string, Rule> rules = rules_of(document, judged);
  Results results(document, rules);
  for (const Finding& finding : findings) results.add(finding);
  for (const auto& [finding, reason] : allowed) results.add(finding, reason);
  Json descriptors = Json::array();
  for (const auto& [id, rule] : rules) descriptors.push_back(to_json(rule));
  const Json driver{{"name", "dbtool"},
                    {"version", document.tool_version},
                    {"semanticVersion", document.tool_version},
                    {"rules", descriptors}};
  const Json run{
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", "dbtool/" + document.command + "/"}}},
      {"invocations", Json::array({{{"executionSuccessful", document.completed}}})},
      {"originalUriBaseIds", {{root, {{"description", {{"text", "The root of the repository."}}}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", results.json()}};
  const Json log{{"$schema", schema}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dbtool::report
