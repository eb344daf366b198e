#include <fmt/format.h>

#include "test/support/generate/kinds.h"
#include "test/support/generate/words.h"

namespace dbtool::generate {
namespace {

void make_client(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "client", row};
  const std::string id =
      fmt::format("mozilla-auth0/ad|Mozilla-LDAP|dev{}/{}{}", row, sentence(random, 1), odd_suffix(random));
  const std::int64_t created = moment(random);
  entity.begin(string_key(id), "client");
  entity.text("clientId", id);
  entity.chunks("description",
                random.once_in(8) ? "" : "For *" + sentence(random, 6) + "*:\n1. it's\ttabbed");
  entity.encrypted("accessToken", random, 64);
  entity.date("expires", created + 1000 * day);
  entity.boolean("disabled", random.once_in(10));
  entity.chunks("scopes", scopes_json(random, static_cast<int>(random.below(12))));
  entity.chunks(
      "details",
      fmt::format(
          R"({{"created":"{}","lastModified":"{}","lastDateUsed":"{}","lastRotated":"{}","deleteOnExpiration":{}}})",
          iso_date(created), iso_date(created + day), iso_date(created + 2 * day), iso_date(created),
          random.once_in(2)));
  sink(entity.finish());
}

void make_role(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "role", row};
  const std::string id = fmt::format("hook-id:project-{}/{}{}", row, sentence(random, 1), odd_suffix(random));
  const std::int64_t created = moment(random);
  entity.begin(string_key(id), "role");
  entity.text("roleId", id);
  entity.chunks("scopes", row == 7 ? scopes_json(random, 4000)
                                   : scopes_json(random, 1 + static_cast<int>(random.below(20))));
  entity.chunks("description", sentence(random, 9) + std::string{odd_suffix(random)});
  entity.date("created", created);
  entity.date("lastModified", created + random.below(day));
  sink(entity.finish());
}

void make_github_build(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "build", row};
  static constexpr std::string_view states[] = {"pending", "success", "failure", "cancelled"};
  // One build a group, in a cluster whose every fourth group comes from GitHub.
  const std::string group = Uuid::of(Random{seed, "build's group", row}).slugid();
  const std::int64_t created = moment(random);
  entity.begin(string_key(group), "build");
  entity.text("organization", "org" + std::to_string(random.below(20)));
  entity.text("repository", "repo" + std::string{odd_suffix(random)});
  entity.text("sha",
              fmt::format("{:016x}{:016x}{:08x}", random.next(), random.next(), random.next() & 0xffffffffU));
  entity.text("taskGroupId", group);
  entity.text("state", random.pick(states));
  entity.date("created", created);
  entity.date("updated", created + random.below(hour));
  entity.number("installationId", 1000 + random.below(100'000));
  entity.text("eventType", random.once_in(3) ? "push" : "pull_request.synchronize");
  entity.text("eventId", Uuid::of(Random{seed, "event", row}).uuid());
  sink(entity.finish());
}

void make_github_check(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "check", row};
  const std::string group = task_id(seed, group_of(row)).slugid();
  const std::string task = task_id(seed, row).slugid();
  entity.begin(string_key(group), string_key(task));
  entity.text("taskGroupId", group);
  entity.text("taskId", task);
  entity.text("checkSuiteId", std::to_string(600'000'000 + random.below(9'000'000)));
  entity.text("checkRunId", std::to_string(700'000'000 + random.below(9'000'000)));
  sink(entity.finish());
}

std::string hook_group(std::int64_t row) {
  return fmt::format("project-{}", row % 7);
}
std::string hook_id(std::uint64_t seed, std::int64_t row) {
  Random random{seed, "hook id", row};
  return fmt::format("{}/{}{}", sentence(random, 1), row, odd_suffix(random));
}

void make_hook(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "hook", row};
  const bool scheduled = random.once_in(2);
  entity.begin(string_key(hook_group(row)), string_key(hook_id(seed, row)));
  entity.text("hookGroupId", hook_group(row));
  entity.text("hookId", hook_id(seed, row));
  entity.chunks("metadata",
                fmt::format(R"({{"name":{},"description":"","owner":"a@example.com","emailOnError":true}})",
                            json_string(sentence(random, 2) + std::string{odd_suffix(random)})));
  entity.chunks(
      "task",
      fmt::format(
          R"({{"provisionerId":"gecko-t","payload":{{"command":{}}},"deadline":{{"$fromNow":"6 hours"}}}})",
          json_string("echo '" + sentence(random, 5) + "' \\\n && true" + oversize(random, 25))));
  entity.chunks(
      "bindings",
      random.once_in(3)
          ? R"([{"exchange":"exchange/taskcluster-queue/v1/task-completed","routingKeyPattern":"#"}])"
          : "[]");
  entity.chunks("schedule", scheduled ? R"(["0 0 */6 * * *"])" : "[]");
  entity.encrypted("triggerToken", random, 48);
  entity.encrypted("nextTaskId", random, 48);
  // A hook without a schedule fires next in the year 4000.
  entity.date("nextScheduledDate", scheduled ? moment(random) : 64'060'588'800'000);
  entity.chunks("triggerSchema", R"({"type":"object","properties":{},"additionalProperties":false})");
  sink(entity.finish());
}

void make_hooks_queue(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  entity.begin(string_key(hook_group(row)), string_key(hook_id(seed, row)));
  entity.text("hookGroupId", hook_group(row));
  entity.text("hookId", hook_id(seed, row));
  entity.text("queueName", fmt::format("{}/{}", hook_group(row), hook_id(seed, row)));
  entity.chunks("bindings", R"([{"exchange":"exchange/x","routingKeyPattern":"a.*.#"}])");
  sink(entity.finish());
}

void make_hooks_last_fire(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "last fire", row};
  const std::string task = Uuid::of(Random{seed, "fired task", row}).slugid();
  const bool failed = random.once_in(6);
  entity.begin(composite_key({hook_group(row), hook_id(seed, row % 40)}), string_key(task));
  entity.text("hookGroupId", hook_group(row));
  entity.text("hookId", hook_id(seed, row % 40));
  entity.text("firedBy", random.once_in(2) ? "schedule" : "triggerHookWithToken");
  entity.text("taskId", task);
  entity.date("taskCreateTime", moment(random));
  entity.text("result", failed ? "error" : "success");
  entity.chunks("error", failed ? "{\"message\": \"can't\"}\n  at <anonymous> \\ 100%" : "");
  sink(entity.finish());
}

void make_indexed_task(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "indexed task", row};
  static constexpr std::string_view data[] = {
      "{}", R"({"rank":1.250,"by":"x"})", "null", R"("text")", "[1,2]", "17"};
  const std::string space = fmt::format("gecko.v2.central.{}", row % 50);
  const std::string name = fmt::format("{}-{}{}", sentence(random, 1), row, odd_suffix(random));
  entity.begin(string_key(space), string_key(name));
  entity.text("namespace", space);
  entity.text("name", name);
  entity.number("rank", random.once_in(4) ? 0 : 1'590'000'000 + random.below(10'000'000));
  entity.text("taskId", task_id(seed, random.below(1000)).slugid());
  entity.chunks("data", random.once_in(2) ? std::string_view{"{}"} : random.pick(data));
  entity.date("expires", moment(random) + 400 * day);
  sink(entity.finish());
}

void make_index_namespace(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "namespace", row};
  // The root has no name: its key is the key of the empty string.
  const std::string parent = row % 9 == 0 ? "" : fmt::format("gecko.v2.{}", row % 5);
  const std::string name = fmt::format("{}-{}{}", sentence(random, 1), row, odd_suffix(random));
  entity.begin(string_key(parent), string_key(name));
  entity.text("parent", parent);
  entity.text("name", name);
  entity.date("expires", moment(random) + 400 * day);
  sink(entity.finish());
}

void make_cache_purge(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "cache purge", row};
  const std::string cache = fmt::format("level-3-checkouts-{}{}", row, odd_suffix(random));
  const std::int64_t before = moment(random);
  entity.begin(composite_key({provisioner(row), worker_type(row % 97)}), string_key(cache));
  entity.text("provisionerId", provisioner(row));
  entity.text("workerType", worker_type(row % 97));
  entity.text("cacheName", cache);
  entity.date("before", before);
  entity.date("expires", before + day);
  sink(entity.finish());
}

std::string client_details(Random& random) {
  return fmt::format(
      R"({{"clientId":"github/{}|user{}","description":{},"scopes":["assume:x"],"expires":"{}","deleteOnExpiration":true}})",
      random.below(10'000), odd_suffix(random).empty() ? "" : "'", json_string(sentence(random, 4)),
      iso_date(moment(random)));
}

void add_login(Random& random, Entity& entity) {
  entity.text("clientId", fmt::format("client-{}", random.below(40)));
  entity.text("redirectUri", "https://tools.example.com/login?next=/a%20b&x='\"");
  entity.text("identity", fmt::format("github/{}|user{}", random.below(10'000), odd_suffix(random)));
  entity.text("identityProviderId", random.once_in(4) ? "mozilla-auth0" : "github");
  entity.date("expires", moment(random));
  entity.chunks("clientDetails", client_details(random));
}

void make_authorization_code(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "authorization code", row};
  const std::string code = fmt::format("{:016x}{}", random.next(), odd_suffix(random));
  entity.begin(string_key(code), "code");
  entity.text("code", code);
  add_login(random, entity);
  sink(entity.finish());
}

void make_access_token(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "access token", row};
  std::string hash;
  for (int i = 0; i < 4; ++i) hash += fmt::format("{:016x}", random.next());
  entity.begin(string_key(hash), "token");
  entity.text("hashedAccessToken", hash);
  entity.encrypted("accessToken", random, 64);
  add_login(random, entity);
  sink(entity.finish());
}

void make_github_access_token(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "github token", row};
  const std::string user = fmt::format("user-{}{}", row, odd_suffix(random));
  entity.begin(string_key(user), "token");
  entity.text("userId", user);
  entity.encrypted("accessToken", random, 40);
  sink(entity.finish());
}

void make_denylisted_notification(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "denylisted", row};
  static constexpr std::string_view types[] = {"email", "pulse", "irc-user", "irc-channel", "matrix-room"};
  const std::string_view type = random.pick(types);
  const std::string address =
      fmt::format("!room{}:{}.example.com{}", row, sentence(random, 1), odd_suffix(random));
  entity.begin(string_key(type), string_key(address));
  entity.text("notificationType", type);
  entity.text("notificationAddress", address);
  sink(entity.finish());
}

void make_secret(std::uint64_t seed, std::int64_t row, Entity& entity, const Sink& sink) {
  Random random{seed, "secret", row};
  const std::string name = fmt::format("project/{}/{}{}", sentence(random, 1), row, odd_suffix(random));
  entity.begin(string_key(name), "secret");
  entity.text("name", name);
  entity.encrypted("secret", random, row == 5 ? 200'000 : 100 + static_cast<std::size_t>(random.below(2000)));
  entity.date("expires", moment(random) + 1000 * day);
  sink(entity.finish());
}

}  // namespace

const std::vector<Kind>& service_kinds() {
  static const std::vector<Kind> kinds{
      {"clients_entities", 5'000, 40, false, make_client},
      {"roles_entities", 5'000, 40, false, make_role},
      {"github_builds_entities", 50, 40, false, make_github_build},
      {"github_checks_entities", 20, 40, false, make_github_check},
      {"hooks_entities", 10'000, 40, false, make_hook},
      {"hooks_queues_entities", 20'000, 20, false, make_hooks_queue},
      {"hooks_last_fires_entities", 1'000, 60, false, make_hooks_last_fire},
      {"indexed_tasks_entities", 10, 60, false, make_indexed_task},
      {"index_namespaces_entities", 100, 40, false, make_index_namespace},
      {"cache_purges_entities", 100'000, 30, false, make_cache_purge},
      {"authorization_codes_entities", 100'000, 20, false, make_authorization_code},
      {"access_tokens_entities", 50'000, 30, false, make_access_token},
      {"github_access_tokens_entities", 50'000, 30, false, make_github_access_token},
      {"denylisted_notifications_entities", 100'000, 30, false, make_denylisted_notification},
      {"secrets_entities", 20'000, 30, false, make_secret},
  };
  return kinds;
}

}  // namespace dbtool::generate
