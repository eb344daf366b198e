#include "cli/blocked_note.h"
#include "cli/context.h"
#include "cli/local_server.h"
#include "ledger/ledger.h"
#include "ledger/session.h"
#include "load/load.h"
#include "run/recorded.h"

namespace dbtool::cli {

namespace {

/// A file that dbtool.yml names lies beside it, wherever dbtool is called.
Settings placed(Settings settings, const std::filesystem::path& directory) {
  if (!settings.metrics_file.empty()) settings.metrics_file = (directory / settings.metrics_file).string();
  return settings;
}

}  // namespace

const Project& Context::project() {
  if (!project_) use(loading_.valid() ? loading_.get() : load::load_project(directory(), environment_));
  return *project_;
}

const Project& Context::project_to_judge() {
  if (!project_) use(load::load_project(directory(), environment_, load::Purpose::judge));
  return *project_;
}

void Context::load_ahead() {
  if (project_ || loading_.valid()) return;
  loading_ = std::async(std::launch::async, [directory = directory(), environment = environment_] {
    return load::load_project(directory, environment);
  });
  try {
    file_settings_ = placed(load::load_settings(directory(), environment_), directory());
    settings_ahead_ = in_force();
  } catch (const Error&) {
    project();  // tells everything that is wrong with the files
    throw;
  }
}

const Project& Context::project_for_way_back() {
  if (project_) return *project_;
  try {
    use(load::load_project(directory(), environment_));
  } catch (const load::LoadError& error) {
    use(load::load_without_versions(directory(), environment_));
    const std::string first = load::to_text(error.complaints().front());
    observer_(Message{Message::Level::warning, "the version files cannot be used (" + first +
                                                   (error.complaints().size() > 1 ? "; and more" : "") +
                                                   "); the way back is taken from the database's ledger"});
  }
  return *project_;
}

void Context::use(Project project) {
  for (const std::string& warning : project.warnings) observer_(Message{Message::Level::warning, warning});
  file_settings_ = placed(project.settings, directory());
  project.settings = in_force();
  project_ = std::move(project);
  settings_ahead_.reset();
}

Settings Context::in_force() const {
  const auto target = arguments_.text("target");
  return target ? settings_for_target(*target) : with_flags(file_settings_);
}

Settings Context::settings_for_target(const std::string& target) const {
  Settings settings = file_settings_;
  overlay_target(settings, target);
  return with_flags(std::move(settings));
}

Settings Context::with_flags(Settings settings) const {
  overlay(settings, settings_layer(arguments_, environment_));
  return settings;
}

pg::Address Context::address() {
  if (address_) return *address_;
  if (!database_) database_ = choose_database(arguments_, environment_);
  if (const auto* given = std::get_if<GivenDatabase>(&*database_)) return given->address;
  if (const auto* target = std::get_if<TargetDatabase>(&*database_))
    return address_of_target(settings(), target->target).address;
  return local_address();
}

pg::Address Context::local_address() {
  if (!local_address_) {
    const pg::LocalServer local = start_local_server(*this);
    local_address_.emplace();
    local_address_->url = local.url;
  }
  return *local_address_;
}

pg::Connection Context::connect() {
  pg::Connection connection = ledger::open_as(address(), settings().role);
  address_ = connection.address();
  connection.on_wait(blocked_note(connection, clock(), observer_));
  const auto tell = [&](const std::string& name) {
    observer_(Connected{name, connection.host(), connection.database(), connection.user()});
  };
  std::string recorded;
  try {
    recorded = ledger::read_name(connection);
  } catch (const Error&) {
    tell(settings().name);
    throw;
  }
  tell(recorded.empty() ? settings().name : recorded);
  ledger::State state;
  state.name = recorded;
  run::check_name(state, settings());
  return connection;
}

}  // namespace dbtool::cli
