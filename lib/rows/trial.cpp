#include "rows/trial.h"

#include <nlohmann/json.hpp>

#include "pg/quote.h"

namespace dbtool::rows {
namespace {

std::string array_of(const std::vector<std::string>& texts) {
  std::string sql = "array[";
  for (const std::string& text : texts) {
    if (sql.size() > 6) sql += ",\n";
    sql += pg::quote_literal(text);
  }
  return sql + "]::text[]";
}

/// Runs a block that leaves its answer in a setting, and gives the answer. No function is made, so that
/// nothing is left in the database that is looked at.
std::string answer_of(pg::Connection& connection, const std::string& block) {
  return std::string(
      connection.exec("do " + pg::dollar_quote(block) + ";\nselect current_setting('dbtool.rows_answer')")
          .text(0, 0));
}

}  // namespace

std::vector<Outcome> try_each(pg::Connection& connection, const std::vector<std::string>& statements,
                              std::int64_t wanted) {
  std::vector<Outcome> outcomes(statements.size());
  if (statements.empty()) return outcomes;
  const std::string answer = answer_of(connection, R"(
declare
  statement text;
  answer jsonb := '[]';
  touched bigint;
  total bigint := 0;
  broken text;
begin
  foreach statement in array )" + array_of(statements) +
                                                       R"( loop
    exit when total >= )" + std::to_string(wanted) + R"(;
    begin
      execute statement;
      get diagnostics touched = row_count;
      total := total + touched;
      answer := answer || jsonb_build_array(jsonb_build_array(touched));
    exception when others then
      get stacked diagnostics broken = constraint_name;
      answer := answer || jsonb_build_array(jsonb_build_array(0, sqlstate, broken, sqlerrm));
    end;
  end loop;
  perform set_config('dbtool.rows_answer', answer::text, true);
end)");
  const nlohmann::json tried = nlohmann::json::parse(answer);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    Outcome& outcome = outcomes.at(i);
    outcome.was_tried = true;
    outcome.rows = tried[i].at(0).get<std::int64_t>();
    if (tried[i].size() == 1) continue;
    outcome.sqlstate = tried[i].at(1).get<std::string>();
    outcome.constraint = tried[i].at(2).get<std::string>();
    outcome.message = tried[i].at(3).get<std::string>();
  }
  return outcomes;
}

std::vector<bool> which_hold(pg::Connection& connection, const std::vector<std::string>& queries) {
  if (queries.empty()) return {};
  const std::string answer = answer_of(connection, R"(
declare
  query text;
  holds boolean;
  answer text := '';
begin
  foreach query in array )" + array_of(queries) + R"( loop
    begin
      execute query into holds;
      answer := answer || case when holds is false then '0' else '1' end;
    exception when others then
      answer := answer || '0';
    end;
  end loop;
  perform set_config('dbtool.rows_answer', answer, true);
end)");
  std::vector<bool> held;
  held.reserve(answer.size());
  for (const char c : answer) held.push_back(c == '1');
  return held;
}

}  // namespace dbtool::rows
