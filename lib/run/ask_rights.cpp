#include <fmt/format.h>

#include "pg/quote.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

void judge_rights(const pg::Result& row, const Settings& settings, Preflight& found) {
  const std::string name(row.text(0, 0));
  if (!row.boolean(0, 1))
    return found.problems.push_back(
        fmt::format("role {} does not exist: create role {};", name, pg::quote_identifier(name)));
  const auto missing = [&](int column) { return !row.is_null(0, column) && !row.boolean(0, column); };
  const std::string role = pg::quote_identifier(name);
  if (missing(2))
    found.problems.push_back(fmt::format(
        "the connected user may not `set role {0}`: grant {0} to the user of the connection;", role));
  if (missing(3) && row.is_null(0, 5)) {
    found.problems.push_back(
        fmt::format("{} may not create the ledger's schema: grant create on database {} to {};", name,
                    pg::quote_identifier(row.text(0, 8)), role));
  }
  if (missing(4))
    found.problems.push_back(
        fmt::format("{} may not create in schema public: grant create on schema public to {};", name, role));
  if (missing(5))
    found.problems.push_back(
        fmt::format("{} may not use schema dbtool: grant usage, create on schema dbtool to {};", name, role));
  if (missing(6))
    found.problems.push_back(
        fmt::format("{} may not write the version table: grant select, update on {} to {};", name,
                    settings.version_table, role));
  if (missing(7))
    found.problems.push_back(
        fmt::format("{} may not write the ledger in schema dbtool, made by another role: work as that role "
                    "(role: in dbtool.yml)",
                    name));
}

Question rights(const Inquiry& inquiry) {
  const Settings& settings = inquiry.settings();
  return {{fmt::format(R"(
        with w as (select {} as name, {} as role)
        select w.name, w.role is not null,
               case when w.role is not null then pg_has_role(w.role, 'MEMBER') end,
               case when w.role is not null then has_database_privilege(w.role, current_database(), 'CREATE') end,
               case when w.role is not null then has_schema_privilege(w.role, 'public', 'CREATE') end,
               case when w.role is not null and to_regnamespace('dbtool') is not null
                    then has_schema_privilege(w.role, 'dbtool', 'USAGE')
                         and has_schema_privilege(w.role, 'dbtool', 'CREATE') end,
               case when w.role is not null and to_regclass($2) is not null
                    then has_table_privilege(w.role, to_regclass($2)::oid, 'UPDATE') end,
               case when w.role is not null and to_regclass('dbtool.ledger') is not null
                    then has_table_privilege(w.role, to_regclass('dbtool.ledger')::oid, 'UPDATE') end,
               current_database()
          from w)",
                       worker_name, worker_role),
           {settings.role, pg::quote_qualified(settings.version_table)}},
          [&settings](const pg::Result& row, Preflight& found) { judge_rights(row, settings, found); }};
}

/// Where the version table is still to be made: whether that can be, in a schema that is not dbtool's own.
Question version_schema(const Inquiry& inquiry) {
  const std::string& table = inquiry.settings().version_table;
  const std::size_t dot = table.find('.');
  const std::string schema = dot == std::string::npos ? "public" : table.substr(0, dot);
  return {{fmt::format(R"(
        select to_regnamespace(quote_ident($3)) is not null,
               has_schema_privilege({}, to_regnamespace(quote_ident($3)), 'CREATE'), {}
         where to_regclass($2) is null and $3 not in ('dbtool', 'public') and {} is not null)",
                       worker_role, worker_name, worker_role),
           {inquiry.settings().role, pg::quote_qualified(table), schema}},
          [schema](const pg::Result& rows, Preflight& found) {
            if (rows.rows() == 0) return;
            const std::string quoted = pg::quote_identifier(schema);
            if (!rows.boolean(0, 0)) {
              found.problems.push_back(fmt::format(
                  "schema {} of the version table does not exist: create schema {};", schema, quoted));
            } else if (!rows.boolean(0, 1)) {
              found.problems.push_back(fmt::format(
                  "{} may not make the version table in schema {}: grant usage, create on schema {} to {};",
                  rows.text(0, 2), schema, quoted, pg::quote_identifier(rows.text(0, 2))));
            }
          }};
}

// The roles by which managed services let others make extensions that are not trusted, those of their lists.
const std::vector<std::string> managed_superusers{"rds_superuser", "cloudsqlsuperuser", "azure_pg_admin"};

Question extensions(const Inquiry& inquiry) {
  return {
      {R"(
        select e, exists (select from pg_available_extensions where name = e),
               exists (select from pg_available_extension_versions where name = e and trusted)
                 or (select rolsuper from pg_roles where rolname = current_user)
                 or exists (select from pg_roles where rolname = any ($2) and pg_has_role(oid, 'usage'))
          from unnest($1::text[]) e where not exists (select from pg_extension where extname = e))",
       {pg::array_literal(inquiry.settings().extensions), pg::array_literal(managed_superusers)}},
      [](const pg::Result& rows, Preflight& found) {
        for (int row = 0; row < rows.rows(); ++row) {
          if (!rows.boolean(row, 1)) {
            found.problems.push_back(
                fmt::format("extension {} is not installed on the server (package postgresql-contrib?)",
                            rows.text(row, 0)));
          } else if (!rows.boolean(row, 2)) {
            found.problems.push_back(fmt::format(
                "extension {0} can be made by a superuser only: create extension {0};", rows.text(row, 0)));
          }
        }
      }};
}

}  // namespace

std::vector<Question> ask_rights(const Inquiry& inquiry) {
  return {rights(inquiry), version_schema(inquiry), extensions(inquiry)};
}

}  // namespace dbtool::run
