#pragma once

#include <string>
#include <string_view>

namespace dbtool::catalog::full {

/// What the texts of a query depend on.
struct Expansion {
  int server_version = 0;      ///< e.g. 150018
  std::string owner;           ///< role that is shown as `$owner$`
  std::string user_prefix;     ///< service users are shown as `$db_user_prefix$_x`; empty: as they are
  std::string version_schema;  ///< of the version table
  std::string version_table;   ///< its name alone
};

/// Replaces in a query's text:
/// - `{{role X}}`: the name of the role with OID X, as a placeholder where it may differ from one database to
///   another; PUBLIC for 0
/// - `{{owner X}}`: the same as a fact `owner`, null for the expected owner
/// - `{{comment CATALOG X}}`: the comment on the object with OID X of that catalog as a fact `comment`
/// - `{{own CATALOG X N}}`: whether X is no member of an extension, and its schema, of the alias N of
///   pg_namespace, one of the project's
/// - `{{name N X}}`: qualified and quoted name from the alias N of pg_namespace and the name X
/// - `{{relations KINDS}}`: a subquery of pg_class without what is left out, for relkinds like `r p`, with
///   `name` and `kind` ("table", "view" …)
/// - `{{from V: TEXT}}`, `{{below V: TEXT}}`: TEXT on servers from major version V on, or below it
/// - `{{is service X}}`: whether X, a role's OID, is a service user
/// - `{{most S}}`, `{{least S}}`: bounds of the type of the sequence whose row of pg_sequence is S
/// - `{{members CATALOG}}`: a subquery, OIDs of the members of extensions in that catalog
/// - `{{options X}}`: the options of foreign things in the array X, as `name 'value', …`
/// - `{{version schema}}`, `{{version table}}`: as literals
std::string expand(std::string_view sql, const Expansion& expansion);

}  // namespace dbtool::catalog::full
