#include "ledger/content.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace dbtool::ledger {

namespace {

using nlohmann::json;

SqlText recorded(const json& text, int number, const char* what) {
  return {text.get<std::string>(), Place{fmt::format("ledger: version {} {}", number, what), 1, 1}, 0};
}

json to_json(const Method& method) {
  json value{{"name", method.name}, {"serviceName", method.service_name}, {"deprecated", method.deprecated}};
  if (method.mode) value["mode"] = *method.mode == MethodMode::read ? "read" : "write";
  if (method.args) value["args"] = method.args->text;
  if (method.returns) value["returns"] = method.returns->text;
  if (method.body) value["body"] = method.body->text;
  return value;
}

Method to_method(const json& value, int number) {
  Method method;
  method.name = value.at("name").get<std::string>();
  method.place = Place{fmt::format("ledger: version {} method {}", number, method.name), 0, 0};
  method.service_name = value.at("serviceName").get<std::string>();
  method.deprecated = value.at("deprecated").get<bool>();
  if (value.contains("mode")) method.mode = value["mode"] == "read" ? MethodMode::read : MethodMode::write;
  const std::string what = "method " + method.name;
  if (value.contains("args")) method.args = recorded(value["args"], number, what.c_str());
  if (value.contains("returns")) method.returns = recorded(value["returns"], number, what.c_str());
  if (value.contains("body")) method.body = recorded(value["body"], number, what.c_str());
  return method;
}

json to_json(const OnlineDeclaration& online) {
  json value{{"table", online.table},
             {"key", online.key},
             {"batch", online.batch.text},
             {"complete", online.complete.text}};
  if (online.verify_source) value["source"] = online.verify_source->text;
  if (online.verify_copy) value["copy"] = online.verify_copy->text;
  return value;
}

OnlineDeclaration to_online(const json& value, int number, const char* what) {
  OnlineDeclaration online;
  online.place = Place{fmt::format("ledger: version {} {}", number, what), 0, 0};
  online.table = value.at("table").get<std::string>();
  online.key = value.at("key").get<std::vector<std::string>>();
  online.batch = recorded(value.at("batch"), number, what);
  online.complete = recorded(value.at("complete"), number, what);
  if (value.contains("source")) online.verify_source = recorded(value["source"], number, what);
  if (value.contains("copy")) online.verify_copy = recorded(value["copy"], number, what);
  return online;
}

}  // namespace

std::string to_content(const Version& version) {
  json value{{"description", version.description},
             {"transactional", version.transactional},
             {"loses", version.loses},
             {"methods", json::array()},
             {"verifyDowngrade", json::array()}};
  if (version.migration_script) value["migrationScript"] = version.migration_script->text;
  if (version.downgrade_script) value["downgradeScript"] = version.downgrade_script->text;
  if (version.online_migration) value["onlineMigration"] = to_json(*version.online_migration);
  if (version.online_downgrade) value["onlineDowngrade"] = to_json(*version.online_downgrade);
  for (const Method& method : version.methods) value["methods"].push_back(to_json(method));
  for (const SqlText& query : version.verify_downgrade) value["verifyDowngrade"].push_back(query.text);
  return value.dump();
}

Version from_content(int number, const std::string& checksum, const std::string& content) try {
  const json value = json::parse(content);
  Version version;
  version.number = number;
  version.place = Place{fmt::format("ledger: version {}", number), 0, 0};
  version.checksum = checksum;
  version.description = value.at("description").get<std::string>();
  version.transactional = value.at("transactional").get<bool>();
  version.loses = value.at("loses").get<std::string>();
  if (value.contains("migrationScript")) {
    version.migration_script = recorded(value["migrationScript"], number, "migrationScript");
  }
  if (value.contains("downgradeScript")) {
    version.downgrade_script = recorded(value["downgradeScript"], number, "downgradeScript");
  }
  if (value.contains("onlineMigration"))
    version.online_migration = to_online(value["onlineMigration"], number, "online.migration");
  if (value.contains("onlineDowngrade"))
    version.online_downgrade = to_online(value["onlineDowngrade"], number, "online.downgrade");
  for (const json& method : value.at("methods")) version.methods.push_back(to_method(method, number));
  for (const json& query : value.at("verifyDowngrade")) {
    version.verify_downgrade.push_back(recorded(query, number, "verify.downgrade"));
  }
  return version;
} catch (const json::exception& error) {
  throw Error(ExitCode::failed,
              fmt::format("the ledger's copy of version {} cannot be read: {}", number, error.what()),
              "give the version's file");
}

}  // namespace dbtool::ledger
