#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "test/support/generate/kinds.h"
#include "test/support/generate/words.h"

namespace dbtool::generate {
namespace {

enum class TaskState { unscheduled, pending, running, completed, failed, exception };

constexpr std::string_view state_names[] = {"unscheduled", "pending", "running",
                                            "completed",   "failed",  "exception"};
constexpr std::string_view priorities[] = {"highest", "very-high", "high",   "medium",
                                           "low",     "very-low",  "lowest", "normal"};

/// What several kinds must agree upon.
struct TaskFacts {
  TaskState state{};
  bool all_completed = true;
  std::int64_t created = 0, deadline = 0, expires = 0;
};

TaskFacts facts_of(std::uint64_t seed, std::int64_t task) {
  Random random{seed, "task facts", task};
  TaskFacts facts;
  const std::int64_t roll = random.below(100);
  facts.state = roll < 72   ? TaskState::completed
                : roll < 80 ? TaskState::failed
                : roll < 85 ? TaskState::exception
                : roll < 90 ? TaskState::running
                : roll < 95 ? TaskState::pending
                            : TaskState::unscheduled;
  facts.all_completed = !random.once_in(10);
  facts.created = moment(random);
  facts.deadline = facts.created + (1 + random.below(5)) * day;
  facts.expires = facts.deadline + (28 + random.below(365)) * day;
  return facts;
}

bool is_resolved(const TaskFacts& facts) {
  return facts.state >= TaskState::completed;
}

/// A task that another one depends upon; without a number it has expired long ago.
struct Required {
  Uuid id;
  std::optional<std::int64_t> task;
};

/// About 1.5 a task: the group's first task, and some that came before in the group.
std::vector<Required> required_by(std::uint64_t seed, std::int64_t task) {
  const std::int64_t first = group_of(task);
  std::vector<Required> required;
  if (task == first) return required;
  Random random{seed, "dependencies", task};
  std::vector<std::int64_t> numbers{first};
  for (std::int64_t more = random.below(3); more > 0; --more) {
    const std::int64_t other = first + random.below(task - first);
    if (std::find(numbers.begin(), numbers.end(), other) == numbers.end()) numbers.push_back(other);
  }
  for (const std::int64_t number : numbers) required.push_back({task_id(seed, number), number});
  if (random.once_in(50)) required.push_back({Uuid::of(Random{seed, "expired task", task}), std::nullopt});
  return required;
}

bool satisfies(const TaskFacts& required, const TaskFacts& dependent) {
  return dependent.all_completed ? required.state == TaskState::completed : is_resolved(required);
}

std::string scheduler(std::int64_t task) {
  return fmt::format("gecko-level-{}", group_of(task) % 3 + 1);
}

std::string runs_json(Random& random, const TaskFacts& facts, std::int64_t retries_used) {
  std::string runs = "[";
  if (facts.state == TaskState::unscheduled) return "[]";
  for (std::int64_t run = 0; run <= retries_used; ++run) {
    const bool last = run == retries_used;
    const std::int64_t scheduled = facts.created + run * hour + random.below(minute);
    const std::string_view state = last ? state_names[static_cast<int>(facts.state)] : "exception";
    if (run > 0) runs += ',';
    runs += fmt::format(R"({{"state":"{}","reasonCreated":"{}","scheduled":"{}")", state,
                        run == 0 ? "scheduled" : "retry", iso_date(scheduled));
    if (!last || facts.state != TaskState::pending) {
      runs += fmt::format(R"(,"started":"{}","workerGroup":"us-west-{}","workerId":"i-{:08x}")",
                          iso_date(scheduled + minute), random.below(3) + 1, random.next() >> 32);
    }
    if (!last || is_resolved(facts)) {
      runs += fmt::format(R"(,"resolved":"{}","reasonResolved":"{}")", iso_date(scheduled + 40 * minute),
                          last && facts.state != TaskState::exception ? state : "claim-expired");
    }
    runs += '}';
  }
  return runs + "]";
}

std::string payload_json(Random& random, std::int64_t task) {
  // Large payloads are rare, but every set of a hundred tasks has one.
  const std::string large = task % 4096 == 100 ? oversize(random, 1) : std::string{};
  return fmt::format(R"({{"command":["bash","-c",{}],"maxRunTime":{},"env":{{"REV":"{:016x}"}}}})",
                     json_string(sentence(random, 3) + large), 600 * (1 + random.below(20)), random.next());
}

void add_chunks_of_task(Random& random, Entity& entity, std::uint64_t seed, std::int64_t task) {
  const std::string what = sentence(random, 2);
  std::string dependencies;
  for (const Required& required : required_by(seed, task)) {
    dependencies.append(dependencies.empty() ? "\"" : ",\"").append(required.id.slugid()).append("\"");
  }
  entity.chunks("dependencies", "[" + dependencies + "]");
  entity.chunks("routes", fmt::format(R"(["index.gecko.v2.{}.latest"])", random.below(1000)));
  entity.chunks("scopes",
                random.once_in(2) ? "[]" : scopes_json(random, 1 + static_cast<int>(random.below(2))));
  entity.chunks("payload", payload_json(random, task));
  entity.chunks("metadata",
                fmt::format(R"({{"name":{},"description":{},"owner":"d{}@ci.test","source":"//hg/{}"}})",
                            json_string(what + std::string{odd_suffix(random)}),
                            json_string(sentence(random, 3)), random.below(500), random.below(100'000)));
  entity.chunks("tags", fmt::format(R"({{"kind":"{}"}})", sentence(random, 1)));
  entity.chunks("extra", random.once_in(3)
                             ? std::string{"{}"}
                             : fmt::format(R"({{"parent":"{}"}})", task_id(seed, group_of(task)).slugid()));
}

void make_task(std::uint64_t seed, std::int64_t task, Entity& entity, const Sink& sink) {
  Random random{seed, "task", task};
  const TaskFacts facts = facts_of(seed, task);
  const Uuid id = task_id(seed, task);
  const std::int64_t pool = random.below(200);
  entity.begin(id.slugid(), "task");
  entity.text("taskId", id.uuid());
  entity.text("provisionerId", provisioner(pool));
  entity.text("workerType", worker_type(pool));
  entity.text("schedulerId", scheduler(task));
  entity.text("taskGroupId", task_id(seed, group_of(task)).uuid());
  entity.text("requires", facts.all_completed ? "all-completed" : "all-resolved");
  entity.text("priority", random.pick(priorities));
  const std::int64_t retries_used = random.once_in(12) ? 1 + random.below(2) : 0;
  entity.number("retries", 5);
  entity.number("retriesLeft", 5 - retries_used);
  entity.date("created", facts.created);
  entity.date("deadline", facts.deadline);
  entity.date("expires", facts.expires);
  add_chunks_of_task(random, entity, seed, task);
  entity.chunks("runs", runs_json(random, facts, retries_used));
  entity.date("takenUntil", facts.state == TaskState::running ? facts.created + 3 * hour : no_date);
  sink(entity.finish());
}

void make_group(std::uint64_t seed, std::int64_t task, Entity& entity, const Sink& sink) {
  if (group_of(task) != task) return;
  const Uuid id = task_id(seed, task);
  entity.begin(id.slugid(), "task-group");
  entity.text("taskGroupId", id.uuid());
  entity.text("schedulerId", scheduler(task));
  entity.date("expires", facts_of(seed, task).expires);
  sink(entity.finish());
}

void make_member(std::uint64_t seed, std::int64_t task, Entity& entity, const Sink& sink) {
  const Uuid group = task_id(seed, group_of(task));
  const Uuid id = task_id(seed, task);
  entity.begin(group.slugid(), id.slugid());
  entity.text("taskGroupId", group.uuid());
  entity.text("taskId", id.uuid());
  entity.date("expires", facts_of(seed, task).expires);
  sink(entity.finish());
}

void make_active_member(std::uint64_t seed, std::int64_t task, Entity& entity, const Sink& sink) {
  if (!is_resolved(facts_of(seed, task))) make_member(seed, task, entity, sink);
}

void make_requirements(std::uint64_t seed, std::int64_t task, Entity& entity, const Sink& sink) {
  const TaskFacts facts = facts_of(seed, task);
  const Uuid id = task_id(seed, task);
  for (const Required& required : required_by(seed, task)) {
    if (!required.task || satisfies(facts_of(seed, *required.task), facts)) continue;
    entity.begin(id.slugid(), required.id.slugid());
    entity.text("taskId", id.uuid());
    entity.text("requiredTaskId", required.id.uuid());
    entity.date("expires", facts.expires);
    sink(entity.finish());
  }
}

void make_dependencies(std::uint64_t seed, std::int64_t task, Entity& entity, const Sink& sink) {
  const TaskFacts facts = facts_of(seed, task);
  const Uuid id = task_id(seed, task);
  for (const Required& required : required_by(seed, task)) {
    entity.begin(required.id.slugid(), id.slugid());
    entity.text("taskId", required.id.uuid());
    entity.text("dependentTaskId", id.uuid());
    entity.text("require", facts.all_completed ? "completed" : "resolved");
    entity.date("expires", facts.expires);
    sink(entity.finish());
  }
}

/// Five a task, in turn.
void make_artifact(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "artifact", row};
  static constexpr std::string_view names[] = {"public/logs/live_backing.log", "public/build/target.tar.bz2",
                                               "public/test_info/resource-usage.json", "private/symbols.zip",
                                               "public/chain"};
  const Uuid id = task_id(seed, row / 5);
  const std::string name{std::string{names[row % 5]} + std::string{odd_suffix(random)}};
  const bool in_s3 = !random.once_in(8);
  const TaskFacts facts = facts_of(seed, row / 5);
  entity.begin(composite_key({id.slugid(), "0"}), string_key(name));
  entity.text("taskId", id.uuid());
  entity.number("runId", 0);
  entity.text("name", name);
  entity.text("storageType", in_s3 ? "s3" : "error");
  entity.text("contentType", in_s3 ? "application/octet-stream" : "application/json");
  entity.chunks("details", in_s3 ? fmt::format(R"({{"bucket":"public-artifacts","prefix":{}}})",
                                               json_string(id.slugid() + "/0/" + name))
                                 : R"({"reason":"file-missing-on-worker","message":"it's not \"there\""})");
  entity.boolean("present", !random.once_in(30));
  entity.date("expires", facts.expires);
  sink(entity.finish());
}

}  // namespace

Uuid task_id(std::uint64_t seed, std::int64_t task) {
  return Uuid::of(Random{seed, "task id", task});
}

std::int64_t group_of(std::int64_t task) {
  // Groups of 1, 40, 7 and 16 tasks, again and again.
  constexpr std::int64_t firsts[] = {48, 41, 1, 0};
  const std::int64_t in_cycle = task % 64;
  for (const std::int64_t first : firsts) {
    if (in_cycle >= first) return task - in_cycle + first;
  }
  return task;
}

const std::vector<Kind>& task_kinds() {
  static const std::vector<Kind> kinds{
      {"queue_tasks_entities", 1, 0, true, make_task},
      {"queue_task_groups_entities", 1, 0, true, make_group},
      {"queue_task_group_members_entities", 1, 0, true, make_member},
      {"queue_task_group_active_sets_entities", 1, 0, true, make_active_member},
      {"queue_task_requirements_entities", 1, 0, true, make_requirements},
      {"queue_task_dependencies_entities", 1, 0, true, make_dependencies},
      {"queue_artifacts_entities", 0.2, 0, false, make_artifact},
  };
  return kinds;
}

}  // namespace dbtool::generate
