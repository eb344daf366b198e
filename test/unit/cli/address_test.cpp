#include "cli/address.h"

#include <map>

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::cli;

namespace {

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Arguments flags(const std::map<std::string, std::string>& given) {
  Arguments arguments;
  for (const auto& [name, value] : given) arguments.add(name, value);
  return arguments;
}

std::string source(const std::map<std::string, std::string>& given,
                   std::map<std::string, std::string> variables) {
  const Database database = choose_database(flags(given), environment_of(std::move(variables)));
  if (std::holds_alternative<LocalDatabase>(database)) return "local";
  if (const auto* target = std::get_if<TargetDatabase>(&database)) return "target " + target->target;
  const auto& found = std::get<GivenDatabase>(database);
  return found.source + " " + found.address.url;
}

}  // namespace

TEST_CASE("the database is the first one named", "[cli]") {
  const std::map<std::string, std::string> all{
      {"DBTOOL_URL", "a"}, {"ADMIN_DB_URL", "b"}, {"DATABASE_URL", "c"}, {"PGHOST", "d"}};
  CHECK(source({{"url", "u"}}, all) == "--url u");
  CHECK(source({{"target", "t"}}, all) == "target t");
  CHECK(source({{"local", ""}}, all) == "local");
  CHECK(source({}, all) == "DBTOOL_URL a");
  CHECK(source({}, {{"DBTOOL_URL", ""}, {"ADMIN_DB_URL", "b"}, {"DATABASE_URL", "c"}}) == "ADMIN_DB_URL b");
  CHECK(source({}, {{"DATABASE_URL", "c"}, {"PGHOST", "d"}}) == "DATABASE_URL c");
  for (const char* variable : {"PGSERVICE", "PGHOST", "PGDATABASE"})
    CHECK(source({}, {{variable, "x"}}) == std::string(variable) + " ");
}

TEST_CASE("nothing is guessed: no database, or two, is an error that lists the ways", "[cli]") {
  try {
    source({}, {{"PGUSER", "x"}});
    FAIL("a database was guessed");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    for (const char* way :
         {"--url", "--target", "--local", "DBTOOL_URL", "ADMIN_DB_URL", "DATABASE_URL", "PGSERVICE"})
      CHECK(error.advice().find(way) != std::string::npos);
  }
  CHECK_THROWS_WITH(source({{"url", "u"}, {"local", ""}}, {}),
                    "--url and --local are given together, and each names a database");
  CHECK_THROWS_AS(source({{"url", "u"}, {"target", "t"}}, {}), Error);
  CHECK_THROWS_AS(source({{"url", " "}}, {{"DBTOOL_URL", "a"}}), Error);
}

TEST_CASE("a target brings its address, name and prefix, and a wrong name gets the nearest", "[cli]") {
  Settings settings;
  settings.user_prefix = "general";
  settings.targets["community"] = Target{"postgresql://x/y", "", "community", "community-ci"};
  settings.targets["firefox-ci"] = Target{"", "firefox_ci", std::nullopt, std::nullopt};
  CHECK(address_of_target(settings, "community").address.url == "postgresql://x/y");
  CHECK(address_of_target(settings, "firefox-ci").address.service == "firefox_ci");
  overlay_target(settings, "firefox-ci");
  CHECK(settings.user_prefix == "general");
  overlay_target(settings, "community");
  CHECK(settings.user_prefix == "community");
  CHECK(settings.name == "community-ci");
  settings.targets["staging"].unset = "dbtool.yml:3:4: DB_HOST is not set";
  CHECK_THROWS_WITH(address_of_target(settings, "staging"), "dbtool.yml:3:4: DB_HOST is not set");
  CHECK_THROWS_WITH(overlay_target(settings, "staging"), "dbtool.yml:3:4: DB_HOST is not set");
  CHECK_THROWS_WITH(address_of_target(settings, "comunity"),
                    "--target: dbtool.yml has no target 'comunity'; did you mean community?");
}

TEST_CASE("settings: a flag beats its variable, the first variable beats the second", "[cli]") {
  const Environment environment = environment_of({{"DBTOOL_USER_PREFIX", "first"},
                                                  {"USERNAME_PREFIX", "second"},
                                                  {"DBTOOL_VERSION_TABLE", "tcversion"},
                                                  {"DBTOOL_EXTENSIONS", "pgcrypto, hstore"},
                                                  {"DBTOOL_LOCK_TIMEOUT", "1s"},
                                                  {"DBTOOL_NAME", ""}});
  SettingsLayer layer = settings_layer(Arguments{}, environment);
  CHECK(layer.user_prefix == "first");
  CHECK(layer.version_table == "tcversion");
  CHECK(layer.extensions == std::vector<std::string>{"pgcrypto", "hstore"});
  CHECK(layer.lock_timeout == std::chrono::seconds(1));
  CHECK(!layer.name);
  CHECK(!layer.role);
  layer = settings_layer(flags({{"user-prefix", "flag"}, {"protected", "true"}, {"ignore", "index:tmp_*"}}),
                         environment);
  CHECK(layer.user_prefix == "flag");
  CHECK(layer.is_protected == true);
  REQUIRE(layer.ignore);
  CHECK(layer.ignore->front().kind == "index");
  CHECK(layer.ignore->front().name == "tmp_*");
  CHECK(settings_layer(Arguments{}, environment_of({{"USERNAME_PREFIX", "second"}})).user_prefix == "second");
}

TEST_CASE("a wrong setting is an error that names its flag or variable", "[cli]") {
  const Environment none = environment_of({});
  CHECK_THROWS_WITH(settings_layer(flags({{"lock-timeout", "soon"}}), none),
                    "--lock-timeout: 'soon' is not a duration; write e.g. 300ms or 2s");
  CHECK_THROWS_AS(settings_layer(flags({{"user-prefix", "Bad-1"}}), none), Error);
  CHECK_THROWS_AS(settings_layer(flags({{"lock-retries", "-1"}}), none), Error);
  CHECK_THROWS_AS(settings_layer(flags({{"ignore", "tmp"}}), none), Error);
  CHECK_THROWS_AS(settings_layer(flags({{"ignore", "indx:tmp_*"}}), none), Error);
  CHECK_THROWS_WITH(settings_layer(Arguments{}, environment_of({{"DBTOOL_PROTECTED", "maybe"}})),
                    "DBTOOL_PROTECTED: 'maybe' is neither true nor false");
}

TEST_CASE("every key of the settings has a flag and a variable", "[cli]") {
  for (const OptionSpec& option : settings_options()) {
    INFO(option.name);
    CHECK(option.help.find("[DBTOOL_") != std::string::npos);
  }
  CHECK(settings_options().size() == 13);
}
