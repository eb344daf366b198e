#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "lint/script.h"

namespace dbtool::lint {

/// What one role may do with one table, by grants of upgrade scripts.
struct Granted {
  std::set<std::string> rights{};  ///< "select", …
  Place place{};                   ///< of the last grant
  int version = 0;
};

/// Rights on tables after the versions read so far. `$db_user_prefix$` in a role's name stands as
/// `prefix_mark`.
class Grants {
 public:
  void apply(const Script& script);

  /// By role; empty for a table without grants.
  const std::map<std::string, Granted>& on(const std::string& table) const;
  /// The same before the version read last dropped or renamed the table.
  const std::map<std::string, Granted>& before_drop(const std::string& table) const;
  const std::map<std::string, std::map<std::string, Granted>>& all() const { return tables_; }
  bool was_ever_granted(const std::string& table) const { return ever_.contains(table); }
  /// Whether some grant was made that the text does not tell (at run time, on all tables of a schema, by
  /// default): what is missing is then not known.
  bool is_open() const { return open_; }

 private:
  void grant(const sql::Action& action, const Statement& statement, int version);
  void follow(const sql::Action& action);

  std::map<std::string, std::map<std::string, Granted>> tables_;
  std::map<std::string, std::map<std::string, Granted>> dropped_;  ///< by the version read last
  std::set<std::string> ever_;
  bool open_ = false;
};

/// How `$db_user_prefix$` reads after sql::without_prefix_variable.
inline constexpr std::string_view prefix_mark = "_db_user_prefix_";

/// "web_server" of "$db_user_prefix$_web_server"; empty: no such role.
std::string service_of_role(const std::string& role);
/// The role as the script writes it.
std::string role_text(const std::string& role);

}  // namespace dbtool::lint
