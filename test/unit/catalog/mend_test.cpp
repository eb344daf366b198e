#include "catalog/mend.h"

#include <algorithm>
#include <string>
#include <vector>

#include "test/support/catch.h"

namespace {

using namespace dbtool;
using catalog::Mend;

Object object(std::string kind, std::string identity, Facts facts = {},
              std::vector<std::string> part_of = {}) {
  return {std::move(kind), std::move(identity), std::move(facts), {}, std::move(part_of)};
}

Object table(const std::string& name, const std::string& columns) {
  return object("table", name, {{"columns", columns}});
}

Object column(const std::string& of, const std::string& name, Facts facts) {
  return object("column", of + "." + name, std::move(facts), {"table " + of});
}

/// What turns `live` into `expected`.
std::vector<Mend> mends(Catalog expected, Catalog live) {
  catalog::sort(expected);
  catalog::sort(live);
  return catalog::mend(catalog::diff_full(expected, live), {"App Owner", "My", 150000, expected, live});
}

/// The statements of all of them.
std::string sql(const std::vector<Mend>& list) {
  std::string text;
  for (const Mend& mend : list) text += mend.sql + "\n";
  return text;
}

std::vector<std::string> objects(const std::vector<Mend>& list) {
  std::vector<std::string> names;
  for (const Mend& mend : list) names.push_back(mend.object);
  return names;
}

std::string only(const std::vector<Mend>& list) {
  REQUIRE(list.size() == 1);
  return list[0].sql;
}

Catalog shop() {
  return {object("enum", "public.mood", {{"labels", "'a', 'b'"}}),
          object("function", "public.next()",
                 {{"arguments", ""}, {"body", "select 1"}, {"language", "sql"}, {"returns", "integer"}}),
          table("public.shop", "id, mood"),
          column("public.shop", "id", {{"type", "integer"}, {"default", "public.next()"}}),
          column("public.shop", "mood", {{"type", "public.mood"}}),
          object("view", "public.a_view", {{"definition", " SELECT id\n   FROM public.z_view;"}}),
          object("view", "public.z_view", {{"definition", " SELECT id\n   FROM public.shop;"}})};
}

}  // namespace

TEST_CASE("Things are made after what they name", "[catalog][mend]") {
  CHECK(objects(mends(shop(), {})) == std::vector<std::string>{"enum public.mood", "function public.next()",
                                                               "table public.shop", "view public.z_view",
                                                               "view public.a_view"});
}

TEST_CASE("Things are dropped before what they name", "[catalog][mend]") {
  CHECK(objects(mends({}, shop())) == std::vector<std::string>{"view public.a_view", "view public.z_view",
                                                               "table public.shop", "function public.next()",
                                                               "enum public.mood"});
}

TEST_CASE("A table is commented out when it is too many, with what waits for it", "[catalog][mend]") {
  const std::vector<Mend> list = mends({}, shop());
  for (const Mend& mend : list) {
    CHECK(mend.loses_data == (mend.object == "table public.shop"));
    const bool waits = mend.object == "enum public.mood" || mend.object == "function public.next()";
    CHECK(mend.waits_for == (waits ? "table public.shop" : ""));
  }
  const std::string careful = catalog::to_sql(list);
  CHECK(careful.find("\ndrop view public.z_view;") != std::string::npos);
  CHECK(careful.find("\n-- drop table public.shop;") != std::string::npos);
  CHECK(careful.find("\n-- drop type public.mood;") != std::string::npos);
  CHECK(careful.find("\ndrop t") == std::string::npos);
  const std::string bold = catalog::to_sql(list, catalog::Losses::run);
  CHECK(bold.find("\ndrop table public.shop;") != std::string::npos);
  CHECK(bold.find("\ndrop type public.mood;") != std::string::npos);
}

TEST_CASE("Nothing to mend is no script", "[catalog][mend]") {
  CHECK(mends(shop(), shop()).empty());
  CHECK(catalog::to_sql({}).empty());
}

TEST_CASE("Things that need each other come once each", "[catalog][mend]") {
  const Catalog circle{
      object("function", "public.f(public.t)",
             {{"arguments", "public.t"}, {"body", "select 1"}, {"language", "sql"}, {"returns", "integer"}}),
      table("public.t", "a"), column("public.t", "a", {{"type", "integer"}, {"default", "public.f(null)"}})};
  const std::vector<Mend> list = mends(circle, {});
  CHECK(list.size() == 2);
}

TEST_CASE("Two tables with foreign keys to each other go", "[catalog][mend]") {
  const auto key = [](const std::string& from, const std::string& to) {
    return object("constraint", from + ".k", {{"definition", "FOREIGN KEY (a) REFERENCES " + to + "(a)"}},
                  {"table " + from, "table " + to});
  };
  const Catalog live{table("public.a", "a"), table("public.b", "a"), key("public.a", "public.b"),
                     key("public.b", "public.a")};
  const std::string text = sql(mends({}, live));
  CHECK(text.rfind("drop constraint k") < text.find("drop table"));
}

TEST_CASE("Odd names keep their quotes", "[catalog][mend]") {
  const std::string name = R"("Odd schema"."A ""table"", so")";
  const std::string whole = "table " + name;
  const Object expected =
      object("column", name + R"(."Ünïcode, 表")", {{"type", "text"}, {"default", "'ä'::text"}}, {whole});
  Object found = expected;
  found.facts.erase("default");
  const Object holder = table(name, R"("Ünïcode, 表")");
  CHECK(
      only(mends({holder, expected}, {holder, found})) ==
      R"(alter table only "Odd schema"."A ""table"", so" alter column "Ünïcode, 表" set default 'ä'::text;)");
  CHECK(only(mends({holder}, {holder, found})) ==
        R"(alter table "Odd schema"."A ""table"", so" drop column "Ünïcode, 表";)");
}

TEST_CASE("Comments and bodies are quoted whatever is in them", "[catalog][mend]") {
  Object function = object(
      "function", "public.f()",
      {{"arguments", ""}, {"body", "select '$dbtool$', $$x$$"}, {"language", "sql"}, {"returns", "text"}});
  function.facts.set("comment", "it's \"new\" \\ so");
  const std::string text = only(mends({function}, {}));
  CHECK(text.find("as $dbtool$") == std::string::npos);
  CHECK(text.find("select '$dbtool$', $$x$$") != std::string::npos);
  CHECK(text.find(R"(is E'it''s "new" \\ so';)") != std::string::npos);
}

TEST_CASE("A function's settings keep lists as lists", "[catalog][mend]") {
  Object function =
      object("function", "public.f()",
             {{"arguments", ""}, {"body", "select 1"}, {"language", "sql"}, {"returns", "text"}});
  function.facts.set("configuration", R"(search_path='"$user", public', work_mem='10MB')");
  const std::string text = only(mends({function}, {}));
  CHECK(text.find("set search_path to '$user', 'public'") != std::string::npos);
  CHECK(text.find("set work_mem to '10MB'") != std::string::npos);
}

TEST_CASE("Roles that are named otherwise elsewhere get their names", "[catalog][mend]") {
  const Object shop = table("public.shop", "");
  const Object policy = object("policy", "public.shop.p",
                               {{"roles", "$db_user_prefix$_queue, $owner$, bob"},
                                {"using", "(CURRENT_USER = '$db_user_prefix$_queue')"}},
                               {"table public.shop"});
  CHECK(
      only(mends({shop, policy}, {shop})) ==
      R"(create policy p on public.shop to "My_queue", "App Owner", bob using ((CURRENT_USER = 'My_queue'));)");
  const Object grant = object("grant", "$db_user_prefix$_queue on table public.shop",
                              {{"privileges", "insert, select with grant option"}}, {"table public.shop"});
  CHECK(only(mends({shop, grant}, {shop})) ==
        "grant insert on table public.shop to \"My_queue\";\n"
        "grant select on table public.shop to \"My_queue\" with grant option;");
  Object bobs = shop;
  bobs.facts.set("owner", "bob");
  CHECK(only(mends({shop}, {bobs})) == R"(alter table public.shop owner to "App Owner";)");
}

TEST_CASE("A new index on a table that is there is built concurrently", "[catalog][mend]") {
  const Object shop = table("public.shop", "a");
  const Object index =
      object("index", "public.\"I\"", {{"definition", "CREATE INDEX \"I\" ON public.shop USING btree (a)"}},
             {"table public.shop"});
  const std::vector<Mend> beside = mends({shop, index}, {shop});
  CHECK(only(beside) == "CREATE INDEX CONCURRENTLY \"I\" ON public.shop USING btree (a);");
  CHECK(beside[0].part == Mend::Part::after);
  const std::string script = catalog::to_sql(beside);
  CHECK(script.find("begin;") == std::string::npos);
  CHECK(script.find("set lock_timeout = 0;\n") < script.find("CONCURRENTLY"));
  const std::vector<Mend> with_table = mends({shop, index}, {});
  CHECK(sql(with_table).find("CONCURRENTLY") == std::string::npos);
}

TEST_CASE("An index that says otherwise is built beside the old one", "[catalog][mend]") {
  const std::string name(63, 'i');
  const Object shop = table("public.shop", "a");
  const auto index = [&](const std::string& columns) {
    return object("index", "public." + name,
                  {{"definition", "CREATE INDEX " + name + " ON public.shop USING btree (" + columns + ")"}},
                  {"table public.shop"});
  };
  const std::string text = only(mends({shop, index("a, b")}, {shop, index("a")}));
  const std::string other = "\"" + std::string(50, 'i') + "_new\"";
  CHECK(text == "CREATE INDEX CONCURRENTLY " + other + " ON public.shop USING btree (a, b);\n" +
                    "drop index concurrently public." + name + ";\nalter index public." + other +
                    " rename to " + name + ";");
}

TEST_CASE("A shorter text must fit, and no cast cuts it", "[catalog][mend]") {
  const Object shop = table("public.shop", "a");
  const auto change = [&](const std::string& from, const std::string& to) {
    return only(mends({shop, column("public.shop", "a", {{"type", to}})},
                      {shop, column("public.shop", "a", {{"type", from}})}));
  };
  CHECK(change("text", "character varying(3)") ==
        "alter table public.shop alter column a type character varying(3);");
  CHECK(change("text", "integer") == "alter table public.shop alter column a type integer using a::integer;");
  CHECK(change("public.d", "public.e") ==
        "alter table public.shop alter column a type public.e using a::text::public.e;");
}

TEST_CASE("A view with fewer columns is made anew with what stands on it", "[catalog][mend]") {
  const auto view = [](const std::string& name, const std::string& columns, const std::string& query) {
    return object("view", name, {{"columns", columns}, {"definition", query}});
  };
  const Object other = view("public.w", "a integer", " SELECT a FROM public.v;");
  const Object grant = object("grant", "bob on view public.v", {{"privileges", "select"}}, {"view public.v"});
  const Catalog live{view("public.v", "a integer, b text", " SELECT a, b FROM public.t;"), other, grant};
  const Catalog expected{view("public.v", "a integer", " SELECT a FROM public.t;"), other, grant};
  CHECK(objects(mends(expected, live)) == std::vector<std::string>{"view public.w", "view public.v",
                                                                   "view public.v", "view public.w",
                                                                   "grant bob on view public.v"});
  CHECK(only(mends(live, expected)).starts_with("create or replace view public.v as"));
}

TEST_CASE("A type that columns have is not dropped for its labels", "[catalog][mend]") {
  const auto with_labels = [](const std::string& labels) {
    return Catalog{object("enum", "public.e", {{"labels", labels}}), table("public.t", "a"),
                   column("public.t", "a", {{"type", "public.e[]"}})};
  };
  const std::vector<Mend> fewer = mends(with_labels("'a'"), with_labels("'a', 'b'"));
  CHECK(only(fewer).empty());
  CHECK(fewer[0].impossible.find("column public.t.a stands on it") != std::string::npos);
  const std::string script = catalog::to_sql(fewer);
  CHECK(script.find("What no statement here mends") != std::string::npos);
  const std::vector<Mend> more = mends(with_labels("'a', 'it''s', 'b'"), with_labels("'a', 'b'"));
  CHECK(only(more) == "alter type public.e add value 'it''s' before 'b';");
  CHECK(more[0].part == Mend::Part::first);
}
