#include <fmt/format.h>

#include <algorithm>

#include "pg/quote.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

bool uses_prefix(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    const Version& version = version_of(step);
    const auto& script =
        direction_of(step) == Direction::upgrade ? version.migration_script : version.downgrade_script;
    return script && script->text.find("$db_user_prefix$") != std::string::npos;
  });
}

}  // namespace

std::vector<Question> ask_users(const Inquiry& inquiry) {
  const bool prefix_missing = inquiry.settings().user_prefix.empty() && uses_prefix(inquiry.plan);
  return {{{"select u from unnest($1::text[]) u where not exists (select from pg_roles where rolname = u)",
            {pg::array_literal(service_users(inquiry.project))}},
           [prefix_missing](const pg::Result& rows, Preflight& found) {
             for (int row = 0; row < rows.rows(); ++row) {
               found.problems.push_back(fmt::format("service user {0} does not exist: create role {1} login;",
                                                    rows.text(row, 0),
                                                    pg::quote_identifier(rows.text(row, 0))));
             }
             if (prefix_missing) {
               found.problems.emplace_back(
                   "the versions use $db_user_prefix$, but no prefix is given: --user-prefix, "
                   "DBTOOL_USER_PREFIX or userPrefix in dbtool.yml");
             }
           }}};
}

}  // namespace dbtool::run
