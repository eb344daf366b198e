#include "catalog/renamed_text.h"

#include <string>

#include "test/support/catch.h"

namespace {

using namespace dbtool::catalog;

}  // namespace

TEST_CASE("A qualified name is changed where it is one, and not in literals", "[catalog]") {
  const NameChange change{"public.new", "public.old"};
  CHECK(with_qualified("FROM public.new", change) == "FROM public.old");
  CHECK(with_qualified("public.new.a, public.new2, x.public.new", change) ==
        "public.old.a, public.new2, x.public.new");
  CHECK(with_qualified("FROM public.new old WHERE old.a > 0", change) == "FROM public.old WHERE old.a > 0");
  CHECK(with_qualified("FROM public.new older", change) == "FROM public.old older");
  CHECK(with_qualified("'public.new'::text || 'it''s public.new'", change) ==
        "'public.new'::text || 'it''s public.new'");
  CHECK(with_qualified("nextval('public.new'::regclass)", change) == "nextval('public.old'::regclass)");
  CHECK(with_qualified("\"public.new\" public.\"new\"", change) == "\"public.new\" public.\"new\"");
  CHECK(with_qualified("public.\"N\"(1)", {"public.\"N\"", "public.n"}) == "public.n(1)");
}

TEST_CASE("A column is changed where a word can mean nothing else", "[catalog]") {
  const NameChange change{"b", "a"};
  CHECK(with_column("CREATE INDEX i ON public.t USING btree (b, lower(b) DESC) WHERE (b > 0)", change) ==
        "CREATE INDEX i ON public.t USING btree (a, lower(a) DESC) WHERE (a > 0)");
  CHECK(with_column("CHECK ((c > 0) AND (b IS NOT NULL))", change) == "CHECK ((c > 0) AND (a IS NOT NULL))");
  for (const char* const other :
       {"CHECK (b(c) > 0)", "CHECK (c = 'b'::text)", "CHECK (c > (1)::b)", "CHECK (public.b > 0)",
        "CHECK (b.c > 0)", "(c b)", "f(b => 1)", "CHECK ((SELECT b) > 0)", "CHECK ((c).b > 0)", "1 AS b"}) {
    CHECK(with_column(other, change) == other);
  }
}

TEST_CASE("The two lists of a foreign key are of two tables", "[catalog]") {
  const NameChange change{"b", "a"};
  const std::string key = "FOREIGN KEY (b, c) REFERENCES public.u(b, d) ON DELETE SET NULL (b)";
  CHECK(with_key_column(key, change, true, false) ==
        "FOREIGN KEY (a, c) REFERENCES public.u(b, d) ON DELETE SET NULL (a)");
  CHECK(with_key_column(key, change, false, true) ==
        "FOREIGN KEY (b, c) REFERENCES public.u(a, d) ON DELETE SET NULL (b)");
}
