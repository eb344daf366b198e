#include "lint/explain.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "lint/declared_batch.h"
#include "lint/function_variables.h"
#include "lint/plan_scan.h"
#include "lint/rule.h"
#include "pg/quote.h"
#include "pg/transaction.h"
#include "sql/block.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

/// Below this, the planner scans a table because it is small, which says nothing about a large one.
constexpr std::int64_t few_rows = 10'000;

/// One statement to be explained, with parameters in place of what is known at run time only.
struct Question {
  std::string sql;
  std::size_t parameters = 0;
  sql::ObjectName walked{};  ///< of a declared batch; empty: every table counts that is there
  std::string key{};         ///< the first column of a declared key
  Place place{};
  std::string object{};
  std::string found{};  ///< the statement as written
};

// -- declared batches ---------------------------------------------------------------------------------------

/// `(a, b) > ($1, $2) and (a, b) <= ($3, $4)`: open below, closed above. One column stands without
/// parentheses.
std::string range_condition(const std::vector<std::string>& key, const std::string& alias,
                            const std::map<std::string, std::string>& types) {
  std::vector<std::string> columns;
  std::vector<std::string> low;
  std::vector<std::string> high;
  for (std::size_t i = 0; i < key.size(); ++i) {
    columns.push_back((alias.empty() ? "" : sql::quote_if_needed(alias) + ".") +
                      sql::quote_if_needed(key[i]));
    const std::string& type = types.at(key[i]);
    low.push_back(fmt::format("${}::{}", i + 1, type));
    high.push_back(fmt::format("${}::{}", key.size() + i + 1, type));
  }
  const std::string left = "(" + join(columns, ", ") + ")";
  return fmt::format("({} > ({}) and {} <= ({}))", left, join(low, ", "), left, join(high, ", "));
}

// -- asking -------------------------------------------------------------------------------------------------

class Explainer {
 public:
  Explainer(pg::Connection& connection, const Version& version, Direction direction)
      : connection_(connection),
        version_(version),
        up_(direction == Direction::upgrade),
        script_(read_script(version, direction, false)) {}

  Explained run() {
    const auto& online = up_ ? version_.online_migration : version_.online_downgrade;
    if (online) ask_declared(*online);
    for (const OnlineFunction& function : batch_functions(script_)) ask_function(function);
    return std::move(explained_);
  }

 private:
  std::string here() const { return fmt::format("version {}{}", version_.number, up_ ? "" : ", downgrade"); }

  void note(const std::string& what) { explained_.notes.push_back(here() + ": not explained: " + what); }

  bool is_there(const sql::ObjectName& table) {
    return connection_.query("select pg_catalog.to_regclass($1) is not null", {table.text()}).boolean(0, 0);
  }

  void note_missing(const sql::ObjectName& table) {
    note(fmt::format("table {} is not there at version {}", table.text(), version_.number));
  }

  std::map<std::string, std::string> column_types(const std::string& table) {
    const pg::Result result = connection_.query(R"(
      select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
      from pg_catalog.pg_attribute a
      where a.attrelid = pg_catalog.to_regclass($1) and a.attnum > 0 and not a.attisdropped)",
                                                {table});
    std::map<std::string, std::string> types;
    for (int row = 0; row < result.rows(); ++row)
      types[std::string(result.text(row, 0))] = result.text(row, 1);
    return types;
  }

  void ask_declared(const OnlineDeclaration& online) {
    const sql::ObjectName table = walked_table(online);
    if (!is_there(table)) return note_missing(table);
    const auto types = column_types(table.text());
    for (const std::string& column : online.key) {
      if (!types.contains(column))
        return note(fmt::format("table {} has no column {}", table.text(), column));
    }
    Question question;
    std::size_t at = 0;
    for (const RangeMark& mark : range_marks(online.batch.text)) {
      question.sql +=
          online.batch.text.substr(at, mark.offset - at) + range_condition(online.key, mark.alias, types);
      at = mark.offset + mark.length;
    }
    question.sql += online.batch.text.substr(at);
    question.parameters = 2 * online.key.size();
    question.walked = table;
    question.key = online.key.empty() ? "" : online.key.front();
    question.place = online.batch.place;
    question.object = table_name(table);
    question.found = online.batch.text;
    ask(question);
  }

  void ask_function(const OnlineFunction& function) {
    const FunctionVariables variables = variables_of(function, script_);
    const ColumnType column_type = [&](const std::string& table, const std::string& column) {
      const auto known = types_.try_emplace(table);
      if (known.second) known.first->second = column_types(table);
      const auto type = known.first->second.find(column);
      return type == known.first->second.end() ? std::string() : type->second;
    };
    for (const Statement& statement : script_.statements) {
      if (statement.part != Part::function || statement.function != function.name) continue;
      const bool is_query =
          statement.parsed && std::any_of(statement.actions.begin(), statement.actions.end(), reads_rows);
      const bool is_built = statement.run_as == sql::RunAs::formatted ||
                            statement.run_as == sql::RunAs::concatenated ||
                            statement.run_as == sql::RunAs::unknown;
      if (is_built) {
        note(fmt::format("{}: the statement is built at run time", to_text(statement.place)));
      } else if (is_query) {
        const bool executed = statement.run_as == sql::RunAs::constant;
        Parametrized text = parametrized(statement, executed ? FunctionVariables{} : variables, column_type);
        Question question;
        question.sql = std::move(text.sql);
        question.parameters = text.parameters;
        question.place = statement.place;
        question.object = "function " + function.name;
        question.found = statement.text;
        ask(question);
      }
    }
  }

  static bool reads_rows(const sql::Action& action) {
    const bool data =
        action.kind == sql::ActionKind::select_rows || action.kind == sql::ActionKind::insert_rows ||
        action.kind == sql::ActionKind::update_rows || action.kind == sql::ActionKind::delete_rows ||
        action.kind == sql::ActionKind::merge_rows;
    return data && (!action.others.empty() || action.kind == sql::ActionKind::update_rows ||
                    action.kind == sql::ActionKind::delete_rows);
  }

  static std::string table_name(const sql::ObjectName& table) { return "table " + table.text(); }

  /// A generic plan, as the engine's statement gets one: no value is looked at.
  std::string plan_of(const Question& question, bool small) {
    std::vector<pg::Statement> setup{{"set local plan_cache_mode = force_generic_plan"},
                                     {"set local search_path = public"},
                                     {"set local jit = off"}};
    if (small) {
      for (const char* way : {"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_sort"})
        setup.push_back({fmt::format("set local {} = off", way)});
    }
    pg::Transaction transaction(connection_, "read only", setup);
    const std::string prefix = "explain (format json, verbose) execute dbtool_lint_batch";
    connection_.exec("prepare dbtool_lint_batch as " + question.sql);
    std::vector<std::string> nulls(question.parameters, "null");
    return std::string(
        connection_.query(prefix + (nulls.empty() ? "" : "(" + join(nulls, ", ") + ")")).text(0, 0));
  }

  void ask(const Question& question) {
    std::vector<PlanScan> scans;
    bool small = false;
    try {
      small = is_small(question);
      scans = plan_scans(plan_of(question, small));
      forget();
    } catch (const pg::PgError& error) {
      if (!connection_.is_alive()) throw;
      forget();
      constexpr std::string_view undefined_table = "42P01";
      if (error.is(undefined_table)) {
        if (std::exchange(told_missing_, true)) return;
      }
      return note(fmt::format("{}: {}", to_text(question.place), first_line(error.what())));
    }
    ++explained_.statements;
    for (const PlanScan& scan : scans) {
      if (is_bad(question, scan)) return add(question, scan);
    }
    // Of a small table the planner takes any index that serves.
    if (!small && !question.walked.empty()) find_other_index(question, scans);
  }

  void find_other_index(const Question& question, const std::vector<PlanScan>& scans) {
    const PlanScan* other = nullptr;
    for (const PlanScan& scan : scans) {
      if (is_by_key(question, scan)) return;
      if (is_of_walked(question, scan)) other = &scan;
    }
    if (other != nullptr) add_other_index(question, *other);
  }

  static std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
  }

  /// A prepared statement outlives its transaction; there may be none.
  void forget() { connection_.exec("deallocate all"); }

  static bool is_bad(const Question& question, const PlanScan& scan) {
    if (question.walked.empty()) return is_whole(scan) && scan.schema != "pg_catalog";
    return is_of_walked(question, scan) && is_whole(scan);
  }

  static bool is_of_walked(const Question& question, const PlanScan& scan) {
    return scan.table == question.walked.name &&
           (scan.schema.empty() || sql::ObjectName{scan.schema, scan.table} == question.walked);
  }

  /// Whether a scan of the walked table takes its rows by an index that begins with the key.
  bool is_by_key(const Question& question, const PlanScan& scan) {
    if (!is_of_walked(question, scan)) return false;
    if (scan.node.starts_with("Tid")) return true;
    const pg::Result first =
        connection_.query(R"(
      select from pg_catalog.pg_index x
      join pg_catalog.pg_class i on i.oid = x.indexrelid
      join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
      where x.indrelid = pg_catalog.to_regclass($1) and i.relname = any ($2::text[]) and a.attname = $3)",
                          {question.walked.text(), pg::array_literal(scan.indexes), question.key});
    return first.rows() > 0;
  }

  bool is_small(const Question& question) {
    if (question.walked.empty()) return true;
    return connection_
               .query(
                   "select greatest(c.reltuples, 0)::bigint from pg_catalog.pg_class c where c.oid = "
                   "pg_catalog.to_regclass($1)",
                   {question.walked.text()})
               .integer(0, 0) < few_rows;
  }

  Finding finding_of(const Question& question, const PlanScan& scan) const {
    Finding finding;
    finding.severity = Severity::error;
    finding.rule = "online-batch-scans";
    finding.version = version_.number;
    finding.object = question.object;
    finding.fact = to_lower(scan.node);
    finding.found = one_line(question.found);
    finding.place = question.place;
    return finding;
  }

  void add_other_index(const Question& question, const PlanScan& scan) {
    Finding finding = finding_of(question, scan);
    finding.severity = Severity::warning;
    finding.message = fmt::format(
        "The plan of a batch takes its rows of {} by {}, not by the index of the key: every batch reads "
        "all that it finds there, and throws away what lies outside of the range.",
        scan.table, join(scan.indexes, ", "));
    finding.advice = "leave the condition to an index that begins with the key, or to none";
    finding.rewrite = "where $range$\n";
    explained_.findings.push_back(std::move(finding));
  }

  void add(const Question& question, const PlanScan& scan) {
    Finding finding = finding_of(question, scan);
    finding.message = fmt::format(
        "The plan of a batch reads all of {} ({}{}) instead of a range of its key: every batch "
        "costs as much as the whole table.",
        scan.table, to_lower(scan.node), scan.indexes.empty() ? "" : " on " + join(scan.indexes, ", "));
    finding.advice = question.key.empty()
                         ? "compare the columns of an index with the last key, and order by them"
                         : "compare the key's columns themselves, not expressions of them";
    finding.rewrite = question.key.empty() ? "where key > last_key\norder by key\nlimit batch_size_in\n"
                                           : "where $range$\n";
    explained_.findings.push_back(std::move(finding));
  }

  pg::Connection& connection_;
  const Version& version_;
  bool up_;
  Script script_;
  Explained explained_;
  std::map<std::string, std::map<std::string, std::string>> types_;  ///< of columns, by table
  bool told_missing_ = false;  ///< one table that is not there is reason enough
};

}  // namespace

void Explained::add(Explained more) {
  std::move(more.findings.begin(), more.findings.end(), std::back_inserter(findings));
  std::move(more.notes.begin(), more.notes.end(), std::back_inserter(notes));
  statements += more.statements;
}

Explained explain_batches(pg::Connection& connection, const Version& version, Direction direction) {
  return Explainer(connection, version, direction).run();
}

}  // namespace dbtool::lint
