#include <fstream>
#include <vector>

#include "base/error.h"
#include "pg/connection.h"
#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/proxy.h"
#include "test/support/server.h"

using namespace dbtool;

namespace {

pg::PgError failure(const pg::Address& address) {
  try {
    pg::Connection::open(address);
  } catch (const pg::PgError& error) {
    return error;
  }
  FAIL("the connection was opened");
  throw std::logic_error("not reached");
}

}  // namespace

TEST_CASE("what cannot be reached ends with exit code 6 and advice", "[pg]") {
  const test::Database database;
  const std::vector<std::string> addresses{
      test::shared_server_url("no_such_database"),
      database.url("no_such_user"),
      "postgresql:///x?host=/no/such/directory",
      "postgresql://127.0.0.1:1/x",
      "postgresql://no-such-host.invalid/x",
      "postgresql://h:nix/x",
      database.url() + "&target_session_attrs=standby",
      "service=no_such_service",
  };
  for (const std::string& address : addresses) {
    CAPTURE(address);
    const pg::PgError error = failure({.url = address});
    CHECK(error.exit_code() == ExitCode::unreachable);
    CHECK_FALSE(error.advice().empty());
    CHECK(error.is_connection_lost());
  }
  CHECK(failure({.service = "no_such_service"}).exit_code() == ExitCode::unreachable);
}

TEST_CASE("a malformed address shows no part of its password", "[pg]") {
  for (const char* address :
       {"postgres://u:hush@secret@no-such.invalid/db", "postgres://u:hush/secret@h/db", "u:secret@h/db",
        "host=h password=hush secret user=x", "postgres://u:%zzsecret@h/db", "postgres://u:secret@h:nix/db",
        "postgres:/u:hush secret@h/db", "postgres://h/db?password=hush&secret"}) {
    CAPTURE(address);
    const pg::PgError error = failure({.url = address});
    const std::string shown = error.what() + error.advice() + error.fields().statement;
    CHECK(shown.find("secret") == std::string::npos);
    CHECK(shown.find("hush") == std::string::npos);
    CHECK(error.exit_code() == ExitCode::unreachable);
  }
}

TEST_CASE("what is wrong with a malformed string of key=value is not advised as for a URL", "[pg]") {
  for (const char* url : {"host=/tmp password=a b", "host=/tmp nonsense", "host=/tmp password='a"}) {
    CAPTURE(url);
    const std::string advice = failure({.url = url}).advice();
    CHECK(advice.find("key=value") != std::string::npos);
    CHECK(advice.find("%40") == std::string::npos);
  }
}

TEST_CASE("passwords are asked for, checked and never shown", "[pg]") {
  test::OwnServer server;
  {
    pg::Connection connection = pg::Connection::open({.url = server->url()});
    connection.exec("create role worker login password 'right'");
    const auto rules = server->data_directory() / "pg_hba.conf";
    std::ofstream(rules, std::ios::trunc) << "local all postgres trust\nlocal all all scram-sha-256\n";
    connection.exec("select pg_reload_conf()");
  }
  const std::string url = server->url("postgres", "worker");
  // The reload reaches new sessions with a delay.
  std::string missing;
  for (int attempt = 0; attempt < 500 && missing.empty(); ++attempt) {
    try {
      pg::Connection::open({.url = url});
    } catch (const pg::PgError& error) {
      missing = error.advice();
      CHECK(error.exit_code() == ExitCode::unreachable);
    }
  }
  CHECK(missing.find("PGPASSWORD") != std::string::npos);
  const pg::PgError wrong = failure({.url = url + "&password=wr0ng"});
  CHECK(std::string(wrong.what()).find("wr0ng") == std::string::npos);
  CHECK(wrong.exit_code() == ExitCode::unreachable);
  CHECK(pg::Connection::open({.url = url + "&password=right"}).user() == "worker");
}

TEST_CASE("the first of several hosts that answers is taken", "[pg]") {
  const test::Database database;
  pg::Connection direct = database.connect();
  const std::string hosts =
      "host=/no/such/directory," + direct.host() + " port=5432 user=postgres dbname=" + database.name();
  CHECK(pg::Connection::open({.url = hosts}).host() == direct.host());
}

TEST_CASE("waiting for a server that does not answer can be given up", "[pg]") {
  const test::Database database;
  test::Proxy proxy(database.url());
  proxy.hold(true);
  int calls = 0;
  const auto give_up = [&] {
    if (++calls == 3) throw std::runtime_error("enough");
  };
  CHECK_THROWS_WITH(pg::Connection::open({.url = proxy.url()}, give_up), "enough");
  CHECK(failure({.url = proxy.url() + "&connect_timeout=2"}).exit_code() == ExitCode::unreachable);
}

TEST_CASE("a service file leads to the server and keeps its options", "[pg]") {
  const test::Database database;
  pg::Connection direct = database.connect();
  const auto file = std::filesystem::temp_directory_path() / (database.name() + ".conf");
  std::ofstream(file) << "[here]\nhost=" << direct.host()
                      << "\nport=5432\nuser=postgres\ndbname=" << database.name()
                      << "\noptions=-c lock_timeout=7\n";
  ::setenv("PGSERVICEFILE", file.c_str(), 1);
  pg::Connection connection =
      pg::Connection::open({.service = "here", .options = {"-c statement_timeout=9s"}});
  CHECK(connection.database() == database.name());
  CHECK(connection.query("show lock_timeout").text(0, 0) == "7ms");
  CHECK(connection.query("show statement_timeout").text(0, 0) == "9s");
  std::filesystem::remove(file);
}
