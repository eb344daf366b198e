#include "rows/fill.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "pg/quote.h"
#include "pg/transaction.h"
#include "rows/column_pools.h"
#include "rows/order.h"
#include "rows/ring.h"
#include "rows/row_maker.h"
#include "rows/trial.h"

namespace dbtool::rows {
namespace {

/// How many rows are tried one by one, round for round, when the first ones were refused.
constexpr int tries[] = {24, 100, 400};

/// The commonest complaint.
std::string complaint(const std::vector<Outcome>& outcomes) {
  std::map<std::string, int> times;
  for (const Outcome& outcome : outcomes) {
    if (outcome.was_tried && !outcome.sqlstate.empty()) ++times[outcome.message];
  }
  const auto commonest = std::max_element(times.begin(), times.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
  return commonest == times.end() ? "" : commonest->first;
}

std::int64_t rows_of(const std::vector<Outcome>& outcomes) {
  std::int64_t rows = 0;
  for (const Outcome& outcome : outcomes) rows += outcome.rows;
  return rows;
}

class Filler {
 public:
  Filler(pg::Connection& connection, const FillRequest& request)
      : connection_(connection), request_(request), schema_(read_tables(connection, request.scope)) {}

  std::vector<Filled> run() {
    choose();
    const bool utf8 = connection_.parameter_status("server_encoding") == "UTF8";
    TypePools types(connection_, schema_, {request_.seed, request_.edge_values, !utf8});
    types_ = &types;
    pools_ = make_pools(connection_, tables_, types);
    const std::vector<Group> order = fill_order(tables_, types);
    fill_independent();
    for (const Group& group : order) {
      if (is_done_[group.front()]) continue;
      if (group.size() > 1 || refers_to_itself(group.front())) {
        fill_ring(group);
      } else {
        fill_first(group.front());
      }
    }
    for (const std::size_t place : again_) fill_rest(place);
    return report();
  }

 private:
  /// The tables to fill: all, or those that hold nothing.
  void choose() {
    std::vector<bool> has_rows(schema_.tables.size());
    if (request_.leave_filled) {
      std::vector<std::string> relations;
      for (const Table& table : schema_.tables) relations.push_back(only(table));
      has_rows = which_have_rows(relations);
    }
    for (std::size_t i = 0; i < schema_.tables.size(); ++i) {
      const Table& table = schema_.tables[i];
      if (has_rows[i]) {
        left_.push_back({table.name, 0, "", true});
      } else {
        tables_.push_back(&table);
      }
    }
    filled_.resize(tables_.size());
    for (std::size_t i = 0; i < tables_.size(); ++i) filled_[i].table = tables_[i]->name;
    is_done_.resize(tables_.size());
  }

  std::vector<bool> which_have_rows(const std::vector<std::string>& relations) {
    std::vector<bool> answers;
    if (relations.empty()) return answers;
    std::string sql;
    for (const std::string& relation : relations)
      sql += (sql.empty() ? "" : ",\n       ") + ("exists (select from " + relation + ")");
    // A row of a result holds at most 1664 columns, so that each is a row of an array.
    const pg::Result result = connection_.exec("select unnest(array[" + sql + "])");
    for (int i = 0; i < result.rows(); ++i) answers.push_back(result.boolean(i, 0));
    return answers;
  }

  /// The table's own rows, without those of tables that inherit from it.
  static std::string only(const Table& table) {
    return (table.is_partitioned ? "" : "only ") + table.sql_name;
  }

  bool refers_to_itself(std::size_t place) const {
    const Table& table = *tables_[place];
    return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& key) {
      return key.target_oid == table.oid && is_demanding(table, key, *types_);
    });
  }

  /// Whether a foreign key of the table's may be given to rows that come only later.
  bool waits(std::size_t place) const {
    for (const ForeignKey& key : tables_[place]->foreign_keys) {
      for (std::size_t i = 0; i < tables_.size(); ++i) {
        if (tables_[i]->oid == key.target_oid && !is_done_[i]) return true;
      }
    }
    return false;
  }

  /// Tables that refer to nothing, in most databases most of them, in one round trip. One that refuses its
  /// rows is left to be filled row by row.
  void fill_independent() {
    std::vector<std::size_t> places;
    std::vector<std::string> statements;
    for (std::size_t place = 0; place < tables_.size(); ++place) {
      if (!tables_[place]->foreign_keys.empty()) continue;
      RowMaker maker = make_rows(place);
      const std::vector<Values> rows = drawn(maker, request_.rows);
      if (rows.empty()) continue;
      places.push_back(place);
      statements.push_back(insert_sql(*tables_[place], rows));
    }
    const std::vector<Outcome> outcomes =
        try_each(connection_, statements, std::numeric_limits<std::int64_t>::max());
    for (std::size_t i = 0; i < places.size(); ++i) {
      filled_[places[i]].rows = outcomes[i].rows;
      is_done_[places[i]] = outcomes[i].rows >= request_.rows;
      if (is_done_[places[i]]) fill_partitions(places[i]);
    }
  }

  static std::vector<Values> drawn(RowMaker& maker, int count) {
    std::vector<Values> rows;
    for (int i = 0; i < count; ++i) {
      if (auto row = maker.draw()) rows.push_back(std::move(*row));
    }
    return rows;
  }

  /// Some of the rows are kept back where what they refer to is not there yet.
  void fill_first(std::size_t place) {
    const bool comes_again = waits(place);
    is_done_[place] = true;
    const int wanted = comes_again ? (request_.rows + 1) / 2 : request_.rows;
    fill_table(place, wanted - static_cast<int>(filled_[place].rows));
    if (comes_again) {
      again_.push_back(place);
    } else {
      fill_partitions(place);
    }
  }

  void fill_rest(std::size_t place) {
    filled_[place].reason.clear();
    fill_table(place, request_.rows - static_cast<int>(filled_[place].rows));
    fill_partitions(place);
  }

  void fill_table(std::size_t place, int wanted) {
    if (wanted <= 0) return;
    const Table& table = *tables_[place];
    Filled& filled = filled_[place];
    RowMaker maker = make_rows(place);
    if (const ForeignKey* key = maker.impossible()) {
      filled.reason = fmt::format("it refers to {}, which has no rows", key->target);
      return;
    }
    std::int64_t missing = wanted;
    std::string reason = "no value was found for a column";
    for (int round = -1; round < static_cast<int>(std::size(tries)) && missing > 0; ++round) {
      std::vector<std::string> statements;
      const std::vector<Values> rows = drawn(maker, round < 0 ? wanted : tries[round]);
      // All at once, which is the rule; else one by one.
      if (round < 0 && rows.size() > 1) statements.push_back(insert_sql(table, rows));
      for (const Values& row : rows) statements.push_back(insert_sql(table, {row}));
      const std::vector<Outcome> outcomes = try_each(connection_, statements, missing);
      missing -= rows_of(outcomes);
      filled.rows += rows_of(outcomes);
      if (const std::string said = complaint(outcomes); !said.empty()) reason = said;
      maker.next_round();
    }
    if (missing > 0) filled.reason = reason;
  }

  /// Sees to it that every partition has a row.
  void fill_partitions(std::size_t place) {
    const Table& table = *tables_[place];
    if (table.partitions.empty() || make_rows(place).impossible() != nullptr) return;
    std::vector<std::string> relations;
    for (const Table::Partition& partition : table.partitions) relations.push_back(partition.sql_name);
    const std::vector<bool> has_rows = which_have_rows(relations);
    for (std::size_t i = 0; i < table.partitions.size(); ++i) {
      if (has_rows[i]) continue;
      RowMaker maker = make_rows(place);
      std::int64_t made = 0;
      std::string reason = "no row was found that belongs to it";
      for (int round = 0; round < static_cast<int>(std::size(tries)) && made == 0; ++round) {
        std::vector<std::string> statements;
        for (int row = 0; row < tries[round]; ++row) {
          if (const auto values = maker.draw_for(pools_[place].partitions[i]))
            statements.push_back(insert_sql_if(table, *values, table.partitions[i].condition));
        }
        const std::vector<Outcome> outcomes = try_each(connection_, statements, 1);
        made = rows_of(outcomes);
        if (const std::string said = complaint(outcomes); !said.empty()) reason = said;
        maker.next_round();
      }
      filled_[place].rows += made;
      if (made == 0) partitions_.push_back({table.partitions[i].name, 0, reason});
    }
    if (filled_[place].rows >= request_.rows) filled_[place].reason.clear();
  }

  /// Tables whose rows can only come together, each referring to the next.
  void fill_ring(const Group& group) {
    std::vector<RingTable> ring;
    for (const std::size_t place : group) {
      is_done_[place] = true;
      ring.push_back({tables_[place], make_rows(place, group)});
      if (const ForeignKey* key = ring.back().maker.impossible()) {
        for (const std::size_t other : group)
          filled_[other].reason = fmt::format("it refers to {}, which has no rows", key->target);
        return;
      }
    }
    std::int64_t missing = request_.rows;
    std::string reason = "no value was found for a column";
    for (int round = -1; round < static_cast<int>(std::size(tries)) && missing > 0; ++round) {
      std::vector<std::string> statements;
      for (int i = 0; i < (round < 0 ? request_.rows : tries[round]); ++i) {
        if (auto sql = ring_sql(ring)) statements.push_back(std::move(*sql));
      }
      const std::vector<Outcome> outcomes = try_each(connection_, statements, missing);
      missing -= rows_of(outcomes);
      if (const std::string said = complaint(outcomes); !said.empty()) reason = said;
      for (RingTable& one : ring) one.maker.next_round();
    }
    for (const std::size_t place : group) {
      filled_[place].rows = request_.rows - missing;
      if (missing > 0) filled_[place].reason = reason;
    }
  }

  /// With the keys that the targets have; foreign keys inside `ring` are left to the caller.
  RowMaker make_rows(std::size_t place, const Group& ring = {}) {
    const Table& table = *tables_[place];
    const std::vector<Pool>& pools = pools_[place].columns;
    const auto made_before = static_cast<std::size_t>(filled_[place].rows);
    std::vector<std::optional<Keys>> targets;
    std::vector<pg::Statement> queries;
    std::vector<std::size_t> asked;
    for (const ForeignKey& key : table.foreign_keys) {
      const bool is_inside = std::any_of(ring.begin(), ring.end(), [&](std::size_t other) {
        return tables_[other]->oid == key.target_oid && is_demanding(table, key, *types_);
      });
      targets.emplace_back(is_inside ? std::nullopt : std::optional(Keys()));
      if (is_inside) continue;
      asked.push_back(targets.size() - 1);
      queries.push_back({keys_query(key)});
    }
    const std::vector<pg::Result> results =
        queries.empty() ? std::vector<pg::Result>() : connection_.batch(queries);
    for (std::size_t i = 0; i < results.size(); ++i) {
      for (int row = 0; row < results[i].rows(); ++row) {
        std::vector<std::string> values;
        for (int column = 0; column < results[i].columns(); ++column)
          values.emplace_back(results[i].text(row, column));
        targets[asked[i]]->push_back(std::move(values));
      }
    }
    return {table,       pools,
            *types_,     std::move(targets),
            made_before, Random(request_.seed, table.sql_name + " rows")};
  }

  static std::string keys_query(const ForeignKey& key) {
    std::string columns, present, order;
    for (std::size_t i = 0; i < key.target_columns.size(); ++i) {
      const std::string name = pg::quote_identifier(key.target_columns[i]);
      columns += (i == 0 ? "" : ", ") + name + "::text";
      present += (i == 0 ? "" : " and ") + name + " is not null";
      order += (i == 0 ? "" : ", ") + std::to_string(i + 1);
    }
    return "select distinct " + columns + " from " + (key.target_is_partitioned ? "" : "only ") + key.target +
           " where " + present + " order by " + order + " limit 200";
  }

  std::vector<Filled> report() {
    std::vector<Filled> all = std::move(filled_);
    for (auto* others : {&left_, &partitions_}) all.insert(all.end(), others->begin(), others->end());
    std::sort(all.begin(), all.end(), [](const Filled& a, const Filled& b) { return a.table < b.table; });
    return all;
  }

  pg::Connection& connection_;
  const FillRequest& request_;
  Tables schema_;
  std::vector<const Table*> tables_;  ///< those to fill; the rest counts by their places
  TypePools* types_ = nullptr;
  std::vector<TablePools> pools_;
  std::vector<Filled> filled_;
  std::vector<bool> is_done_;
  std::vector<std::size_t> again_;
  std::vector<Filled> left_, partitions_;
};

}  // namespace

std::vector<Filled> fill(pg::Connection& connection, const FillRequest& request) {
  std::vector<pg::Statement> setup{plain_settings(false), {"set constraints all immediate"}};
  if (!request.fire_triggers) setup.push_back({"set local session_replication_role = replica"});
  pg::Transaction transaction(connection, "isolation level read committed", setup);
  std::vector<Filled> filled = Filler(connection, request).run();
  transaction.commit();
  return filled;
}

}  // namespace dbtool::rows
