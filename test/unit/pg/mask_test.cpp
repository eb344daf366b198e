#include <utility>
#include <vector>

#include "pg/connection.h"
#include "pg/error.h"
#include "test/support/catch.h"

namespace pg = dbtool::pg;

TEST_CASE("a password in an address is masked, also in a malformed one", "[pg]") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"postgres://u:secret@h/db", "postgres://u:***@h/db"},
      {"postgresql://u:se:cr%40et@h:5433/db?sslmode=require", "postgresql://u:***@h:5433/db?sslmode=require"},
      {"postgres://u:p@ss@h/db", "postgres://u:***@h/db"},
      {"postgres://u:p/ss@h/db", "postgres://u:***@h/db"},
      {"postgres://u:p#s?s@h/db", "postgres://u:***@h/db"},
      {"postgres:/u:secret@h/db", "postgres:/u:***@h/db"},
      {"//u:secret@h/db", "//u:***@h/db"},
      {"u:secret@h/db", "u:***@h/db"},
      {"http://u:secret@h/db", "http://u:***@h/db"},
      {"postgres://h/db?user=u&password=secret&sslmode=prefer",
       "postgres://h/db?user=u&password=***&sslmode=prefer"},
      {"postgres://h/db?password=secret", "postgres://h/db?password=***"},
      {"postgres://u@h/db?sslpassword=secret", "postgres://u@h/db?sslpassword=***"},
      {"host=h password=secret user=u", "host=h password=*** user=u"},
      {"host=h password = secret user=u", "host=h password = *** user=u"},
      {"password='se cr\\'et' host=h", "password=*** host=h"},
      {"password='secret host=h", "password=***"},
      {"password=two words host=h", "password=*** host=h"},
      {"PASSWORD=secret", "PASSWORD=***"},
      {"host=h user=u@v", "host=h user=u@v"},
      {"postgres://u@h/db", "postgres://u@h/db"},
      {"postgres://h:5432/db", "postgres://h:5432/db"},
      {"mydb", "mydb"},
      {"", ""},
  };
  for (const auto& [address, masked] : cases) {
    CAPTURE(address);
    CHECK(pg::mask_password(address) == masked);
  }
}

TEST_CASE("a password in a statement is blanked out without moving the rest", "[pg]") {
  CHECK(pg::mask_password_literals("alter role r password 'secret' login") ==
        "alter role r password '******' login");
  CHECK(pg::mask_password_literals("create role r PASSWORD e'it\\'s' x") ==
        "create role r PASSWORD e'*****' x");
  CHECK(pg::mask_password_literals("alter role r password $x$pw$x$") == "alter role r password $x$**$x$");
  CHECK(pg::mask_password_literals("alter role r password 'öä'") == "alter role r password '**'");
  CHECK(pg::mask_password_literals("select password, my_password 'x'") == "select password, my_password 'x'");
}

TEST_CASE("errors say the SQLSTATE and answer by predicate", "[pg]") {
  pg::ErrorFields fields;
  fields.severity = "ERROR";
  fields.sqlstate = "55P03";
  fields.message = "canceling statement due to lock timeout";
  const pg::PgError error(dbtool::ExitCode::failed, fields);
  CHECK(std::string(error.what()) == "ERROR 55P03: canceling statement due to lock timeout");
  CHECK(error.is_lock_timeout());
  CHECK(error.is_repeatable());
  CHECK_FALSE(error.is_connection_lost());
  for (const char* state : {"08006", "57P01", "57P02", "57P03"}) {
    fields.sqlstate = state;
    CHECK(pg::PgError(dbtool::ExitCode::failed, fields).is_connection_lost());
  }
}
