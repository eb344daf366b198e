#pragma once

#include <optional>
#include <string>
#include <variant>

#include "cli/settings_flags.h"
#include "pg/connection.h"

namespace dbtool::cli {

/// The private server of the project directory (--local).
struct LocalDatabase {};

/// A database given by an address; `source` says where from, for people ("--url", "target community",
/// "DBTOOL_URL").
struct GivenDatabase {
  pg::Address address;
  std::string source;
};

/// A named target of dbtool.yml.
struct TargetDatabase {
  std::string target;
};

using Database = std::variant<LocalDatabase, GivenDatabase, TargetDatabase>;

/// Which database is meant, first of: --url, --target, --local, DBTOOL_URL, ADMIN_DB_URL, DATABASE_URL,
/// libpq's own variables. Nothing is guessed: nullopt when there is none; throws Error(usage) that lists the
/// ways when two of the flags are given.
std::optional<Database> find_database(const Arguments& arguments, const Environment& environment);

/// The same, for commands that need one: none is an error, too.
Database choose_database(const Arguments& arguments, const Environment& environment);

/// The address of a target; throws Error(usage) that names the nearest one when there is none of that name.
GivenDatabase address_of_target(const Settings& settings, const std::string& target);

/// Lays what the target says of itself (name, user prefix) under flags and environment and over dbtool.yml.
void overlay_target(Settings& settings, const std::string& target);

}  // namespace dbtool::cli
