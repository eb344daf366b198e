#include <nlohmann/json.hpp>

#include "cli/context.h"
#include "load/load.h"

namespace dbtool::cli {

const Project& Context::project() {
  if (!project_) {
    project_ = load::load_project(directory(), environment_);
    for (const std::string& warning : project_->warnings)
      observer_(Message{Message::Level::warning, warning});
  }
  return *project_;
}

const Settings& Context::settings() {
  if (!settings_) {
    Settings settings = project().settings;
    if (const auto target = arguments_.text("target")) overlay_target(settings, *target);
    overlay(settings, settings_layer(arguments_, environment_));
    settings_ = std::move(settings);
  }
  return *settings_;
}

Settings Context::settings_for_target(const std::string& target) {
  Settings settings = project().settings;
  overlay_target(settings, target);
  overlay(settings, settings_layer(arguments_, environment_));
  return settings;
}

pg::Address Context::address() {
  if (!database_) database_ = choose_database(arguments_, environment_);
  if (const auto* given = std::get_if<GivenDatabase>(&*database_)) return given->address;
  if (const auto* target = std::get_if<TargetDatabase>(&*database_))
    return address_of_target(project().settings, target->target).address;
  throw Error(ExitCode::failed, "LOCAL");
}

pg::Connection Context::connect() {
  pg::Connection connection = pg::Connection::open(address());
  announce(connection);
  return connection;
}

void Context::announce(const pg::Connection& connection) {
  const std::string& name = settings().name;
  if (json_) {
    const nlohmann::ordered_json json{{"event", "connected"},
                                      {"name", name},
                                      {"host", connection.host()},
                                      {"database", connection.database()},
                                      {"user", connection.user()}};
    observer_(Message{Message::Level::note, json.dump()});
    return;
  }
  note((name.empty() ? "" : name + ": ") + "database " + connection.database() + " on " + connection.host() +
       " as " + connection.user());
}

}  // namespace dbtool::cli
