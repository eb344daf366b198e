#pragma once

#include <string>
#include <vector>

#include "catalog/full/known_functions.h"
#include "model/object.h"
#include "pg/connection.h"

namespace dbtool::catalog {

/// What the reader of the whole catalog must be told.
struct FullRequest {
  std::string version_table;  ///< as the settings write it; left out, with the ledger's schema
  std::string user_prefix;    ///< service users are named by their service, so that prefixes may differ
  std::string owner;          ///< role that objects are expected to be owned by; empty: the connection's user
  std::vector<std::string> kinds;  ///< only these; empty: all
};

/// Everything that the server keeps about the schemas of a project, as objects sorted like any catalog, whose
/// facts are texts in the server's own words, names with their schema. Left out: system schemas, members of
/// extensions, the version table, the ledger, the basic grants of service users. Facts that have their usual
/// value are absent. Nothing in it changes between two databases made by the same SQL: no OIDs, and roles
/// that may have other names elsewhere are `$owner$` (the expected owner) and `$db_user_prefix$_x` (service
/// users). Being owned by the expected owner is usual. One batch of queries, one a kind of object, so that a
/// new kind is a query and nothing else. Needs no right but to connect.
///
/// Identities: `schema.name` for most, `schema.table.name` for what stands in a table (columns, constraints,
/// triggers, policies, rules), `schema.name(types)` for functions, `role on KIND IDENTITY` for grants (with
/// ` by role` when not the owner gave them). Names are quoted where SQL asks for it.
///
/// `known`: what the last reading of this database by this request has left, and the next one finds, where
/// nobody else changes the database meanwhile; the result is the same.
Catalog read_full(pg::Connection& connection, const FullRequest& request, KnownFunctions* known = nullptr);

/// The names of all kinds, sorted.
const std::vector<std::string>& kinds();

}  // namespace dbtool::catalog
