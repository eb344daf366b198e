#include <fmt/format.h>

#include <tuple>

#include "pg/quote.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

void judge_relations(const pg::Result& rows, Preflight& found) {
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string table(rows.text(row, 0));
    const std::string owner(rows.text(row, 1));
    if (!rows.boolean(row, 2) && rows.boolean(row, 4)) {
      found.problems.push_back(fmt::format(
          "table {0} is owned by {1}, of whom this role is no member: alter table {0} owner to …, "
          "or work as {1} (role: in dbtool.yml)",
          table, owner));
    }
    if (rows.boolean(row, 3)) {
      found.problems.push_back(
          fmt::format("table {} is under row security, which may hide rows from this role: what reads it "
                      "would fail; work as a role "
                      "with bypassrls (role: in dbtool.yml)",
                      table));
    }
    for (const auto& [column, may, right] :
         {std::tuple{5, "read", "select"}, std::tuple{6, "change", "insert, update, delete"}}) {
      if (rows.boolean(row, column) || rows.boolean(row, 4)) continue;
      found.problems.push_back(
          fmt::format("table {0} is owned by {1}, and this role may not {2} it: grant {3} on {0} to …", table,
                      owner, may, right));
    }
  }
}

Question relations(const Inquiry& inquiry) {
  std::set<std::string> touched = inquiry.touched.locked;
  for (const auto* more : {&inquiry.touched.written, &inquiry.touched.walked, &inquiry.touched.read})
    touched.insert(more->begin(), more->end());
  const auto array = [](const std::set<std::string>& names) {
    return pg::array_literal({names.begin(), names.end()});
  };
  return {{fmt::format(R"(
        with w as (select {} as role)
        select c.oid::regclass, pg_get_userbyid(c.relowner), pg_has_role(w.role, c.relowner, 'USAGE'),
               c.relrowsecurity and (c.relforcerowsecurity or not pg_has_role(w.role, c.relowner, 'USAGE'))
                 and not exists (select from pg_roles r where r.oid = w.role and (r.rolsuper or r.rolbypassrls)),
               t = any($3::text[]),
               t = any($6::text[]) or t <> all($4::text[]) or has_any_column_privilege(w.role, c.oid, 'SELECT'),
               t = any($6::text[]) or t <> all($5::text[])
                 or has_table_privilege(w.role, c.oid, 'INSERT, UPDATE, DELETE')
                 or has_any_column_privilege(w.role, c.oid, 'INSERT, UPDATE')
          from w, unnest($2::text[]) t join pg_class c on c.oid = to_regclass(t)
         where w.role is not null)",
                       worker_role),
           {inquiry.settings().role, array(touched), array(inquiry.touched.locked),
            array(inquiry.touched.read), array(inquiry.touched.written), array(inquiry.touched.granted)}},
          judge_relations};
}

Question functions(const Inquiry& inquiry) {
  const std::set<std::string>& names = inquiry.touched.functions;
  return {
      {fmt::format(R"(
        with w as (select {} as role)
        select p.oid::regprocedure, pg_get_userbyid(p.proowner)
          from w, pg_proc p
         where p.pronamespace = 'public'::regnamespace and p.proname = any($2::text[])
           and w.role is not null and not pg_has_role(w.role, p.proowner, 'USAGE'))",
                   worker_role),
       {inquiry.settings().role, pg::array_literal({names.begin(), names.end()})}},
      [](const pg::Result& rows, Preflight& found) {
        for (int row = 0; row < rows.rows(); ++row) {
          found.problems.push_back(fmt::format("function {} is owned by {}, of whom this role is no member",
                                               rows.text(row, 0), rows.text(row, 1)));
        }
      }};
}

}  // namespace

std::vector<Question> ask_owners(const Inquiry& inquiry) {
  return {relations(inquiry), functions(inquiry)};
}

}  // namespace dbtool::run
