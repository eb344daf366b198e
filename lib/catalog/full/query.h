#pragma once

#include <string>
#include <vector>

namespace dbtool::catalog::full {

/// How the objects of one kind are asked from the server. The first column of `sql` is the identity; every
/// further one is a fact by the column's name, absent where null; columns whose name starts with `part of`
/// say what the object can't be without. `{{…}}` stands for a text of expand.h.
struct Query {
  const char* kind;
  const char* sql;
  /// A condition, cheap to ask, without which there are none of this kind, so that `sql` need not be asked:
  /// most databases have few kinds. nullptr: always asked.
  const char* present = nullptr;
};

// One list a family of kinds; a new kind is one query in one of them.
const std::vector<Query>& schema_queries();
const std::vector<Query>& table_queries();
const std::vector<Query>& column_queries();
const std::vector<Query>& index_queries();
const std::vector<Query>& constraint_queries();
const std::vector<Query>& sequence_queries();
const std::vector<Query>& view_queries();
const std::vector<Query>& function_queries();
/// That of kind "function" for those of the OIDs $1 alone, with a last column `(oid)`.
const std::string& functions_by_oid();
const std::vector<Query>& type_queries();
const std::vector<Query>& operator_queries();
const std::vector<Query>& trigger_queries();
const std::vector<Query>& text_search_queries();
const std::vector<Query>& foreign_queries();
const std::vector<Query>& publication_queries();
const std::vector<Query>& grant_queries();

}  // namespace dbtool::catalog::full
