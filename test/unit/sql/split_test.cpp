#include "sql/index_form.h"
#include "sql/parse.h"

#include "sql/token.h"
#include "test/support/catch.h"

using namespace dbtool;

namespace {

std::vector<std::string> texts(const sql::SplitResult& result) {
  std::vector<std::string> texts;
  for (const auto& statement : result.statements) texts.push_back(statement.text);
  return texts;
}

sql::OutsideKind kind(const char* statement) {
  return sql::outside_transaction(statement).kind;
}

}  // namespace

TEST_CASE("A script is split where statements end", "[sql]") {
  using Texts = std::vector<std::string>;
  CHECK(texts(sql::split("")).empty());
  CHECK(texts(sql::split(" -- nothing\n ; ; /* ; */")).empty());
  CHECK(texts(sql::split("select 1; select ';' ;\n-- about b\nselect $$;$$")) ==
        Texts{"select 1", "select ';'", "select $$;$$"});
  CHECK(texts(sql::split("create function f() returns int begin atomic select 1; select 2; end; select 3")) ==
        Texts{"create function f() returns int begin atomic select 1; select 2; end", "select 3"});
  CHECK(texts(sql::split("create rule r as on insert to t do (delete from a; delete from b); select 1"))
            .size() == 2);
  CHECK(texts(sql::split(
            "grant select on t to $db_user_prefix$_a; grant select on t to $db_user_prefix$_b;")) ==
        Texts{"grant select on t to $db_user_prefix$_a", "grant select on t to $db_user_prefix$_b"});
}

TEST_CASE("A split statement knows its offset", "[sql]") {
  const std::string script = "/* é */ select 1;\n  select 2;";
  const auto result = sql::split(script);
  REQUIRE(result.statements.size() == 2);
  for (const auto& statement : result.statements) {
    CHECK(script.substr(statement.offset, statement.text.size()) == statement.text);
  }
}

TEST_CASE("What the parser does not know is split by its tokens", "[sql]") {
  const auto result = sql::split(
      "select 1; alter table t frobnicate now; create function f() returns int "
      "begin atomic select case when true then 1 end; end; select 2");
  REQUIRE(result.error);
  CHECK(result.error->offset == 24);
  CHECK(result.statements.size() == 4);
}

TEST_CASE("The statement of an index is turned to another table", "[sql]") {
  CHECK(sql::unnamed_index_on("create index concurrently i on t (a)", "x.t") == "create index on x.t (a)");
  CHECK(
      sql::unnamed_index_on(
          "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"on\" ON ONLY s.\"T\" using btree (a) where a > 0",
          "x.t") == "create unique index on x.t using btree (a) where a > 0");
  CHECK(sql::unnamed_index_on("create index concurrently on /* here */ t(lower(t.a) desc) include (b)",
                              "x.t") == "create index on x.t(lower(t.a) desc) include (b)");
  CHECK(sql::unnamed_index_on("drop index concurrently i", "x.t").empty());
}

TEST_CASE("Statements that cannot run in a transaction are recognised", "[sql]") {
  using Kind = sql::OutsideKind;
  const auto index = sql::outside_transaction("create unique index concurrently if not exists i on s.t (a)");
  CHECK(index.kind == Kind::create_index_concurrently);
  CHECK(index.schema == "s");
  CHECK(index.name == "i");
  CHECK(index.table == "t");
  CHECK(sql::outside_transaction("create index concurrently on t (a)").name.empty());
  const auto drop = sql::outside_transaction("drop index concurrently if exists s.i");
  CHECK(drop.kind == Kind::drop_index_concurrently);
  CHECK(drop.schema == "s");
  CHECK(drop.name == "i");
  CHECK(kind("reindex (concurrently) table t") == Kind::reindex_concurrently);
  CHECK(kind("reindex index concurrently i") == Kind::reindex_concurrently);
  CHECK(kind("reindex index i") == Kind::none);
  CHECK(kind("reindex schema s") == Kind::other);
  const auto detach = sql::outside_transaction("alter table p detach partition q concurrently");
  CHECK(detach.kind == Kind::detach_partition_concurrently);
  CHECK(detach.name == "q");
  CHECK(detach.table == "p");
  CHECK(kind("alter table p detach partition q finalize") == Kind::none);
  CHECK(kind("vacuum full t") == Kind::vacuum);
  CHECK(kind("vacuum (analyze, buffer_usage_limit '1 GB') t") == Kind::vacuum);
  CHECK(kind("analyze t") == Kind::none);
  CHECK(kind("create index i on t (a)") == Kind::none);
  CHECK(kind("drop index i") == Kind::none);
  CHECK(kind("alter table t add column a int") == Kind::none);
  CHECK(kind("create database d") == Kind::other);
  CHECK(kind("commit") == Kind::other);
  CHECK(kind("cluster") == Kind::other);
  CHECK(kind("cluster t using i") == Kind::none);
  CHECK(kind("do $$ begin commit; end $$") == Kind::other);
  CHECK(kind("do $$ begin null; end $$") == Kind::none);
  CHECK(kind("create index concurrently i on t frobnicated by (a)") == Kind::create_index_concurrently);
  CHECK(kind("alter table t frobnicate now") == Kind::none);
  CHECK(kind("") == Kind::none);
}

TEST_CASE("Transaction commands are found where they run", "[sql]") {
  const auto found = sql::find_transaction_command("begin\n  update t set a = 1;\n  commit;\nend");
  REQUIRE(found);
  CHECK(found->command == "commit");
  CHECK(found->offset == 30);
  CHECK(sql::find_transaction_command("begin if a then rollback; end if; end"));
  CHECK(sql::find_transaction_command("begin loop commit and chain; end loop; end"));
  CHECK(sql::find_transaction_command("begin execute 'commit'; end"));
  CHECK_FALSE(sql::find_transaction_command("begin -- commit;\n raise notice 'commit;'; end"));
  CHECK_FALSE(sql::find_transaction_command("begin begin null; end; if a then null; end if; end;"));
  CHECK_FALSE(sql::find_transaction_command("declare commit int; begin commit := 1; commit = 2; end"));
  CHECK_FALSE(sql::find_transaction_command("begin create temp table x on commit drop as select 1; end"));
  CHECK(sql::find_transaction_command_of_statements("select 1; begin; select 2"));
  CHECK_FALSE(sql::find_transaction_command_of_statements("select 1; do $$ begin null; end $$"));
}

TEST_CASE("Tokens are cut as the server cuts them", "[sql]") {
  const std::string text =
      R"(a."B ""c"".d" e'x\'y' $q$ $ $$ $q$ $1 U&'z' /* /* */ */ 1.5e-3 := "é"é$b$ -- end)";
  std::vector<std::string> tokens;
  for (const auto& token : sql::tokenize(text)) tokens.push_back(text.substr(token.offset, token.length));
  CHECK(tokens == std::vector<std::string>{"a", ".", R"("B ""c"".d")", R"(e'x\'y')", "$q$ $ $$ $q$", "$1",
                                           "U&'z'", "1.5e-3", ":=", "\"é\"", "é$b$"});
  const auto value = [](const std::string& literal) {
    return sql::string_value(literal, sql::tokenize(literal)[0]);
  };
  CHECK(value("'it''s'") == "it's");
  CHECK(value(R"(E'a\n\'b\\')") == "a\n'b\\");
  CHECK(value("$a$ $$ $a$") == " $$ ");
  CHECK(value("'unclosed") == "unclosed");
  CHECK(value("$$") == "");
  CHECK(sql::tokenize("'").size() == 1);
}
