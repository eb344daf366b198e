#include "rows/column_pools.h"

#include <algorithm>
#include <string>

#include "pg/quote.h"
#include "rows/random.h"
#include "rows/trial.h"

namespace dbtool::rows {
namespace {

constexpr std::size_t largest_pool = 80;
constexpr int most_refused = 3;

/// A pool to be judged by the server.
struct Doubtful {
  Pool* pool;
  std::size_t first_query;
  bool may_be_empty;  ///< null is left then
};

class Maker {
 public:
  explicit Maker(TypePools& types) : types_(types) {}

  void add(const Table& table, TablePools& pools) {
    std::vector<Hints> hints;
    std::vector<std::vector<std::string>> conditions(table.columns.size());
    for (const Check& check : table.checks) read(table, check.expression, hints, conditions);
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      pools.columns[i] = candidates(table, i, hints, types_.of_column(table.columns[i]));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (has_hints(table, i, hints)) doubt(table, i, pools.columns[i], conditions[i]);
    }
    for (std::size_t i = 0; i < table.partitions.size(); ++i)
      add_partition(table, table.partitions[i], conditions, hints, pools.partitions[i]);
  }

  void judge(pg::Connection& connection) {
    const std::vector<bool> held = which_hold(connection, queries_);
    for (const Doubtful& doubtful : doubtful_) {
      Pool fulfilling;
      for (std::size_t i = 0; i < doubtful.pool->size(); ++i) {
        if (held[doubtful.first_query + i]) fulfilling.push_back((*doubtful.pool)[i]);
      }
      // Values that will be refused let the server say why.
      if (fulfilling.empty() && !doubtful.may_be_empty) {
        if (doubtful.pool->size() > most_refused)
          doubtful.pool->erase(doubtful.pool->begin(), doubtful.pool->end() - most_refused);
        continue;
      }
      *doubtful.pool = std::move(fulfilling);
    }
  }

 private:
  static bool names(const Hints& hints, const Column& column) { return hints.columns.contains(column.name); }

  static bool has_hints(const Table& table, std::size_t column, const std::vector<Hints>& hints) {
    return std::any_of(hints.begin(), hints.end(),
                       [&](const Hints& one) { return names(one, table.columns[column]); });
  }

  /// Adds what an expression holds; where it is over one column alone, also as that column's condition.
  static void read(const Table& table, const std::string& expression, std::vector<Hints>& hints,
                   std::vector<std::vector<std::string>>& conditions) {
    std::set<std::string> columns;
    for (Hints& one : read_hints(expression)) {
      columns.insert(one.columns.begin(), one.columns.end());
      hints.push_back(std::move(one));
    }
    if (columns.size() != 1) return;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == *columns.begin()) conditions[i].push_back(expression);
    }
  }

  Pool candidates(const Table& table, std::size_t place, const std::vector<Hints>& hints, const Pool& usual) {
    const Column& column = table.columns[place];
    if (column.is_generated) return {};
    std::vector<Hints> own;
    for (const Hints& one : hints) {
      if (names(one, column)) own.push_back(one);
    }
    Pool pool;
    if (!own.empty()) pool = types_.hinted(column.type, column.modifier, column.type_text, own);
    pool.insert(pool.end(), usual.begin(), usual.end());
    return pool;
  }

  void doubt(const Table& table, std::size_t place, Pool& pool, const std::vector<std::string>& conditions) {
    const Column& column = table.columns[place];
    doubtful_.push_back({&pool, queries_.size(), !column.not_null && !types_.is_not_null(column.type)});
    std::string condition;
    for (const std::string& one : conditions) condition += (condition.empty() ? "(" : " and (") + one + ")";
    for (const std::string& value : pool) {
      queries_.push_back(condition.empty()
                             ? casts(value, column.type_text)
                             : "select " + condition + " from (select (" + value + ")::" + column.type_text +
                                   " as " + pg::quote_identifier(column.name) + ") as " + table.plain_name);
    }
  }

  void add_partition(const Table& table, const Table::Partition& partition,
                     std::vector<std::vector<std::string>> conditions, const std::vector<Hints>& of_table,
                     std::map<std::size_t, Pool>& pools) {
    std::vector<Hints> hints;
    read(table, partition.condition, hints, conditions);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].is_generated || !has_hints(table, i, hints)) continue;
      std::vector<Hints> all = hints;
      all.insert(all.end(), of_table.begin(), of_table.end());
      pools[i] = candidates(table, i, all, types_.of_column(table.columns[i]));
      doubt(table, i, pools[i], conditions[i]);
    }
  }

  TypePools& types_;
  std::vector<std::string> queries_;
  std::vector<Doubtful> doubtful_;
};

}  // namespace

std::vector<TablePools> make_pools(pg::Connection& connection, const std::vector<const Table*>& tables,
                                   TypePools& types) {
  std::vector<TablePools> all(tables.size());
  Maker maker(types);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    all[i].columns.resize(tables[i]->columns.size());
    all[i].partitions.resize(tables[i]->partitions.size());
    maker.add(*tables[i], all[i]);
  }
  maker.judge(connection);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Random random(types.taste().seed, tables[i]->sql_name);
    const auto mix = [&](Pool& pool) {
      random.shuffle(pool);
      if (pool.size() > largest_pool) pool.resize(largest_pool);
    };
    for (Pool& pool : all[i].columns) mix(pool);
    for (auto& partition : all[i].partitions) {
      for (auto& [column, pool] : partition) mix(pool);
    }
  }
  return all;
}

}  // namespace dbtool::rows
