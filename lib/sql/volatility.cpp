#include <nlohmann/json.hpp>
#include <set>

#include "sql/definition.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;
using Names = std::set<std::string, std::less<>>;

/// Functions of PostgreSQL and its usual extensions that give another value for every row.
const Names& changing() {
  static const Names names = {
      "clock_timestamp", "currval",           "gen_random_bytes",   "gen_random_uuid",
      "gen_salt",        "lastval",           "nextval",            "random",
      "random_normal",   "setval",            "timeofday",          "uuid_generate_v1",
      "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4",           "uuidv7",
      "txid_current",    "pg_current_xact_id", "pg_sleep",          "set_config",
      "uuid_generate_v7", "gen_random_ulid",  "setseed",            "pg_notify"};
  return names;
}

/// Functions of PostgreSQL that a default may well call and that are immutable or stable.
const Names& settled() {
  static const Names names = {
      "now", "transaction_timestamp", "statement_timestamp", "current_setting", "current_schema",
      "current_schemas", "current_database", "version", "pg_backend_pid", "inet_client_addr",
      "abs", "ceil", "ceiling", "floor", "round", "trunc", "sign", "mod", "power", "sqrt", "exp", "ln", "log",
      "pi", "greatest", "least", "coalesce", "nullif",
      "lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "trim", "lpad", "rpad", "repeat", "replace",
      "reverse", "left", "right", "substr", "substring", "split_part", "concat", "concat_ws", "format",
      "length", "char_length", "octet_length", "bit_length", "position", "strpos", "chr", "ascii", "md5",
      "sha224", "sha256", "sha384", "sha512", "digest", "encode", "decode", "convert_to", "convert_from",
      "to_hex", "quote_ident", "quote_literal", "quote_nullable", "translate", "regexp_replace",
      "regexp_match", "string_to_array", "array_to_string", "starts_with", "overlay", "normalize",
      "to_char", "to_date", "to_number", "to_timestamp", "date_trunc", "date_part", "extract", "age",
      "make_date", "make_time", "make_timestamp", "make_timestamptz", "make_interval", "timezone",
      "isfinite", "justify_days", "justify_hours", "justify_interval", "date", "date_bin",
      "json_build_object", "json_build_array", "json_object", "to_json", "row_to_json", "array_to_json",
      "jsonb_build_object", "jsonb_build_array", "jsonb_object", "to_jsonb", "jsonb_set", "jsonb_insert",
      "jsonb_strip_nulls", "jsonb_typeof", "json_typeof", "jsonb_array_length", "json_array_length",
      "jsonb_extract_path", "jsonb_extract_path_text", "json_extract_path", "json_extract_path_text",
      "array_fill", "array_append", "array_prepend", "array_cat", "array_length", "array_remove",
      "array_position", "cardinality", "unnest", "string_to_table", "hstore",
      "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "isempty", "lower_inc",
      "point", "box", "circle", "polygon", "lseg", "path", "line",
      "to_tsvector", "to_tsquery", "plainto_tsquery", "setweight", "array_to_tsvector", "strip",
      "host", "network", "masklen", "broadcast", "netmask", "family", "inet_same_family",
      "text", "int4", "int8", "numeric", "float8", "bool", "varchar", "bpchar", "interval", "timestamp",
      "timestamptz", "uuid_nil", "uuid_ns_dns", "uuid_ns_url", "uuid_generate_v3", "uuid_generate_v5",
      "crypt", "hashtext", "hashtextextended", "width_bucket", "factorial", "gcd", "lcm", "scale",
      "enum_first", "enum_last", "enum_range", "set_bit", "set_byte", "get_bit", "get_byte",
      "pg_current_xact_id_if_assigned", "txid_current_if_assigned", "session_user", "current_user"};
  return names;
}

}  // namespace

Volatility volatility_of_function(std::string_view name) {
  if (changing().contains(name)) return Volatility::changes;
  return settled().contains(name) ? Volatility::constant : Volatility::unknown;
}

Volatility volatility_of(const json& expression, std::vector<std::string>& functions) {
  Volatility worst = Volatility::constant;
  // Walked with a list of its own: an expression may be nested deeper than the stack.
  std::vector<const json*> open{&expression};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (node.is_object() && node.contains("FuncCall") && node.at("FuncCall").contains("funcname")) {
      const std::string name = list_part(node.at("FuncCall").at("funcname"), 0);
      functions.push_back(name);
      const Volatility one = volatility_of_function(name);
      if (one == Volatility::changes || worst == Volatility::constant) worst = one;
    }
    for (const json& child : node) open.push_back(&child);
  }
  return worst;
}

}  // namespace dbtool::sql
