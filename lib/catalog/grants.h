#pragma once

#include <string>
#include <vector>

#include "model/object.h"
#include "pg/result.h"

namespace dbtool::catalog {

/// A relation of schema public with what is needed to tell who may do what with it.
struct Relation {
  std::string name;
  std::string kind;  ///< "table", "partitioned table", "view", "materialized view", "foreign table"
  std::string owner;
  std::string partition_root;  ///< empty: it is no partition
  std::string access_list;     ///< as the server prints it; empty: the owner alone
};

/// The privileges in each different access list of schema public: many tables share a few lists, so each is
/// taken apart once. Columns: access list, role, one privilege.
extern const char* const access_lists_query;

/// Privileges on single columns: relation, role, one privilege.
extern const char* const column_grants_query;

/// Adds an object of kind "grant" for each role and relation, the owner's own left out.
void add_grants(const std::vector<Relation>& relations, const pg::Result& access_lists,
                const pg::Result& column_grants, Catalog& objects);

}  // namespace dbtool::catalog
