#include "catalog/grants.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>

namespace dbtool::catalog {
namespace {

/// In a fixed order, so that equal sets are equal texts.
std::string ordered(const std::string& list) {
  constexpr std::array order = {"select",   "insert",     "update",  "delete",
                                "truncate", "references", "trigger", "maintain"};
  const std::string searched = "," + list + ",";
  std::string text;
  for (const char* privilege : order) {
    if (searched.find("," + std::string(privilege) + ",") == std::string::npos) continue;
    text.append(text.empty() ? "" : ", ").append(privilege);
  }
  return text;
}

/// Role → privileges with commas between them.
using Privileges = std::map<std::string, std::string>;
/// By access list, or by relation.
using PrivilegesOf = std::map<std::string, Privileges, std::less<>>;

PrivilegesOf privileges_of(const pg::Result& result) {
  PrivilegesOf all;
  for (int row = 0; row < result.rows(); ++row) {
    std::string& list = all[std::string(result.text(row, 0))][std::string(result.text(row, 1))];
    list.append(list.empty() ? "" : ",").append(result.text(row, 2));
  }
  return all;
}

const Privileges& find(const PrivilegesOf& all, const std::string& key) {
  static const Privileges none;
  const auto found = all.find(key);
  return found == all.end() ? none : found->second;
}

}  // namespace

const char* const access_lists_query = R"(
select a.list::text, case when x.grantee = 0 then 'PUBLIC' else pg_get_userbyid(x.grantee) end,
       lower(x.privilege_type)
from (select distinct c.relacl as list
      from pg_class c
      where c.relnamespace = (select oid from pg_namespace where nspname = 'public')
        and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relacl is not null) a
cross join aclexplode(a.list) x)";

const char* const column_grants_query = R"(
select c.relname, case when x.grantee = 0 then 'PUBLIC' else pg_get_userbyid(x.grantee) end,
       lower(x.privilege_type)
from pg_attribute a join pg_class c on c.oid = a.attrelid cross join aclexplode(a.attacl) x
where c.relnamespace = (select oid from pg_namespace where nspname = 'public')
  and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attacl is not null and not a.attisdropped)";

void add_grants(const std::vector<Relation>& relations, const pg::Result& access_lists,
                const pg::Result& column_grants, Catalog& objects) {
  const PrivilegesOf by_list = privileges_of(access_lists);
  const PrivilegesOf by_columns = privileges_of(column_grants);
  for (const Relation& relation : relations) {
    Privileges privileges = find(by_list, relation.access_list);
    for (const auto& [role, list] : find(by_columns, relation.name))
      privileges[role].append(",").append(list);
    privileges.erase(relation.owner);
    for (const auto& [role, list] : privileges) {
      objects.push_back({"grant",
                         role + " on " + relation.name,
                         {{"of kind", relation.kind},
                          {"partition of", relation.partition_root},
                          {"privileges", ordered(list)},
                          {"role", role},
                          {"table", relation.name}},
                         {}});
    }
  }
}

}  // namespace dbtool::catalog
