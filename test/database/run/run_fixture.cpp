#include "test/database/run/run_fixture.h"

#include <fmt/format.h>

#include "load/load.h"

namespace dbtool::test {

void RunFixture::write_version(int number, const std::string& keys) const {
  test::write_version(files, number, keys);
}

void RunFixture::write_scripts(int number, const std::string& up, const std::string& down,
                               const std::string& more) const {
  test::write_scripts(files, number, up, down, more);
}

Project RunFixture::load() const {
  Project project = load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
  project.settings = settings;
  return project;
}

int RunFixture::go(Direction direction, int goal, Project project, const std::string& url) {
  run::Run::Options options;
  options.request = {direction, goal, defer_online};
  options.command = fmt::format("{} {}", to_text(direction), goal);
  options.accept_changed = accept_changed;
  options.online = online;
  pg::Address address;
  address.url = url.empty() ? database.url() : url;
  run::Run run(
      pg::Connection::open(address), std::move(project), std::move(options), clock,
      [this](const Event& event) {
        events.push_back(event);
        if (on_event) on_event(event);
      },
      [this] { return interrupts.load(); });
  run.preflight();
  run.execute();
  return version();
}

int RunFixture::upgrade(int goal, const std::string& url) {
  return go(Direction::upgrade, goal, load(), url);
}

int RunFixture::downgrade(int goal, const std::string& url) {
  return go(Direction::downgrade, goal, load(), url);
}

int RunFixture::version() const {
  return static_cast<int>(database.exec("select version from dbtool.version").integer(0, 0));
}

std::string RunFixture::text(const std::string& query) const {
  const pg::Result result = database.exec(query);
  return result.rows() == 0 ? "" : std::string(result.text(0, 0));
}

bool RunFixture::exists(const std::string& name) const {
  return database
      .exec(fmt::format("select to_regclass('{0}') is not null or to_regproc('{0}') is not null", name))
      .boolean(0, 0);
}

bool RunFixture::was_told(const std::string& part) const {
  for (const Message& message : events_of<Message>()) {
    if (message.text.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace dbtool::test
