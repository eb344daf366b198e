#include "cli/address.h"

#include "base/text.h"

namespace dbtool::cli {

namespace {

constexpr const char* ways =
    "name one: --url URL, --target NAME (of dbtool.yml), --local (a private server in .dbtool/), or in the "
    "environment "
    "DBTOOL_URL, ADMIN_DB_URL, DATABASE_URL, or libpq's own PGSERVICE, PGHOST, PGDATABASE";

const Target& find_target(const Settings& settings, const std::string& name) {
  const auto found = settings.targets.find(name);
  if (found != settings.targets.end()) {
    if (!found->second.unset.empty()) throw Error(ExitCode::usage, found->second.unset);
    return found->second;
  }
  std::vector<std::string> names;
  for (const auto& [known, target] : settings.targets) names.push_back(known);
  throw Error(ExitCode::usage,
              "--target: dbtool.yml has no target '" + name + "'" + did_you_mean(name, names),
              names.empty() ? "dbtool.yml lists no targets; add it there, or use --url"
                            : "targets are: " + join(names, ", "));
}

}  // namespace

std::optional<Database> find_database(const Arguments& arguments, const Environment& environment) {
  const auto given = [&](const char* option) { return arguments.has(option) ? 1 : 0; };
  if (given("url") + given("target") + given("local") > 1) {
    std::string flags;
    for (const char* option : {"url", "target", "local"})
      if (arguments.has(option)) flags += (flags.empty() ? "--" : " and --") + std::string(option);
    throw Error(ExitCode::usage, flags + " are given together, and each names a database", ways);
  }
  if (const auto url = arguments.text("url")) {
    if (trim(*url).empty()) throw Error(ExitCode::usage, "--url is empty", ways);
    GivenDatabase database{{}, "--url"};
    database.address.url = *url;
    return database;
  }
  if (const auto target = arguments.text("target")) return TargetDatabase{*target};
  if (arguments.has("local")) return LocalDatabase{};
  for (const char* variable : {"DBTOOL_URL", "ADMIN_DB_URL", "DATABASE_URL"}) {
    const auto url = environment(variable);
    if (!url || trim(*url).empty()) continue;
    GivenDatabase database{{}, variable};
    database.address.url = *url;
    return database;
  }
  for (const char* variable : {"PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE"}) {
    const auto value = environment(variable);
    if (value && !value->empty()) return GivenDatabase{{}, variable};
  }
  return std::nullopt;
}

Database choose_database(const Arguments& arguments, const Environment& environment) {
  if (auto database = find_database(arguments, environment)) return *database;
  throw Error(ExitCode::usage, "no database is named", ways);
}

GivenDatabase address_of_target(const Settings& settings, const std::string& target) {
  const Target& found = find_target(settings, target);
  GivenDatabase database{{}, "target " + target};
  database.address.url = found.url;
  database.address.service = found.service;
  return database;
}

void overlay_target(Settings& settings, const std::string& target) {
  const Target& found = find_target(settings, target);
  SettingsLayer layer;
  layer.name = found.name;
  layer.user_prefix = found.user_prefix;
  overlay(settings, layer);
}

}  // namespace dbtool::cli
