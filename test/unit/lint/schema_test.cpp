#include "lint/schema.h"

#include <nlohmann/json.hpp>

#include "sql/tree.h"
#include "test/support/catch.h"

using namespace dbtool;

namespace {

void apply(lint::Schema& schema, const std::string& text) {
  const nlohmann::json tree = sql::parse_tree(text);
  REQUIRE(tree.size() == 1);
  for (const sql::Action& action : sql::read_actions(tree.at(0).at("stmt"), text)) schema.apply(action);
}

lint::Schema with_table() {
  lint::Schema schema;
  schema.begin(1);
  apply(schema, "create table tasks (task_id text primary key, owner text)");
  apply(schema, "create index tasks_owner on tasks (owner)");
  return schema;
}

}  // namespace

TEST_CASE("the index of a constraint is renamed with it", "[lint]") {
  lint::Schema schema = with_table();
  REQUIRE(schema.index({"", "tasks_pkey"}) != nullptr);
  apply(schema, "alter table tasks rename constraint tasks_pkey to tasks_key");
  CHECK(schema.index({"", "tasks_pkey"}) == nullptr);
  REQUIRE(schema.index({"", "tasks_key"}) != nullptr);
  CHECK(schema.index({"", "tasks_key"})->unique);
  apply(schema, "alter table tasks drop constraint tasks_key");
  CHECK(schema.index({"", "tasks_key"}) == nullptr);
  CHECK(schema.index({"", "tasks_owner"}) != nullptr);
}

TEST_CASE("indexes move to another schema with their table", "[lint]") {
  lint::Schema schema = with_table();
  apply(schema, "alter table tasks set schema archive");
  CHECK(schema.indexes_of({"", "tasks"}).empty());
  CHECK(schema.indexes_of({"archive", "tasks"}).size() == 2);
  CHECK(schema.index({"", "tasks_owner"}) == nullptr);
  REQUIRE(schema.index({"archive", "tasks_owner"}) != nullptr);
  apply(schema, "drop index archive.tasks_owner");
  CHECK(schema.indexes_of({"archive", "tasks"}).size() == 1);
}
