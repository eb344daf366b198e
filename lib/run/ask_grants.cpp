#include <fmt/format.h>

#include "pg/quote.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

// Who owns nothing and holds no grant option may grant nothing; PostgreSQL says so with a warning alone where
// the role has some right itself, so that the services would be left without theirs.
Question of_scripts(const Inquiry& inquiry) {
  const std::set<std::string>& granted = inquiry.touched.granted;
  return {{fmt::format(R"(
        with w as (select {} as role)
        select c.oid::regclass, pg_get_userbyid(c.relowner)
          from w, unnest($2::text[]) t join pg_class c on c.oid = to_regclass(t)
         where w.role is not null and not pg_has_role(w.role, c.relowner, 'USAGE')
           and not exists (
             select from aclexplode(c.relacl) a
              where a.is_grantable and pg_has_role(w.role, a.grantee, 'USAGE')))",
                       worker_role),
           {inquiry.settings().role, pg::array_literal({granted.begin(), granted.end()})}},
          [](const pg::Result& rows, Preflight& found) {
            for (int row = 0; row < rows.rows(); ++row) {
              found.problems.push_back(fmt::format(
                  "the versions grant rights on {0}, which is owned by {1}, and this role may not: "
                  "alter table {0} owner to …, or grant … on {0} to … with grant option",
                  rows.text(row, 0), rows.text(row, 1)));
            }
          }};
}

// What every service gets after an upgrade, as far as it can be known now: the same rule as grant_access.
Question of_services(const Inquiry& inquiry) {
  const std::string& table = inquiry.settings().version_table;
  return {{fmt::format(R"(
        with w as (select {} as role, {} as name),
             u as (select r.oid from unnest($2::text[]) n join pg_roles r on r.rolname = n)
        select w.name, format('usage on schema %I', n.nspname)
          from w, pg_namespace n
         where w.role is not null and n.nspname in ('public', $3)
           and exists (select from u where not has_schema_privilege(u.oid, n.oid, 'USAGE'))
           and not has_schema_privilege(w.role, n.oid, 'USAGE WITH GRANT OPTION')
        union all
        select w.name, format('select on %s', to_regclass($4))
          from w
         where w.role is not null and to_regclass($4) is not null
           and exists (select from u where not has_table_privilege(u.oid, to_regclass($4)::oid, 'SELECT'))
           and not has_table_privilege(w.role, to_regclass($4)::oid, 'SELECT WITH GRANT OPTION'))",
                       worker_role, worker_name),
           {inquiry.settings().role, pg::array_literal(service_users(inquiry.project)),
            pg::split_qualified(table).first, pg::quote_qualified(table)}},
          [](const pg::Result& rows, Preflight& found) {
            for (int row = 0; row < rows.rows(); ++row) {
              found.problems.push_back(
                  fmt::format("{0} may not grant {1} to the services: grant {1} to {2} with grant option;",
                              rows.text(row, 0), rows.text(row, 1), pg::quote_identifier(rows.text(row, 0))));
            }
          }};
}

}  // namespace

std::vector<Question> ask_grants(const Inquiry& inquiry) {
  std::vector<Question> questions{of_scripts(inquiry)};
  if (inquiry.plan.direction == Direction::upgrade) questions.push_back(of_services(inquiry));
  return questions;
}

}  // namespace dbtool::run
