#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "run/run.h"
#include "run/step_error.h"
#include "test/support/database.h"
#include "test/support/project_files.h"

namespace dbtool::test {

/// A project directory and an empty database, and runs of the one on the other.
class RunFixture {
 public:
  /// `server_url`: of another server than the shared one.
  explicit RunFixture(const std::string& server_url = {}) : database({}, server_url) { write_minimal(files); }

  /// Writes versions/000N.yml; `keys` are the lines after `version:`.
  void write_version(int number, const std::string& keys) const;
  /// A version with one script each way, in `|` blocks of a `begin … end`.
  void write_scripts(int number, const std::string& up, const std::string& down,
                     const std::string& more = "methods: {}") const;

  Project load() const;
  /// Runs to a goal; returns the version row afterwards. Errors go on as they are.
  int upgrade(int goal, const std::string& url = {});
  int downgrade(int goal, const std::string& url = {});
  int go(Direction direction, int goal, Project project, const std::string& url = {});

  int version() const;
  std::string text(const std::string& query) const;
  bool exists(const std::string& name) const;
  /// How many events of type T came so far.
  template <class T>
  std::vector<T> events_of() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
  }
  bool was_told(const std::string& part) const;

  ProjectFiles files;
  Database database;
  Settings settings;  ///< put over what dbtool.yml says: prefix, role and the like
  std::vector<Event> events;
  std::function<void(const Event&)> on_event;  ///< called after each was kept
  std::atomic<int> interrupts = 0;
  std::set<int> accept_changed;
  bool defer_online = false;
  run::OnlineWish online;
  SystemClock clock;
};

}  // namespace dbtool::test
