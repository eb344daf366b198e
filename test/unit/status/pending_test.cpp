#include "status/pending.h"

#include "catalog/table_rows.h"
#include "test/support/catch.h"

using namespace dbtool;
using status::PendingKind;

namespace {

Version with_script(const std::string& script) {
  Version version;
  version.migration_script = SqlText{script, {}, 0};
  return version;
}

}  // namespace

TEST_CASE("how heavy a version is depends on its script and the rows it meets", "[status]") {
  CHECK(status::kind_of(Version{}, std::nullopt) == PendingKind::methods_only);
  const Version fill = with_script("begin\n  insert into tasks select * from queue_tasks_entities;\nend");
  CHECK(status::kind_of(fill, 10) == PendingKind::quick);
  CHECK(status::kind_of(fill, std::nullopt) == PendingKind::quick);  // none of its tables is there yet
  CHECK(status::kind_of(fill, 5'000'000) == PendingKind::slow);
  CHECK(status::kind_of(with_script("begin\n  create table a (b integer);\nend"), 5'000'000) ==
        PendingKind::quick);
  Version single = with_script("create index concurrently i on tasks (a);");
  single.transactional = false;
  CHECK(status::kind_of(single, 10) == PendingKind::quick);
  CHECK(status::kind_of(single, 5'000'000) == PendingKind::slow);
}

TEST_CASE("a script names tables as words", "[status]") {
  const std::map<std::string, std::int64_t> rows{{"tasks", 5}, {"tasks_old", 70}, {"hooks", 3}};
  CHECK(catalog::rows_named("select from tasks, hooks", rows) == 5);
  CHECK(catalog::rows_named("public.tasks_old;", rows) == 70);
  CHECK(catalog::rows_named("mytasks tasks2", rows) == std::nullopt);
}

TEST_CASE("pending versions are estimated by what they took, or by their rows", "[status]") {
  Project project;
  for (int number = 1; number <= 3; ++number) {
    project.versions.push_back(with_script("begin\n  update tasks set a = 1;\nend"));
    project.versions.back().number = number;
  }
  const auto pending = status::list_pending(project, 2, {{"tasks", 1'000'000}}, {{3, 42.0}});
  REQUIRE(pending.size() == 2);
  CHECK(pending[0].version == 2);
  CHECK(pending[0].kind == PendingKind::slow);
  REQUIRE(pending[0].estimate);
  CHECK(pending[0].estimate->low == Approx(10));
  CHECK(pending[0].estimate->high == Approx(2000));
  REQUIRE(pending[1].estimate);
  CHECK(pending[1].estimate->high == 42.0);
}
