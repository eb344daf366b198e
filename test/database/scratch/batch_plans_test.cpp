#include "scratch/batch_plans.h"

#include "test/database/scratch/scratch_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// "begin … end" of a version whose batch function reads entities where `condition`.
std::string batch_function(const std::string& name, const std::string& condition) {
  return "begin\n  create function " + name + R"(_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb) language plpgsql as $$
  declare
    last_id bigint := coalesce((state_in ->> 'id')::bigint, 0);
    ids bigint[];
  begin
    select array_agg(k.id) into ids
    from (select e.id from entities e where )" +
         condition + R"( order by e.id limit batch_size_in) k;
    return query select coalesce(cardinality(ids), 0), jsonb_build_object('id', ids[cardinality(ids)]);
  end $$;
  create function )" +
         name + R"(_is_complete() returns boolean language sql as 'select true';
end)";
}

class PlansFixture : public ScratchFixture {
 public:
  PlansFixture() {
    write_scripts(1, "begin\n  create table entities (id bigint primary key, value jsonb);\nend",
                  "begin\n  drop table entities;\nend");
    files.write("schema/tables.yml", "entities: {id: bigint not null, value: jsonb}\n");
  }

  lint::Explained plans(const std::set<int>& versions) {
    return scratch::batch_plans(
        load(), {shared_server_url(), 0}, clock, [this] { return interrupts.load(); },
        [this](const Event& event) { events.push_back(event); }, versions);
  }
};

std::vector<std::string> places(const lint::Explained& explained) {
  std::vector<std::string> texts;
  for (const Finding& finding : explained.findings)
    texts.push_back(std::to_string(finding.version) + " " + finding.rule + " " + finding.object);
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Batches are asked about where their version stands, both ways", "[scratch][plans]") {
  PlansFixture fixture;
  fixture.write_scripts(2, batch_function("online_migration_v2", "e.id > last_id"),
                        batch_function("online_downgrade_v2", "e.id + 0 > last_id"));
  // The table is another one above: asked at the newest version, neither batch would be understood.
  fixture.write_scripts(3, "begin\n  alter table entities rename to things;\nend",
                        "begin\n  alter table things rename to entities;\nend");
  fixture.files.write("schema/tables.yml", "things: {id: bigint not null, value: jsonb}\n");
  const lint::Explained explained = fixture.plans({1, 2, 3});
  CHECK(explained.notes.empty());
  CHECK(explained.statements == 2);
  CHECK(places(explained) == Texts{"2 online-batch-scans function online_downgrade_v2_batch"});
  CHECK(fixture.events_of<StepStarted>().size() == 1);
}

TEST_CASE("Declared batches are asked about and not run", "[scratch][plans]") {
  PlansFixture fixture;
  const auto write = [&](const std::string& batch) {
    fixture.write_version(2,
                          "methods: {}\n"
                          "online:\n  migration:\n    table: entities\n    key: [id]\n    batch: " +
                              batch + "\n    complete: select true\n");
  };
  write("update entities set value = '{}' where $range$ and value is null");
  CHECK(fixture.plans({2}).findings.empty());
  CHECK(fixture.plans({2}).statements == 1);
  write("update entities set value = '{}' where $range$ or value is null");
  CHECK(places(fixture.plans({2})) == Texts{"2 online-batch-scans table entities"});
}

TEST_CASE("Of versions that are not judged, none is asked about", "[scratch][plans]") {
  PlansFixture fixture;
  fixture.write_scripts(2, batch_function("online_migration_v2", "e.id + 0 > last_id"), "begin null; end");
  CHECK(fixture.plans({1}).statements == 0);
  CHECK(fixture.events.empty());
}

TEST_CASE("A version that fails ends the walk, and a note says why", "[scratch][plans]") {
  PlansFixture fixture;
  fixture.write_scripts(2, "begin\n  drop table nowhere;\nend", "begin null; end");
  fixture.write_scripts(3, batch_function("online_migration_v3", "e.id > last_id"), "begin null; end");
  const lint::Explained explained = fixture.plans({1, 2, 3});
  CHECK(explained.statements == 0);
  REQUIRE(explained.notes.size() == 1);
  CHECK(explained.notes[0].find("no plans of batches from version 3 on") == 0);
  CHECK(explained.notes[0].find("table \"nowhere\" does not exist") != std::string::npos);
  CHECK(explained.notes[0].find("versions/0002.yml:") != std::string::npos);
}
