#include <fmt/format.h>

#include "test/support/generate/kinds.h"
#include "test/support/generate/words.h"

namespace dbtool::generate {
namespace {

constexpr std::string_view stabilities[] = {"experimental", "stable", "deprecated"};

void make_worker(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "worker", row};
  static constexpr std::string_view states[] = {"requested", "running", "stopping", "stopped"};
  const std::string pool = worker_pool(row % 97);
  const std::string group = fmt::format("us-west-{}{}", random.below(3) + 1, odd_suffix(random));
  const std::string id = fmt::format("i-{:08x}-{}", random.next() & 0xffffffffU, row);
  const std::int64_t created = moment(random);
  entity.begin(composite_key({pool, group}), string_key(id));
  entity.text("workerPoolId", pool);
  entity.text("workerGroup", group);
  entity.text("workerId", id);
  entity.text("providerId", random.once_in(10) ? "static" : "aws");
  entity.date("created", created);
  entity.date("expires", created + 7 * day);
  entity.text("state", random.pick(states));
  entity.chunks("providerData",
                fmt::format(R"({{"region":"us-west-2","imageId":"ami-{:x}","registrationExpiry":null}})",
                            random.next()));
  entity.number("capacity", 1 + random.below(8));
  entity.date("lastModified", created + hour);
  entity.date("lastChecked", random.once_in(20) ? no_date : created + 2 * hour);
  entity.encrypted("secret", random, 60);
  sink(entity.finish());
}

void make_worker_pool(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "worker pool", row};
  const std::string pool = worker_pool(row) + std::string{odd_suffix(random)};
  const std::int64_t created = moment(random);
  entity.begin(string_key(pool), "pool");
  entity.text("workerPoolId", pool);
  entity.text("providerId", "aws");
  entity.text("owner", fmt::format("team{}@example.com", random.below(30)));
  entity.chunks("description",
                random.once_in(6) ? "" : sentence(random, 10) + std::string{odd_suffix(random)});
  entity.boolean("emailOnError", random.once_in(2));
  entity.date("created", created);
  entity.date("lastModified", created + random.below(100) * day);
  entity.chunks(
      "config",
      fmt::format(
          R"({{"minCapacity":0,"maxCapacity":{},"launchConfigs":[{{"region":"us-west-2","note":{}}}]}})",
          random.below(1000), json_string(sentence(random, 3) + oversize(random, 15))));
  entity.chunks("providerData", random.once_in(3) ? "{}" : R"({"aws":{"running":12,"scale":1.50}})");
  entity.chunks("previousProviderIds", random.once_in(3) ? R"(["google","static"])" : "[]");
  sink(entity.finish());
}

void make_worker_pool_error(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "worker pool error", row};
  const std::string pool = worker_pool(row % 97);
  const std::string id = Uuid::of(Random{seed, "error id", row}).slugid();
  entity.begin(string_key(pool), string_key(id));
  entity.text("workerPoolId", pool);
  entity.text("errorId", id);
  entity.date("reported", moment(random));
  entity.text("kind", random.once_in(3) ? "creation-error" : "termination-error");
  entity.text("title", "Instance Creation Error" + std::string{odd_suffix(random)});
  entity.chunks("description",
                "There is not enough capacity\nfor \"" + sentence(random, 5) + "\" \xE2\x80\x94 100%");
  entity.chunks("extra", random.once_in(3)
                             ? "{}"
                             : R"({"config":{"a":[1,2.50,null,true]},"code":"Insufficient\u0020Capacity"})");
  sink(entity.finish());
}

void make_queue_worker(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "queue worker", row};
  const std::string type = worker_type(row % 97);
  const std::string group = fmt::format("mdc{}", random.below(3) + 1);
  const std::string id = fmt::format("t-linux64-ms-{}{}", row, odd_suffix(random));
  std::string recent;
  for (std::int64_t i = random.below(4); i > 0; --i) {
    recent += fmt::format(R"({}{{"taskId":"{}","runId":0}})", recent.empty() ? "" : ",",
                          task_id(seed, random.below(1000)).slugid());
  }
  const std::int64_t first_claim = moment(random);
  entity.begin(composite_key({provisioner(row % 97), type}), composite_key({group, id}));
  entity.text("provisionerId", provisioner(row % 97));
  entity.text("workerType", type);
  entity.text("workerGroup", group);
  entity.text("workerId", id);
  entity.chunks("recentTasks", "[" + recent + "]");
  entity.date("quarantineUntil", random.once_in(10) ? first_claim + 1000 * day : no_date);
  entity.date("expires", first_claim + 5 * day);
  entity.date("firstClaim", first_claim);
  sink(entity.finish());
}

void make_worker_type(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "worker type", row};
  const std::int64_t active = moment(random);
  entity.begin(string_key(provisioner(row)), string_key(worker_type(row)));
  entity.text("provisionerId", provisioner(row));
  entity.text("workerType", worker_type(row));
  entity.date("expires", active + 5 * day);
  entity.date("lastDateActive", active);
  entity.chunks("description", random.once_in(2) ? "" : "[not json] " + sentence(random, 6));
  entity.text("stability", random.pick(stabilities));
  sink(entity.finish());
}

void make_provisioner(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "provisioner", row};
  const std::string name =
      row < 5 ? std::string{provisioner(row)} : fmt::format("proj-{}{}", row, odd_suffix(random));
  const std::int64_t active = moment(random);
  entity.begin(string_key(name), "provisioner");
  entity.text("provisionerId", name);
  entity.date("expires", active + 5 * day);
  entity.date("lastDateActive", active);
  entity.chunks("description", sentence(random, 7) + std::string{odd_suffix(random)});
  entity.text("stability", random.pick(stabilities));
  entity.chunks(
      "actions",
      random.once_in(2)
          ? "[]"
          : R"([{"name":"kill","title":"Kill it","context":"worker","url":"https://example.com/<id>","method":"POST"}])");
  sink(entity.finish());
}

}  // namespace

const std::vector<Kind>& worker_kinds() {
  static const std::vector<Kind> kinds{
      {"wmworkers_entities", 50, 40, false, make_worker},
      {"wmworker_pools_entities", 10'000, 30, false, make_worker_pool},
      {"wmworker_pool_errors_entities", 1'000, 30, false, make_worker_pool_error},
      {"queue_workers_entities", 50, 40, false, make_queue_worker},
      {"queue_worker_types_entities", 10'000, 25, false, make_worker_type},
      {"queue_provisioners_entities", 1'000'000, 12, false, make_provisioner},
  };
  return kinds;
}

}  // namespace dbtool::generate
