#include "rows/multiply.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "pg/error.h"
#include "pg/quote.h"
#include "pg/transaction.h"
#include "rows/copies.h"
#include "rows/tables.h"

namespace dbtool::rows {
namespace {

constexpr std::int64_t most_originals = 10'000;
constexpr std::int64_t at_once = 100'000;
constexpr std::int64_t first_try = 1000;
/// From what is most like rows that people have to what the server is likeliest to take.
constexpr CopyPlan plans[] = {
    {true, true, 0},  {false, true, 0}, {true, false, 0}, {false, false, 0},      {true, true, 1},
    {false, true, 1}, {true, true, 2},  {false, true, 2}, {true, true, 0, false}, {false, true, 0, false}};

/// No triggers, and no looks at foreign keys, for as long as this is there.
class Quiet {
 public:
  explicit Quiet(pg::Connection& connection) : connection_(connection) {
    connection_.exec(
        "set session_replication_role = replica; set default_transaction_isolation = 'read committed'");
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() {
    try {
      if (connection_.is_alive() && !connection_.in_transaction())
        connection_.exec("reset session_replication_role; reset default_transaction_isolation");
    } catch (const std::exception&) {
      // The connection is gone, and its settings with it.
    }
  }

 private:
  pg::Connection& connection_;
};

class Multiplier {
 public:
  Multiplier(pg::Connection& connection, const MultiplyRequest& request)
      : connection_(connection), request_(request) {
    pg::Transaction transaction(connection_, "isolation level read committed", {plain_settings(false)});
    schema_ = read_tables(connection_, request_.scope);
    transaction.commit();
  }

  std::vector<Multiplied> run() {
    const Quiet quiet(connection_);
    for (const Table* table : ordered()) found_.push_back(multiply(*table));
    for (const auto& asked : request_.rows) {
      const bool is_there = std::any_of(schema_.tables.begin(), schema_.tables.end(),
                                        [&](const Table& table) { return table.name == asked.first; });
      if (!is_there) found_.push_back({asked.first, 0, "there is no such table"});
    }
    return std::move(found_);
  }

 private:
  /// Those to fill, what they refer to first, as far as that goes.
  std::vector<const Table*> ordered() const {
    std::vector<const Table*> open, order;
    for (const Table& table : schema_.tables) {
      if (request_.rows.contains(table.name)) open.push_back(&table);
    }
    while (!open.empty()) {
      const auto is_free = [&](const Table* table) {
        return std::none_of(
            table->foreign_keys.begin(), table->foreign_keys.end(), [&](const ForeignKey& key) {
              return key.target_oid != table->oid &&
                     std::any_of(open.begin(), open.end(),
                                 [&](const Table* other) { return other->oid == key.target_oid; });
            });
      };
      auto next = std::find_if(open.begin(), open.end(), is_free);
      if (next == open.end()) next = open.begin();
      order.push_back(*next);
      open.erase(next);
    }
    return order;
  }

  Multiplied multiply(const Table& table) {
    const std::int64_t wanted = request_.rows.at(table.name);
    Multiplied result{table.name, count(table)};
    if (result.rows >= wanted) return result;
    if (result.rows == 0) {
      result.reason = "it holds no row to be copied";
      return result;
    }
    drop_temporaries();
    const Originals originals = study(table);
    const std::vector<std::int64_t> targets = number_targets(table, wanted);
    std::int64_t at = originals.rows;
    std::string reason;
    std::optional<std::string> sql;
    for (const CopyPlan& plan : plans) {
      std::string own;
      sql = copies_sql(table, originals, targets, plan, own);
      const std::int64_t end = at + std::min(first_try, wanted - result.rows);
      const std::optional<std::int64_t> made = sql ? attempt(*sql, at, end, own) : std::nullopt;
      if (made && *made > 0) {
        result.rows += *made;
        at = end;
        break;
      }
      if (made) own = "its copies have keys that are there already";
      // The first way is the best one, and what is wrong with it tells most.
      if (reason.empty()) reason = own;
      sql.reset();
    }
    if (sql) reason = fill(table, *sql, at, wanted, result.rows);
    if (result.rows < wanted) result.reason = reason;
    drop_temporaries();
    return result;
  }

  /// Returns why it ended early.
  std::string fill(const Table& table, const std::string& sql, std::int64_t at, std::int64_t wanted,
                   std::int64_t& rows) {
    constexpr int most_fruitless = 3;
    int fruitless = 0;
    std::string reason;
    report(table, rows);
    while (rows < wanted && fruitless < most_fruitless) {
      const std::int64_t end = at + std::min(at_once, wanted - rows);
      const std::optional<std::int64_t> made = attempt(sql, at, end, reason);
      if (!made) return reason;
      fruitless = *made == 0 ? fruitless + 1 : 0;
      rows += *made;
      at = end;
      report(table, rows);
    }
    return "its copies have keys that are there already";
  }

  void report(const Table& table, std::int64_t rows) const {
    if (request_.progress) request_.progress(table.name, rows);
  }

  /// nullopt, and why: the server refuses it.
  std::optional<std::int64_t> attempt(const std::string& sql, std::int64_t from, std::int64_t end,
                                      std::string& reason) {
    try {
      return connection_.query(sql, {std::to_string(from), std::to_string(end - 1)}).affected();
    } catch (const pg::PgError& error) {
      // A full disk, a wish to stop or a lost connection is not the fault of these rows.
      const std::string kind = error.sqlstate().substr(0, 2);
      if (kind.empty() || kind == "08" || kind == "53" || kind == "57" || kind == "58" || kind == "XX") throw;
      reason = error.fields().message;
      return std::nullopt;
    }
  }

  std::int64_t count(const Table& table) {
    return connection_
        .exec("select count(*) from " + std::string(table.is_partitioned ? "" : "only ") + table.sql_name)
        .integer(0, 0);
  }

  Originals study(const Table& table) {
    Originals originals;
    for (const Column& column : table.columns)
      originals.variations.push_back(variation_of(column, schema_.types));
    connection_.exec(originals_sql(table, most_originals) + "; analyze dbtool_originals");
    const pg::Result found = connection_.exec(study_sql(table, originals.variations));
    originals.rows = found.integer(0, 0);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const int at = 1 + 3 * static_cast<int>(i);
      originals.distinct.push_back(found.integer(0, at));
      if (found.boolean(0, at + 1)) originals.variations[i] = Variation::hexadecimal;
      originals.next.emplace_back(found.text(0, at + 2));
    }
    originals.holders = holders(table, originals);
    return originals;
  }

  /// Where keys stand again in other columns of their rows.
  std::vector<std::set<std::size_t>> holders(const Table& table, const Originals& originals) {
    std::vector<std::set<std::size_t>> found(table.columns.size());
    std::vector<std::pair<std::size_t, std::size_t>> asked;
    std::string sql;
    std::set<std::size_t> keys;
    for (const std::vector<std::size_t>& key : table.unique_keys) keys.insert(key.begin(), key.end());
    for (const std::size_t key : keys) {
      const Variation variation = originals.variations[key];
      if (variation != Variation::text && variation != Variation::hexadecimal && variation != Variation::uuid)
        continue;
      for (std::size_t holder = 0; holder < table.columns.size(); ++holder) {
        const Column& column = table.columns[holder];
        if (holder == key || column.is_generated || column.from_sequence || !is_written_text(column))
          continue;
        // Short ones stand anywhere by chance.
        sql += fmt::format(
            "{}coalesce(bool_or(length(o.c{}::text) >= 6 and position(o.c{}::text in o.c{}::text) > 0), "
            "false)",
            sql.empty() ? "" : ", ", key, key, holder);
        asked.emplace_back(key, holder);
      }
    }
    if (asked.empty()) return found;
    const pg::Result answer =
        connection_.exec("select unnest(array[" + sql + "]) from " + originals_table + " o");
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (answer.boolean(static_cast<int>(i), 0)) found[asked[i].first].insert(asked[i].second);
    }
    return found;
  }

  bool is_written_text(const Column& column) const {
    const auto type = schema_.types.find(column.type);
    if (type == schema_.types.end()) return false;
    const Variation variation = variation_of(column, schema_.types);
    return variation == Variation::text || variation == Variation::uuid || type->second.name == "json" ||
           type->second.name == "jsonb";
  }

  /// Keys that there are to refer to, for each foreign key but those to the table itself.
  std::vector<std::int64_t> number_targets(const Table& table, std::int64_t most) {
    std::vector<std::int64_t> counts;
    for (std::size_t at = 0; at < table.foreign_keys.size(); ++at) {
      const ForeignKey& key = table.foreign_keys[at];
      counts.push_back(0);
      if (key.target_oid == table.oid) continue;
      std::string columns, present;
      for (std::size_t i = 0; i < key.target_columns.size(); ++i) {
        const std::string name = pg::quote_identifier(key.target_columns[i]);
        columns += fmt::format(", {} as k{}", name, i);
        present += (i == 0 ? "" : " and ") + name + " is not null";
      }
      connection_.exec(fmt::format(
          "create temporary table dbtool_targets_{0} as select row_number() over () - 1 as n{1} from {2}{3} "
          "where {4} limit {5}; "
          "alter table pg_temp.dbtool_targets_{0} add primary key (n); analyze pg_temp.dbtool_targets_{0}",
          at, columns, key.target_is_partitioned ? "" : "only ", key.target, present, most));
      counts.back() = connection_.exec("select count(*) from " + targets_table(at)).integer(0, 0);
    }
    return counts;
  }

  void drop_temporaries() { connection_.exec("discard temporary"); }

  pg::Connection& connection_;
  const MultiplyRequest& request_;
  Tables schema_;
  std::vector<Multiplied> found_;
};

}  // namespace

std::vector<Multiplied> multiply(pg::Connection& connection, const MultiplyRequest& request) {
  return Multiplier(connection, request).run();
}

}  // namespace dbtool::rows
