#include "load/settings_file.h"

#include <string>
#include <vector>

#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

const std::vector<BadFile> bad_settings{
    {"a list",
     "[]\n",
     {"dbtool.yml:1:1: dbtool.yml must be a mapping, not a list; write its keys as `name: …`"}},
    {"nothing", "\n", {"dbtool.yml:1:1: the file is empty; write its keys, or remove it"}},
    {"a misspelt key",
     "versionTabel: tcversion\n",
     {"dbtool.yml:1:1: `versionTabel` is not a key of dbtool.yml; did you mean `versionTable`?"}},
    {"a name that is a number",
     "name: 5\n",
     {"dbtool.yml:1:7: `name` must be text, not an integer; write '5' in quotes"}},
    {"an impossible version table",
     "versionTable: 'a b'\n",
     {"dbtool.yml:1:15: `versionTable` is `a b`; write table or schema.table in lower case"}},
    {"an impossible prefix",
     "userPrefix: ci-2\n",
     {"dbtool.yml:1:13: `userPrefix` is `ci-2`; write lower-case letters and _ only"}},
    {"extensions that are no list",
     "extensions: pgcrypto\n",
     {"dbtool.yml:1:1: `extensions` must be a list, not text; write [pgcrypto]"}},
    {"an extension that is a number",
     "extensions: [5]\n",
     {"dbtool.yml:1:14: `extensions` must be text, not an integer; write '5' in quotes"}},
    {"a sort order of one",
     "sortOrder: a\n",
     {"dbtool.yml:1:12: `sortOrder` is `a`; write texts with < between them, as \"0 < a < A < b < B\""}},
    {"a sort order with a hole",
     "sortOrder: a < < b\n",
     {"dbtool.yml:1:12: `sortOrder` is `a < < b`; write texts with < between them, as \"0 < a < A < b < "
      "B\""}},
    {"no server version",
     "server: new\n",
     {"dbtool.yml:1:9: `server` is `new`; write a version as \">=14\""}},
    {"a lock timeout that is no time",
     "lockTimeout: soon\n",
     {"dbtool.yml:1:14: `lockTimeout` is `soon`; write a time as 300ms or 2s"}},
    {"a lock timeout of 0",
     "lockTimeout: 0\n",
     {"dbtool.yml:1:14: `lockTimeout` is `0`; write a time as 300ms or 2s"}},
    {"negative retries",
     "lockRetries: -1\n",
     {"dbtool.yml:1:14: `lockRetries` is -1; it must be 0 to 1000000"}},
    {"no support",
     "releaseSupport: 0\n",
     {"dbtool.yml:1:17: `releaseSupport` is 0; it must be 1 to 1000000"}},
    {"protected by a word",
     "protected: yes\n",
     {"dbtool.yml:1:12: `protected` must be a boolean, not text; write true or false"}},
    {"a rule of ignore that is text",
     "ignore: [tmp]\n",
     {"dbtool.yml:1:10: a rule of `ignore` must be a mapping, not text; write {kind: …, name: …, reason: "
      "…}"}},
    {"a rule of ignore without a name",
     "ignore: [{kind: index}]\n",
     {"dbtool.yml:1:10: `name` of a rule of `ignore` is missing; write `name: …`"}},
    {"a rule of ignore of an unknown kind",
     "ignore: [{kind: indx, name: a}, {kind: materialized-view, name: b}]\n",
     {"dbtool.yml:1:17: `indx` is not a kind of object; did you mean `index`?",
      "dbtool.yml:1:40: `materialized-view` is not a kind of object; did you mean `materialized view`?"}},
    {"a target that is text",
     "targets: {a: postgres:///}\n",
     {"dbtool.yml:1:11: `a` must be a mapping, not text; write {url: …} or {service: …}"}},
    {"a target without a place",
     "targets: {a: {}}\n",
     {"dbtool.yml:1:11: the target `a` needs `url` or `service`, one of them; write one"}},
    {"a target with two",
     "targets: {a: {url: x, service: y}}\n",
     {"dbtool.yml:1:11: the target `a` needs `url` or `service`, one of them; write one"}},
    {"an impossible prefix of a target",
     "targets: {a: {url: x, userPrefix: A}}\n",
     {"dbtool.yml:1:35: `userPrefix` is `A`; write lower-case letters and _ only"}},
    {"a variable that is not set",
     "sortOrder: \"${DB_ORDER} < ${DB_HOST}\"\nname: \"${DB_HOST}\"\n",
     {"dbtool.yml:1:12: the environment variable DB_ORDER is not set; set it, or write the value",
      "dbtool.yml:2:7: the environment variable DB_HOST is not set; set it, or write the value"}},
    {"a variable that is not closed",
     "name: ${DB\n",
     {"dbtool.yml:1:7: `${` without a name and a `}` behind it; write ${NAME}"}},
};

void only_owner_reads(const ProjectFiles& files) {
  using std::filesystem::perms;
  std::filesystem::permissions(files.path() / "dbtool.yml", perms::owner_read | perms::owner_write);
}

}  // namespace

TEST_CASE("Each rule of dbtool.yml has its complaint", "[load]") {
  for (const BadFile& bad : bad_settings) {
    INFO(bad.rule);
    const ProjectFiles files;
    write_minimal(files);
    files.write("dbtool.yml", bad.contents);
    only_owner_reads(files);
    CHECK(complaints_about(files) == bad.complaints);
  }
}

TEST_CASE("A variable of a target that is not set is the fault of that target alone", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml",
              "targets:\n"
              "  a: {url: \"postgres://u@${DB_HOST}/\"}\n"
              "  b: {service: x, userPrefix: \"${DB_PREFIX}\", name: \"${DB_NAME}\"}\n"
              "  c: {url: \"postgres://c/\"}\n");
  only_owner_reads(files);
  const Project project = load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
  CHECK(project.settings.targets.at("a").unset ==
        "dbtool.yml:2:12: the environment variable DB_HOST is not set; set it, or write the value");
  CHECK(project.settings.targets.at("b").unset ==
        "dbtool.yml:3:31: the environment variable DB_PREFIX is not set; set it, or write the value");
  CHECK(project.settings.targets.at("c").unset.empty());
}

TEST_CASE("Every key of dbtool.yml is read", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml", R"(name: firefox-ci
versionTable: tcversion
userPrefix: taskcluster
role: taskcluster_owner
extensions: [pgcrypto, btree_gin]
sortOrder: "0 < a < A < b < B"
server: ">=14"
lockTimeout: 2s
lockRetries: 7
releaseSupport: 3
protected: true
ignore: [{kind: index, name: "tmp_*", reason: "ad hoc, dropped nightly"}]
targets:
  community:  {url: "postgres://${HOST}:5432/${NAME}", userPrefix: community, name: community}
  firefox-ci: {service: firefox_ci}
)");
  const Project project =
      load::load_project(files.path(), [](const std::string& name) { return "<" + name + ">"; });
  const Settings& settings = project.settings;
  CHECK(settings.name == "firefox-ci");
  CHECK(settings.version_table == "tcversion");
  CHECK(settings.user_prefix == "taskcluster");
  CHECK(settings.role == "taskcluster_owner");
  CHECK(settings.extensions == std::vector<std::string>{"pgcrypto", "btree_gin"});
  CHECK(settings.sort_order == "0 < a < A < b < B");
  CHECK(settings.server == ">=14");
  CHECK(settings.lock_timeout == std::chrono::seconds(2));
  CHECK(settings.lock_retries == 7);
  CHECK(settings.release_support == 3);
  CHECK(settings.is_protected);
  REQUIRE(settings.ignore.size() == 1);
  CHECK(settings.ignore[0].name == "tmp_*");
  REQUIRE(settings.targets.size() == 2);
  CHECK(settings.targets.at("community").url == "postgres://<HOST>:5432/<NAME>");
  CHECK(settings.targets.at("community").user_prefix == "community");
  CHECK(settings.targets.at("firefox-ci").service == "firefox_ci");
  CHECK(project.warnings.empty());
}

TEST_CASE("Settings that nobody wrote have their defaults", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml", "# name: x\n");
  const Settings settings = load_files(files).settings;
  CHECK(settings.version_table == "dbtool.version");
  CHECK(settings.lock_timeout == std::chrono::milliseconds(300));
  CHECK(settings.targets.empty());
}

TEST_CASE("A password is a warning, and an error where others can read it", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml", "targets:\n  a:\n    url: postgres://me:secret@host/db\n");
  only_owner_reads(files);
  const Project project = load_files(files);
  CHECK(project.warnings ==
        std::vector<std::string>{"dbtool.yml:3:10: a password in the file; write ${NAME}, or use a "
                                 "service or ~/.pgpass"});
  std::filesystem::permissions(files.path() / "dbtool.yml", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK(complaints_about(files) ==
        std::vector<std::string>{
            "dbtool.yml:3:10: a password in a file that others can read; write ${NAME}, or use a "
            "service or ~/.pgpass, or chmod 600 the file"});
}

TEST_CASE("A password is found wherever libpq takes one", "[load]") {
  using load::holds_password;
  for (const char* text :
       {"postgres://me:secret@host/db", "postgresql://me:p%40ss@host", "postgres://me:p@ss@host/",
        "postgres://host/db?password=x", "postgres://host/db?sslmode=require&password=x", "host=a password=x",
        "host=a password = 'x y'", "postgres://me:a${B}@host", "sslpassword=x"}) {
    INFO(text);
    CHECK(holds_password(text));
  }
  for (const char* text :
       {"postgres://me@host:5432/db", "postgres://host", "postgres://me:${PASSWORD}@host/db",
        "postgres://me:@host/db", "host=a user=b", "host=a password=${P} user=b",
        "postgres://host/db?password=${P}&x=y", "passwordfile", ""}) {
    INFO(text);
    CHECK_FALSE(holds_password(text));
  }
}
