#include "rows/scope.h"

#include "pg/quote.h"

namespace dbtool::rows {

std::vector<pg::Parameter> scope_parameters(const Scope& scope) {
  return {pg::array_literal(scope.excluded_schemas), pg::array_literal(scope.excluded_tables)};
}

pg::Statement plain_settings(bool names) {
  std::string sql = R"(
select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, MDY', true),
       set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),
       set_config('bytea_output', 'hex', true), set_config('xmloption', 'content', true),
       set_config('xmlbinary', 'base64', true), set_config('lc_monetary', 'C', true),
       set_config('quote_all_identifiers', 'off', true), set_config('row_security', 'off', true))";
  if (names) sql += ",\n       set_config('search_path', 'pg_catalog', true)";
  return {sql};
}

}  // namespace dbtool::rows
