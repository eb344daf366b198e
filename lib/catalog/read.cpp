#include "catalog/read.h"

#include <algorithm>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "catalog/array.h"
#include "catalog/columns_of_full.h"
#include "catalog/diff.h"
#include "catalog/grants.h"
#include "catalog/public_columns.h"
#include "catalog/signature.h"
#include "pg/quote.h"
#include "sql/type.h"

namespace dbtool::catalog {
namespace {

using pg::Parameter;
using pg::Result;
using pg::Statement;

// Type names are printed as seen with search_path public, whatever the session has set; what it had comes
// back at the end, for a session that is inside a transaction.
constexpr const char* set_search_path = R"(
select set_config('dbtool.search_path', current_setting('search_path'), true), set_config('search_path', 'public', true))";
constexpr const char* reset_search_path = R"(
select set_config('search_path', current_setting('dbtool.search_path'), true))";

// Found by their extensions, which are few: to ask each object costs more than all else about it.
std::string members_of_extensions(const char* of) {
  return std::string("(select d.objid from pg_depend d where d.refclassid = 'pg_extension'::regclass\n") +
         "                and d.deptype = 'e' and d.classid = '" + of + "'::regclass)";
}

const std::string relations_query = R"(
select c.relname, c.relkind, pg_get_userbyid(c.relowner),
       case when c.relispartition
            then (select r.relname from pg_class r where r.oid = pg_partition_root(c.oid)) end,
       c.relacl
from pg_class c
where c.relnamespace = (select oid from pg_namespace where nspname = 'public')
  and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> $1::name
  and c.oid not in )" + members_of_extensions("pg_class");

const std::string functions_query = R"(
select p.proname,
       (select array_agg(format_type(t.oid, null) order by t.position)
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as t (oid, position)),
       p.proargmodes, p.proargnames, pg_get_expr(p.proargdefaults, 0),
       format_type(p.prorettype, null), p.proretset, l.lanname, p.prosecdef, p.provolatile, p.prosrc
from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = (select oid from pg_namespace where nspname = 'public')
  and p.prokind = 'f'
  and p.oid not in )" + members_of_extensions("pg_proc");

constexpr const char* users_query = R"(
select r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
       (select string_agg(g.rolname, ', ' order by g.rolname)
        from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid),
       (select has_schema_privilege(r.oid, n.oid, 'usage') from pg_namespace n where n.nspname = 'public'),
       (select has_schema_privilege(r.oid, v.relnamespace, 'usage')), (select has_table_privilege(r.oid, v.oid, 'select'))
from pg_roles r
left join (select c.oid, c.relnamespace from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = $2::text and c.relname = $3::text) v on true
where r.rolname = any ($1::text[]))";

constexpr const char* types_query = R"(
select w.spelling, format_type(case when w.is_array then t.typarray else t.oid end, null)
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
  as w (spelling, schema_name, name, column_name, is_array)
left join pg_namespace n on n.nspname = w.schema_name
left join pg_class c on c.relnamespace = n.oid and c.relname = w.name and w.column_name <> ''
left join pg_attribute a on a.attrelid = c.oid and a.attname = w.column_name and not a.attisdropped
join pg_type t
  on t.oid = case when w.column_name <> '' then a.atttypid
                  when w.schema_name = '' then to_regtype(w.name)
                  else (select q.oid from pg_type q where q.typname = w.name and q.typnamespace = n.oid) end)";

// Types of schema public that are printed with their schema even where public is searched.
constexpr const char* hidden_types_query = R"(
select t.typname from pg_type t
where t.typnamespace = (select oid from pg_namespace where nspname = 'public')
  and exists (select from pg_type b where b.typname = t.typname and b.typnamespace = 'pg_catalog'::regnamespace))";

// -- results
// -----------------------------------------------------------------------------------------------------------

std::string text(const Result& result, int row, int column) {
  return std::string(result.text(row, column));
}
const char* yes_or_no(const Result& result, int row, int column) {
  return result.boolean(row, column) ? "yes" : "no";
}

const char* relation_name(std::string_view kind) {
  if (kind == "p") return "partitioned table";
  if (kind == "v") return "view";
  if (kind == "m") return "materialized view";
  return kind == "f" ? "foreign table" : "table";
}

std::vector<Relation> relations_of(const Result& result) {
  std::vector<Relation> relations;
  for (int row = 0; row < result.rows(); ++row) {
    relations.push_back({text(result, row, 0), relation_name(result.text(row, 1)), text(result, row, 2),
                         text(result, row, 3), text(result, row, 4)});
  }
  return relations;
}

bool is_table(const Relation& relation) {
  return relation.kind == "table" || relation.kind == "partitioned table";
}

void add_relations(const std::vector<Relation>& relations, Catalog& objects) {
  for (const Relation& relation : relations) {
    objects.push_back({!is_table(relation)                ? "view"
                       : !relation.partition_root.empty() ? "partition"
                                                          : "table",
                       relation.name,
                       {{"relation", relation.kind}, {"owner", relation.owner}},
                       {}});
  }
}

std::string mode_name(std::string_view letter) {
  if (letter == "o") return "out";
  if (letter == "b") return "inout";
  if (letter == "v") return "variadic";
  return letter == "t" ? "table" : "in";
}

void add_functions(const Result& result, Catalog& objects) {
  for (int row = 0; row < result.rows(); ++row) {
    const std::vector<std::string> types = parse_array(result.text(row, 1));
    const std::vector<std::string> modes = parse_array(result.text(row, 2));
    const std::vector<std::string> names = parse_array(result.text(row, 3));
    std::vector<sql::Argument> arguments;
    sql::ReturnType returns{result.boolean(row, 6), text(result, row, 5)};
    for (std::size_t i = 0; i < types.size(); ++i) {
      const std::string mode = mode_name(i < modes.size() ? modes[i] : "i");
      std::vector<sql::Argument>& list = mode == "table" ? returns.columns : arguments;
      list.push_back({mode, i < names.size() ? names[i] : "", types[i]});
    }
    const std::string_view volatility = result.text(row, 9);
    objects.push_back({"function",
                       function_identity(text(result, row, 0), arguments),
                       {{"name", text(result, row, 0)},
                        {"arguments", arguments_text(arguments)},
                        {"defaults", text(result, row, 4)},
                        {"returns", returns_text(returns)},
                        {"language", text(result, row, 7)},
                        {"security", result.boolean(row, 8) ? "definer" : "invoker"},
                        {"volatility", volatility == "i"   ? "immutable"
                                       : volatility == "s" ? "stable"
                                                           : "volatile"},
                        {"body", text(result, row, 10)}},
                       {}});
  }
}

void add_users(const Result& result, const std::string& version_table, const std::string& version_schema,
               Catalog& objects) {
  for (int row = 0; row < result.rows(); ++row) {
    Object user{"user",
                text(result, row, 0),
                {{"superuser", yes_or_no(result, row, 1)},
                 {"createrole", yes_or_no(result, row, 2)},
                 {"createdb", yes_or_no(result, row, 3)},
                 {"replication", yes_or_no(result, row, 4)},
                 {"bypassrls", yes_or_no(result, row, 5)},
                 {"member of", text(result, row, 6)},
                 {"usage on schema public", yes_or_no(result, row, 7)}},
                {}};
    if (!result.is_null(row, 9)) {
      user.facts.emplace("usage on schema " + version_schema, yes_or_no(result, row, 8));
      user.facts.emplace("select on " + version_table, yes_or_no(result, row, 9));
    }
    objects.push_back(std::move(user));
  }
}

/// Names with a schema are looked up in the catalog: to_regtype fails without the right to use that schema.
Statement types_statement(const std::vector<std::string>& spellings) {
  std::vector<std::string> wanted, schemas, names, columns, arrays;
  for (const std::string& spelling : spellings) {
    const auto parsed = sql::parse_type_name(spelling);
    const bool qualified = parsed && (!parsed->schema.empty() || parsed->is_column_type);
    wanted.push_back(spelling);
    schemas.push_back(!qualified ? "" : parsed->schema.empty() ? "public" : parsed->schema);
    names.push_back(qualified ? parsed->name : spelling);
    columns.push_back(qualified ? parsed->column : "");
    arrays.push_back(qualified && parsed->is_array ? "t" : "f");
  }
  return {types_query,
          {pg::array_literal(wanted), pg::array_literal(schemas), pg::array_literal(names),
           pg::array_literal(columns), pg::array_literal(arrays)}};
}

/// The version table, where it is one of schema public; else a name that no relation has.
Parameter name_left_out(const std::string& version_table) {
  const auto [schema, name] = pg::split_qualified(version_table);
  return schema == "public" ? name : "";
}

std::vector<Statement> named_statements(const Request& request) {
  const auto [schema, name] = pg::split_qualified(request.version_table);
  return {{users_query, {pg::array_literal(request.users), schema, name}}, types_statement(request.types)};
}

/// The answers to `statements` alone, in one round trip.
std::vector<Result> ask(pg::Connection& connection, std::vector<Statement> statements) {
  statements.insert(statements.begin(), {set_search_path, {}});
  statements.push_back({reset_search_path, {}});
  std::vector<Result> answers = connection.batch(statements);
  answers.erase(answers.begin());
  answers.pop_back();
  return answers;
}

/// What makes objects of schema public from each answer as it comes: the server then works on the next one.
class PublicObjects {
 public:
  explicit PublicObjects(const std::string& version_table) {
    ask(functions_query, {}, [this](const Result& answer) { add_functions(answer, objects_); });
    ask(relations_query, {name_left_out(version_table)}, [this](const Result& answer) {
      relations_ = relations_of(answer);
      add_relations(relations_, objects_);
    });
    ask(access_lists_query, {}, [this](const Result& answer) { access_lists_ = answer; });
    ask(column_grants_query, {},
        [this](const Result& answer) { add_grants(relations_, *access_lists_, answer, objects_); });
  }
  PublicObjects(const PublicObjects&) = delete;
  PublicObjects& operator=(const PublicObjects&) = delete;

  const std::vector<Relation>& relations() const { return relations_; }
  Schema with(Columns columns) && {
    sort(objects_);
    return {std::move(objects_), std::move(columns)};
  }

  std::vector<Statement> statements;

 private:
  void ask(const std::string& sql, std::vector<Parameter> parameters,
           std::function<void(const Result&)> use) {
    statements.push_back({sql, std::move(parameters)});
    statements.back().use_early = std::move(use);
  }

  std::vector<Relation> relations_;
  std::optional<Result> access_lists_;
  Catalog objects_;
};

/// The columns alone, in two round trips: how a type is spelled is asked once, not of every column.
Columns ask_columns(pg::Connection& connection, const std::string& version_table) {
  PublicColumns columns;
  ask(connection, {columns.rows(name_left_out(version_table))});
  const std::vector<Result> answers = ask(connection, {columns.spellings()});
  return std::move(columns).spelled(answers.front());
}

/// The public objects, and the answers to `more`: in two round trips, however many objects there are.
std::pair<Schema, std::vector<Result>> ask_public(pg::Connection& connection,
                                                  const std::string& version_table,
                                                  const std::vector<Statement>& more) {
  PublicColumns columns;
  PublicObjects others(version_table);
  std::vector<Statement> statements = others.statements;
  // Functions and columns take longest to be made objects here: each while the server has something to do.
  statements.insert(statements.begin() + 1, columns.rows(name_left_out(version_table)));
  ask(connection, std::move(statements));
  statements = more;
  statements.push_back(columns.spellings());
  std::vector<Result> answers = ask(connection, std::move(statements));
  Schema schema = std::move(others).with(std::move(columns).spelled(answers.back()));
  answers.pop_back();
  return {std::move(schema), std::move(answers)};
}

Live with_named(Schema schema, std::span<const Result> answers, const Request& request) {
  Live live{std::move(schema), {}};
  const auto others = static_cast<std::ptrdiff_t>(live.objects.size());
  add_users(answers[0], request.version_table, pg::split_qualified(request.version_table).first,
            live.objects);
  std::sort(live.objects.begin() + others, live.objects.end());
  std::inplace_merge(live.objects.begin(), live.objects.begin() + others, live.objects.end());
  const Result& types = answers[1];
  for (int row = 0; row < types.rows(); ++row) {
    if (!types.is_null(row, 1)) live.types.emplace(text(types, row, 0), text(types, row, 1));
  }
  return live;
}

}  // namespace

Live read(pg::Connection& connection, const Request& request) {
  auto [schema, answers] = ask_public(connection, request.version_table, named_statements(request));
  return with_named(std::move(schema), answers, request);
}

Schema read_public(pg::Connection& connection, const std::string& version_table, pg::Connection* second) {
  if (second == nullptr) return ask_public(connection, version_table, {}).first;
  std::future<Columns> columns =
      std::async(std::launch::async, [&] { return ask_columns(*second, version_table); });
  PublicObjects others(version_table);
  ask(connection, others.statements);
  try {
    return std::move(others).with(columns.get());
  } catch (const pg::PgError& error) {
    if (!error.is_connection_lost()) throw;
    return read_public(connection, version_table, nullptr);
  }
}

WithoutColumns read_without_columns(pg::Connection& connection, const std::string& version_table) {
  WithoutColumns read;
  PublicObjects others(version_table);
  std::vector<Statement> statements = others.statements;
  statements.push_back({hidden_types_query, {}});
  statements.back().use_early = [&](const Result& answer) {
    for (int row = 0; row < answer.rows(); ++row) read.hidden_types.insert(text(answer, row, 0));
  };
  ask(connection, std::move(statements));
  for (const Relation& relation : others.relations())
    if (is_table(relation) && relation.partition_root.empty()) read.tables.insert(relation.name);
  read.objects = std::move(others).with({}).objects;
  return read;
}

Schema with_columns_of(WithoutColumns read, const Catalog& full, const std::string& user_prefix) {
  return {std::move(read.objects),
          columns_of_full(full, read.tables, PublicTypes(std::move(read.hidden_types), user_prefix))};
}

Live read(pg::Connection& connection, const Request& request, Schema public_schema) {
  return with_named(std::move(public_schema), ask(connection, named_statements(request)), request);
}

}  // namespace dbtool::catalog
