#pragma once

#include <functional>
#include <map>
#include <set>
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
/// kind "user". With a `second` connection to the same database the columns, which have the most rows, are
/// asked over it meanwhile.
Schema read_public(pg::Connection& connection, const std::string& version_table,
                   pg::Connection* second = nullptr);
/// The same without the columns, most of all rows.
struct WithoutColumns {
  Catalog objects;
  std::set<std::string, std::less<>> tables;  ///< those that have columns in a Schema
  std::set<std::string, std::less<>>
      hidden_types;  ///< names that stand for another type in the system's schema
};
WithoutColumns read_without_columns(pg::Connection& connection, const std::string& version_table);
/// Adds the columns from what read_full has read of the same database with that user prefix, which the
/// columns look at. Those of an extension's tables are left out.
Schema with_columns_of(WithoutColumns read, const Catalog& full, const std::string& user_prefix);
/// The rest of a request, added to that part.
Live read(pg::Connection& connection, const Request& request, Schema public_schema);

}  // namespace dbtool::catalog
