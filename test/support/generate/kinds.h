#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "test/support/generate/entity.h"

namespace dbtool::generate {

/// Takes one finished line of COPY.
using Sink = std::function<void(std::string_view)>;

/// How the rows of one entities table are made.
struct Kind {
  std::string_view table;
  /// For how many tasks of a real cluster there is one such row (0.2: five rows a task).
  double tasks_per_row = 1;
  std::int64_t fewest = 0;  ///< in a set of all kinds
  /// Rows follow from the tasks: `row` is the number of a task then, and yields no, one or several rows.
  bool follows_tasks = false;
  /// Makes row number `row`; any row can be made without the others.
  void (*make)(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) = nullptr;
};

/// auth, github, hooks, index, notify, purge-cache, secrets, web-server
const std::vector<Kind>& service_kinds();
/// worker-manager and the queue's workers
const std::vector<Kind>& worker_kinds();
/// the queue's tasks and what refers to them
const std::vector<Kind>& task_kinds();

Uuid task_id(std::uint64_t seed, std::int64_t task);
/// Number of the first task of the task's group; its id is the group's.
std::int64_t group_of(std::int64_t task);

}  // namespace dbtool::generate
