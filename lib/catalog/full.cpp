#include "catalog/full.h"

#include <algorithm>
#include <functional>
#include <future>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "catalog/full/expand.h"
#include "catalog/full/query.h"
#include "pg/quote.h"

namespace dbtool::catalog {
namespace {

using full::Query;
using pg::Result;

// With such a search path every name outside pg_catalog is printed with its schema; the rest is what decides
// how constants are printed. Inside a transaction all of it comes back at the end.
struct Setting {
  const char* name;
  const char* value;
};
constexpr Setting session_settings[] = {{"search_path", "pg_catalog"},
                                        {"TimeZone", "UTC"},
                                        {"DateStyle", "ISO, MDY"},
                                        {"IntervalStyle", "postgres"},
                                        {"extra_float_digits", "1"},
                                        {"bytea_output", "hex"},
                                        {"quote_all_identifiers", "off"},
                                        {"jit", "off"},
                                        {"max_parallel_workers_per_gather", "0"}};

std::string change_settings() {
  std::string sql = "select ";
  for (const Setting& setting : session_settings) {
    const std::string name = setting.name;
    if (sql.size() > 7) sql += ", ";
    sql += "set_config('dbtool.before_" + name + "', current_setting('" + name + "'), true), set_config('" +
           name + "', '" + setting.value + "', true)";
  }
  return sql;
}

std::string restore_settings() {
  std::string sql = "select ";
  for (const Setting& setting : session_settings) {
    const std::string name = setting.name;
    if (sql.size() > 7) sql += ", ";
    sql += "set_config('" + name + "', current_setting('dbtool.before_" + name + "'), true)";
  }
  return sql;
}

/// Of all families, by kind, so that the catalog comes out in order.
const std::vector<Query>& queries() {
  static const std::vector<Query> all = [] {
    std::vector<Query> list;
    for (const auto* family :
         {&full::schema_queries(), &full::table_queries(), &full::column_queries(), &full::index_queries(),
          &full::constraint_queries(), &full::sequence_queries(), &full::view_queries(),
          &full::function_queries(), &full::type_queries(), &full::operator_queries(),
          &full::trigger_queries(), &full::text_search_queries(), &full::foreign_queries(),
          &full::publication_queries(), &full::grant_queries()}) {
      list.insert(list.end(), family->begin(), family->end());
    }
    std::sort(list.begin(), list.end(),
              [](const Query& a, const Query& b) { return std::string_view(a.kind) < b.kind; });
    return list;
  }();
  return all;
}

/// Names of service users inside texts of the server, as expressions have them.
class UserNames {
 public:
  UserNames(const std::string& prefix, const Result& roles) : start_(prefix + "_") {
    for (int row = 0; row < roles.rows(); ++row) names_.emplace(roles.text(row, 0));
  }

  /// With the placeholder for each whole word that is a service user's name.
  std::string replaced(std::string_view text) const {
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = text.find(start_); at != std::string_view::npos; at = text.find(start_, at + 1)) {
      std::size_t end = at;
      while (end < text.size() && is_word(text[end])) ++end;
      if ((at > 0 && is_word(text[at - 1])) || !names_.contains(text.substr(at, end - at))) continue;
      result.append(text.substr(done, at - done)).append("$db_user_prefix$_");
      done = at + start_.size();
    }
    return result.append(text.substr(done));
  }

  bool may_occur_in(std::string_view text) const {
    return !names_.empty() && text.find(start_) != std::string_view::npos;
  }

 private:
  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
  }

  std::string start_;
  std::set<std::string, std::less<>> names_;
};

/// Rows in the order of their identities: numbers are moved about more cheaply than objects.
std::vector<int> by_identity(const Result& result) {
  std::vector<std::pair<std::string_view, int>> rows;
  rows.reserve(static_cast<std::size_t>(result.rows()));
  for (int row = 0; row < result.rows(); ++row) rows.emplace_back(result.text(row, 0), row);
  if (!std::is_sorted(rows.begin(), rows.end())) std::sort(rows.begin(), rows.end());
  std::vector<int> order;
  order.reserve(rows.size());
  for (const auto& [identity, row] : rows) order.push_back(row);
  return order;
}

/// Makes objects of the rows of one kind.
class ObjectMaker {
 public:
  ObjectMaker(const char* kind, const Result& result, const UserNames& users)
      : kind_(kind), result_(result), users_(users) {
    for (int column = 1; column < result.columns(); ++column) {
      std::string name = result.column_name(column);
      if (name == "(oid)") continue;
      const bool is_part_of = name.starts_with("part of");
      columns_.push_back({column, std::move(name), is_part_of});
    }
    // Facts are kept in the order of their names, so this is the order in which they cost least.
    std::sort(columns_.begin(), columns_.end(),
              [](const Column& a, const Column& b) { return a.name < b.name; });
  }

  void make(int row, Object& object) const {
    object.kind = kind_;
    object.identity = result_.text(row, 0);
    object.facts.reserve(
        static_cast<std::size_t>(std::count_if(columns_.begin(), columns_.end(), [&](const Column& column) {
          return !column.is_part_of && !result_.is_null(row, column.number);
        })));
    for (const Column& column : columns_) {
      if (result_.is_null(row, column.number)) continue;
      const std::string_view text = result_.text(row, column.number);
      if (column.is_part_of) {
        object.part_of.emplace_back(text);
      } else if (users_.may_occur_in(text)) {
        object.facts.emplace(column.name, users_.replaced(text));
      } else {
        object.facts.emplace(column.name, text);
      }
    }
  }

 private:
  struct Column {
    int number;
    std::string name;
    bool is_part_of;
  };
  const char* kind_;
  const Result& result_;
  const UserNames& users_;
  std::vector<Column> columns_;
};

/// So many rows are worth a second thread.
constexpr std::size_t many_rows = 2000;

/// Objects of all rows of one kind, in order.
Catalog objects_of(const char* kind, const Result& result, const UserNames& users) {
  const ObjectMaker maker(kind, result, users);
  const std::vector<int> order = by_identity(result);
  Catalog objects(order.size());
  const auto make = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) maker.make(order[i], objects[i]);
  };
  const std::size_t half = order.size() < many_rows ? order.size() : order.size() / 2;
  std::future<void> rest = std::async(half < order.size() ? std::launch::async : std::launch::deferred,
                                      [&] { make(half, order.size()); });
  make(0, half);
  rest.get();
  return objects;
}

bool is_wanted(const FullRequest& request, std::string_view kind) {
  return request.kinds.empty() ||
         std::find(request.kinds.begin(), request.kinds.end(), kind) != request.kinds.end();
}

// Planning these queries costs more than running them on a small database, and a scratch run reads one
// hundreds of times on one connection: so each is prepared there once, under a name made from its text. On
// dbtool's own server the connection itself keeps them.
constexpr const char* statement_prefix = "dbtool_full_";

std::string statement_name(const std::string& sql) {
  return statement_prefix + std::to_string(std::hash<std::string>()(sql));
}

/// What is to be known before the queries can be sent.
struct Ahead {
  std::set<std::string> prepared{};     ///< names of the statements that the session has
  std::vector<const Query*> present{};  ///< those of the wanted kinds of which there may be objects
};

Ahead look_ahead(pg::Connection& connection, const FullRequest& request, const full::Expansion& expansion,
                 KnownFunctions* known) {
  std::string conditions;
  std::vector<const Query*> wanted;
  for (const Query& query : queries()) {
    if (!is_wanted(request, query.kind)) continue;
    wanted.push_back(&query);
    conditions += conditions.empty() ? "select " : ", ";
    conditions += query.present == nullptr ? "true" : full::expand(query.present, expansion);
  }
  std::vector<pg::Statement> statements{
      pg::repeated("select name from pg_prepared_statements where starts_with(name, $1)", {statement_prefix}),
      pg::repeated(std::move(conditions))};
  if (known != nullptr) {
    for (pg::Statement& statement : known->look()) statements.push_back(std::move(statement));
  }
  const std::vector<Result> results = connection.batch(statements);
  if (known != nullptr) known->take_over(results[2], results[3], results[4]);
  Ahead ahead;
  for (int row = 0; row < results[0].rows(); ++row) ahead.prepared.emplace(results[0].text(row, 0));
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (results[1].boolean(0, static_cast<int>(i))) ahead.present.push_back(wanted[i]);
  return ahead;
}

/// Adds to `executions` what asks a query, and to `preparations` what must come before.
void add_query(const pg::Connection& connection, const std::set<std::string>& prepared,
               const std::string& sql, const std::string* oids, std::vector<pg::Statement>& preparations,
               std::vector<pg::Statement>& executions) {
  if (connection.address().is_own_server) {
    executions.push_back(pg::repeated(sql));
    if (oids != nullptr) executions.back().parameters.emplace_back(*oids);
    return;
  }
  const std::string name = statement_name(sql);
  if (!prepared.contains(name))
    preparations.push_back({"prepare " + name + (oids == nullptr ? "" : " (oid[])") + " as " + sql, {}});
  executions.push_back(
      {"execute " + name + (oids == nullptr ? "" : " (" + pg::quote_literal(*oids) + ")"), {}});
}

bool is_function(const Query& query) {
  return std::string_view(query.kind) == "function";
}

/// All functions, of which `result` has those that were read.
Catalog complete_functions(const Result& result, const UserNames& users, KnownFunctions& known) {
  const ObjectMaker maker("function", result, users);
  Catalog read(static_cast<std::size_t>(result.rows()));
  std::vector<std::string> oids;
  for (int row = 0; row < result.rows(); ++row) {
    maker.make(row, read[static_cast<std::size_t>(row)]);
    oids.emplace_back(result.text(row, result.columns() - 1));
  }
  return known.complete(oids, std::move(read));
}

}  // namespace

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Query& query : queries()) list.emplace_back(query.kind);
    return list;
  }();
  return names;
}

Catalog read_full(pg::Connection& connection, const FullRequest& request, KnownFunctions* known) {
  if (!is_wanted(request, "function")) known = nullptr;
  full::Expansion expansion;
  expansion.server_version = connection.server_version();
  expansion.owner = request.owner.empty() ? connection.user() : request.owner;
  expansion.user_prefix = request.user_prefix;
  std::tie(expansion.version_schema, expansion.version_table) = pg::split_qualified(request.version_table);

  const Ahead ahead = look_ahead(connection, request, expansion, known);
  std::vector<pg::Statement> statements{pg::repeated(change_settings())};
  std::optional<UserNames> users;
  std::vector<pg::Statement> executions{
      pg::repeated("select rolname from pg_roles where $1 <> '' and starts_with(rolname, $1 || '_')",
                   {request.user_prefix})};
  executions.back().use_early = [&](const Result& roles) { users.emplace(request.user_prefix, roles); };
  // The objects of each kind are made while the server works on the next one.
  std::vector<Catalog> answers(ahead.present.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Query& query = *ahead.present[i];
    const bool some = known != nullptr && is_function(query);
    const std::string sql = full::expand(some ? full::functions_by_oid().c_str() : query.sql, expansion);
    add_query(connection, ahead.prepared, sql, some ? &known->to_read() : nullptr, statements, executions);
    executions.back().use_early = [&, some, i](const Result& answer) {
      answers[i] = some ? complete_functions(answer, *users, *known)
                        : objects_of(ahead.present[i]->kind, answer, *users);
    };
  }
  std::move(executions.begin(), executions.end(), std::back_inserter(statements));
  statements.push_back(pg::repeated(restore_settings()));
  connection.batch(statements);

  Catalog catalog;
  catalog.reserve(std::accumulate(answers.begin(), answers.end(), std::size_t{0},
                                  [](std::size_t sum, const Catalog& one) { return sum + one.size(); }));
  for (Catalog& one : answers) std::move(one.begin(), one.end(), std::back_inserter(catalog));
  return catalog;
}

}  // namespace dbtool::catalog
