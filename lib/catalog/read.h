#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/columns.h"
#include "model/object.h"
#include "pg/connection.h"

namespace dbtool::catalog {

/// What a reader of the catalog must be told.
struct Request {
  std::string version_table;       ///< as the settings write it; left out of tables and grants
  std::vector<std::string> users;  ///< service users
  std::vector<std::string> types;  ///< spellings of types whose server names are wanted
};

/// What a live database holds, for the depths "declared" and "methods". Of schema public, without members of
/// extensions, the columns of tables that are no partitions, and the objects:
/// - "table" (those that are no partitions), "partition", "view" (materialized and foreign ones too):
///   `relation` ("table", "partitioned table", "view" …), `owner`
/// - "function": identity name(types of input arguments); `arguments`, `defaults`, `returns`, `language`,
///   `security`, `volatility`, `body`
/// - "grant": identity "role on table"; `role` (PUBLIC for all), `table`, `of kind`, `partition of`,
///   `privileges` (on the table or any column, in a fixed order), never the owner's own
/// - "user": `superuser` … `bypassrls` ("yes", "no"), `member of`, `usage on schema public`,
///   `usage on schema S` and `select on T` of the version table where that exists
struct Live : Schema {
  std::map<std::string, std::string>
      types;  ///< spelling → format_type's; missing: the server has no such type
};

/// Reads everything in two round trips, however many tables there are. Needs no right but to connect.
Live read(pg::Connection& connection, const Request& request);

/// The part of it that can be read before the users and types of a request are known: all but the objects of
/// kind "user".
Schema read_public(pg::Connection& connection, const std::string& version_table);
/// The same from a database of which read_full has just read `full` with that user prefix, which holds the
/// columns, most of all rows, already, and which the columns look at. Those of an extension's tables are left
/// out.
Schema read_public(pg::Connection& connection, const std::string& version_table, const Catalog& full,
                   const std::string& user_prefix);
/// The rest of a request, added to that part.
Live read(pg::Connection& connection, const Request& request, Schema public_schema);

}  // namespace dbtool::catalog
