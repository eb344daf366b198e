#include "call/call.h"
#include "test/support/catch.h"

using namespace dbtool;

namespace {

Method method(const std::string& name, const std::string& args, MethodMode mode = MethodMode::read) {
  Method made;
  made.name = name;
  made.mode = mode;
  made.args = SqlText{args, {}, 0};
  made.returns = SqlText{"void", {}, 0};
  made.body = SqlText{"begin end", {}, 0};
  return made;
}

/// Version 1: get_task and put_task; version 2: add_three; version 3: get_task deprecated.
Project project() {
  Project made;
  made.versions.resize(3);
  for (int i = 0; i < 3; ++i) made.versions[static_cast<std::size_t>(i)].number = i + 1;
  made.versions[0].methods = {
      method("get_task", "task_id_in text, run_in integer default 0, out found boolean"),
      method("put_task", "task_id_in text, \"Odd Name\" tasks.payload%type", MethodMode::write)};
  made.versions[1].methods = {method("add_three", "integer, b numeric(10,2), variadic rest text[]")};
  Method deprecated;
  deprecated.name = "get_task";
  deprecated.deprecated = true;
  made.versions[2].methods = {deprecated};
  return made;
}

std::string complaint(int version, const std::string& function, const std::vector<call::NamedValue>& values) {
  try {
    call::make_call(project(), version, function, values);
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("arguments are passed by name, in any order, cast to the declared types", "[call]") {
  const call::Call call = call::make_call(project(), 1, "get_task", {{"run_in", "3"}, {"task_id_in", "x"}});
  CHECK(call.sql == R"(select * from "get_task"("task_id_in" => $1::text, "run_in" => $2::integer))");
  CHECK(call.parameters == std::vector<pg::Parameter>{"x", "3"});
  CHECK(call.read_only);
  CHECK(!call.deprecated);
}

TEST_CASE("defaults may be left out, null is not the empty text", "[call]") {
  CHECK(call::make_call(project(), 1, "get_task", {{"task_id_in", ""}}).sql ==
        R"(select * from "get_task"("task_id_in" => $1::text))");
  const call::Call call =
      call::make_call(project(), 1, "put_task", {{"task_id_in", std::nullopt}, {"Odd Name", ""}});
  CHECK(call.sql == R"(select * from "put_task"("task_id_in" => $1::text, "Odd Name" => $2))");
  CHECK(call.parameters == std::vector<pg::Parameter>{std::nullopt, ""});
  CHECK(!call.read_only);
}

TEST_CASE("an argument without a name is called by its number", "[call]") {
  const call::Call call =
      call::make_call(project(), 2, "add_three", {{"rest", "{a}"}, {"b", "2"}, {"1", "1"}});
  CHECK(call.sql ==
        R"(select * from "add_three"($1::integer, "b" => $2::numeric, variadic "rest" => $3::text[]))");
}

TEST_CASE("what a call cannot do is said with the reason", "[call]") {
  CHECK(complaint(2, "add_three", {{"b", "2"}}) ==
        "add_three: argument 1 (integer) is missing: it has no name, and is given by its number: 1=VALUE");
  Project any = project();
  any.versions[0].methods.push_back(method("rows_of", ""));
  any.versions[0].methods.push_back(method("pair_of", "out a integer, out b text"));
  for (const char* returns : {"setof record", "record"}) {
    for (Method& one : any.versions[0].methods) one.returns = SqlText{returns, {}, 0};
    CHECK_THROWS_WITH(call::make_call(any, 1, "rows_of", {}),
                      Catch::Contains("rows_of returns records whose columns are declared nowhere"));
    CHECK_NOTHROW(call::make_call(any, 1, "pair_of", {}));
  }
}

TEST_CASE("wrong names are all named, with the nearest right one", "[call]") {
  CHECK(complaint(1, "get_tsak", {}) == "no function get_tsak in version 1; did you mean get_task?");
  CHECK(complaint(1, "get_task", {{"task_id", "x"}, {"run_in", "1"}, {"run_in", "2"}}) ==
        "get_task: no argument task_id; did you mean task_id_in?; argument run_in is given twice; argument "
        "task_id_in "
        "(text) is missing");
  CHECK(complaint(1, "get_task", {{"found", "true"}, {"task_id_in", "x"}}) == "get_task: no argument found");
  CHECK(complaint(1, "add_three", {}) == "function add_three comes with version 2; the database is at 1");
}

TEST_CASE("a deprecated function can still be called", "[call]") {
  CHECK(call::make_call(project(), 3, "get_task", {{"task_id_in", "x"}}).deprecated);
  CHECK(call::method_names(project(), 3) == std::vector<std::string>{"add_three", "get_task", "put_task"});
  CHECK(call::method_names(project(), 1) == std::vector<std::string>{"get_task", "put_task"});
}
