#include "run/step_sql.h"

#include "run/plan.h"
#include "test/support/catch.h"

using namespace dbtool;

namespace {

SqlText sql(const std::string& text) {
  return {text, {"versions/0001.yml", 3, 5}, 4};
}

Version with_scripts(int number, const std::string& up, const std::string& down) {
  Version version;
  version.number = number;
  version.migration_script = sql(up);
  version.downgrade_script = sql(down);
  return version;
}

Method method(const std::string& name, const std::string& body) {
  Method made;
  made.name = name;
  made.args = sql("a_in integer default 1");
  made.returns = sql("integer");
  if (!body.empty()) made.body = sql(body);
  return made;
}

/// Versions 1 to 3; method f is defined in 1, redefined in 2, deprecated in 3; 2 is online.
Project project() {
  Project made;
  made.versions = {with_scripts(1, "begin end", "begin end"),
                   with_scripts(2, "begin create function online_migration_v2_batch(); end", "begin end"),
                   Version{}};
  made.versions[2].number = 3;
  made.versions[0].methods = {method("f", "one")};
  made.versions[1].methods = {method("f", "two"), method("g", "two")};
  Method deprecated;
  deprecated.name = "f";
  deprecated.deprecated = true;
  made.versions[2].methods = {deprecated};
  return made;
}

ledger::State at(int version) {
  ledger::State state;
  state.version = version;
  state.version_table = version > 0;
  return state;
}

std::vector<std::string> outline(const run::Plan& plan) {
  std::vector<std::string> lines;
  for (const run::Step& step : plan.steps) {
    lines.push_back(std::string(to_text(run::direction_of(step))) + " " +
                    std::to_string(run::version_of(step).number) + " " + run::kind_of(step));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A plan is the versions between, with the online part after its version", "[run]") {
  const Project files = project();
  CHECK(outline(run::make_plan(files, at(0), {Direction::upgrade, 3, false})) ==
        Lines{"upgrade 1 script", "upgrade 2 script", "upgrade 2 online", "upgrade 3 methods only"});
  CHECK(outline(run::make_plan(files, at(3), {Direction::downgrade, 1, false})) ==
        Lines{"downgrade 3 methods only", "downgrade 2 script"});
  const run::Plan deferred = run::make_plan(files, at(0), {Direction::upgrade, 3, true});
  CHECK(outline(deferred) == Lines{"upgrade 1 script", "upgrade 2 script", "upgrade 3 methods only"});
  CHECK(deferred.deferred_online == 2);
}

TEST_CASE("An unfinished online migration is finished first, or turned round", "[run]") {
  const Project files = project();
  ledger::State state = at(2);
  state.online = ledger::OnlineState{};
  state.online->version = 2;
  state.online->direction = Direction::upgrade;
  CHECK(outline(run::make_plan(files, state, {Direction::upgrade, 3, false})) ==
        Lines{"upgrade 2 online", "upgrade 3 methods only"});
  CHECK(outline(run::make_plan(files, state, {Direction::upgrade, 2, false})) == Lines{"upgrade 2 online"});
  const run::Plan back = run::make_plan(files, state, {Direction::downgrade, 1, false});
  CHECK(outline(back) == Lines{"downgrade 2 script"});
  CHECK(std::get<run::TransactionStep>(back.steps.front()).drops_online == Direction::upgrade);
}

TEST_CASE("A downgrade gives a method its newest earlier body, or drops it", "[run]") {
  const Project files = project();
  const auto of = [&](int from) {
    const run::Plan plan = run::make_plan(files, at(from), {Direction::downgrade, from - 1, false});
    return std::get<run::TransactionStep>(plan.steps.front()).methods;
  };
  REQUIRE(of(3).size() == 1);
  CHECK(of(3)[0].method->body->text == "two");  // the entry of 3 has no body: it is not a definition
  REQUIRE(of(2).size() == 2);
  CHECK(of(2)[0].method->body->text == "one");
  CHECK(of(2)[1].kind == run::MethodChange::Kind::drop);
  CHECK(of(1)[0].kind == run::MethodChange::Kind::drop);
}

TEST_CASE("A declared online migration follows its version", "[run]") {
  Project files = project();
  files.versions[0].online_migration = OnlineDeclaration{};
  CHECK(outline(run::make_plan(files, at(0), {Direction::upgrade, 1, false})) ==
        Lines{"upgrade 1 script", "upgrade 1 online"});
}

TEST_CASE("Going down from methods on top of an unfinished version comes to that version first", "[run]") {
  const Project files = project();
  ledger::State state = at(3);
  state.online = ledger::OnlineState{};
  state.online->version = 2;
  state.online->direction = Direction::upgrade;
  CHECK(outline(run::make_plan(files, state, {Direction::downgrade, 1, false})) ==
        Lines{"downgrade 3 methods only", "downgrade 2 script"});
  CHECK(outline(run::make_plan(files, state, {Direction::downgrade, 2, false})) ==
        Lines{"downgrade 3 methods only", "upgrade 2 online"});
  CHECK(outline(run::make_plan(files, state, {Direction::upgrade, 3, false})) == Lines{"upgrade 2 online"});
}

TEST_CASE("The prefix is put in, and an offset found back", "[run]") {
  const std::string text = "a $db_user_prefix$ b $db_user_prefix$c";
  const std::string put = run::substitute_prefix(text, "firefox");
  CHECK(put == "a firefox b firefoxc");
  CHECK(run::original_offset(text, "firefox", 0) == 0);
  CHECK(run::original_offset(text, "firefox", put.find(" b")) == text.find(" b"));
  CHECK(run::original_offset(text, "firefox", put.size() - 1) == text.size() - 1);
  CHECK(run::original_offset(text, "firefox", put.size() + 9) == text.size());
}

TEST_CASE("The printed SQL is what is sent", "[run]") {
  const Project files = project();
  Settings settings;
  std::string text =
      run::to_sql(run::make_plan(files, at(0), {Direction::upgrade, 2, false}), settings, 150000);
  CHECK_THAT(text, Catch::Contains("create table \"dbtool\".\"version\""));
  CHECK_THAT(
      text, Catch::Contains("create or replace function \"f\"(a_in integer default 1) returns integer as $"));
  CHECK_THAT(text, Catch::Contains("update \"dbtool\".\"version\" set version = '2'::integer"));
  CHECK_THAT(text, Catch::Contains("online_migration_v2_is_complete"));
  // Statements that are only parsed keep their parameters.
  for (std::size_t at = text.find("$call$"); at != std::string::npos; at = text.find("$call$"))
    text.erase(at, text.find("$call$", at + 1) - at + 6);
  CHECK(text.find("$1") == std::string::npos);
}
