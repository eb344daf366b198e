#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lint/rule.h"

namespace dbtool::lint {

/// Whom it harms when something that was there is gone, or means another thing, after a version.
struct Harm {
  Severity severity = Severity::warning;
  std::string message{};  ///< whole sentences: which methods, which releases
  bool known = false;     ///< methods are known to need it; false: nothing shows that services do not
  std::vector<std::string> methods{};
};

/// Releases older than the version, or of it, that may run on it and know the method, and for which it is not
/// deprecated.
std::vector<Release> releases_calling(const Project& project, const std::string& method, int version);

/// The harm to those who call `methods`, which use `what` ("table tasks") after the context's version.
/// nullopt: nobody calls them.
std::optional<Harm> harm_to(const Context& context, const std::vector<std::string>& methods,
                            const std::string& what);

/// The harm that a table's (column's, …) going does: to the methods that use it, or, where no method ever
/// used the table, to services that may reach it by SQL of their own. `needs`: which use of the table counts.
std::optional<Harm> harm_of_losing(const Context& context, const sql::ObjectName& table,
                                   const std::string& what, const std::function<bool(const Uses&)>& needs);

/// Whether a table was there before the script, as far as is known; false for temporary ones.
bool was_there(const Context& context, const sql::ObjectName& table);

/// Every action of a kind that the script runs, itself or by calling a function that it makes.
void for_each_action(const Context& context, sql::ActionKind kind,
                     const std::function<void(const Statement&, const sql::Action&)>& look);

/// Whether a use of the table names the column, or all of them.
bool uses_column(const Uses& uses, const std::string& table, const std::string& column);

/// The way in two versions: first methods that do without, later the statement.
std::string free_first(const Context& context, const Harm& harm, const std::string& statement);

/// A finding about harm.
Issue issue_of(const Harm& harm, std::string object, const std::string& what);

}  // namespace dbtool::lint
