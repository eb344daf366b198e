#include "rows/copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "pg/quote.h"

namespace dbtool::rows {
namespace {

bool is_text_type(const std::string& name) {
  return name == "text" || name == "varchar" || name == "bpchar" || name == "citext";
}

std::string column_of(std::size_t place) {
  return fmt::format("o.c{}", place);
}

/// Small and capital letters and digits, each going round by so many places.
std::string rotated(int by) {
  std::string all = "abcdefghijklmnopqrstuvwxyz";
  std::rotate(all.begin(), all.begin() + by, all.end());
  std::string capitals;
  for (const char c : all) capitals += static_cast<char>(c - 'a' + 'A');
  std::string digits = "0123456789";
  std::rotate(digits.begin(), digits.begin() + by, digits.end());
  return all + capitals + digits;
}

/// The last letters and digits of a text go round by the digits of the copy's number, which are mixed so that
/// copies of one original do not stand beside each other. The very last character of longer texts stays: in
/// base64 not every one may stand there.
std::string varied_text(const std::string& value) {
  constexpr int places = 8;
  static const std::string alphabets = [] {
    std::string list;
    for (int by = 0; by < 10; ++by) list += (by == 0 ? "'" : ", '") + rotated(by) + "'";
    return "(array[" + list + "])";
  }();
  const std::string end = fmt::format("(case when length({0}) >= 12 then 1 else 0 end)", value);
  std::string text = fmt::format("left({0}, greatest(length({0}) - {1} - {2}, 0))", value, places, end);
  // 10^8 copies before the digits come again; the factor has no divisor in common with 10.
  std::int64_t unit = 1;
  std::vector<std::string> characters;
  for (int place = 0; place < places; ++place, unit *= 10) {
    characters.push_back(fmt::format(
        "translate(substr({0}, length({0}) - {1} - {2}, 1), '{3}', {4}[1 + (k.mixed / {5} % 10)])", value,
        place, end, rotated(0), alphabets, unit));
  }
  for (auto one = characters.rbegin(); one != characters.rend(); ++one) text += " || " + *one;
  return text + fmt::format(" || right({0}, {1})", value, end);
}

/// Joined, for each row: k.n counts on, k.copy is the number of the copy of this original.
std::string varied(Variation variation, const std::string& value, const std::string& next,
                   const std::string& count) {
  switch (variation) {
    case Variation::text:
      return varied_text(value);
    case Variation::hexadecimal:
      return fmt::format(
          "left(md5({0} || k.copy) || md5({0} || '+' || k.copy) || md5({0} || '-' || k.copy), length({0}))",
          value);
    case Variation::uuid:
      return fmt::format("md5({}::text || k.copy)::uuid", value);
    case Variation::number:
      return fmt::format("{} + {}", next, count);
    case Variation::moment:
      return fmt::format("{} + k.copy * interval '1 second'", value);
    case Variation::day:
      return fmt::format("{} + k.copy::integer", value);
    case Variation::bytes:
      return fmt::format("decode(md5(encode({}, 'hex') || k.copy), 'hex')", value);
    case Variation::none:
      break;
  }
  return value;
}

/// The insert of copies of one table, put together.
class Copies {
 public:
  Copies(const Table& table, const Originals& originals, const std::vector<std::int64_t>& targets,
         const CopyPlan& plan)
      : table_(table), originals_(originals), targets_(targets), plan_(plan), values_(table.columns.size()) {}

  std::optional<std::string> sql(std::string& reason) {
    if (plan_.spread) spread();
    for (const std::vector<std::size_t>& key : table_.unique_keys) {
      if (!vary(key, reason)) return std::nullopt;
    }
    if (plan_.carry) carry();
    return statement();
  }

 private:
  /// Foreign keys with most columns first: what they set may be a part of others.
  void spread() {
    std::vector<std::size_t> order(table_.foreign_keys.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return table_.foreign_keys[a].columns.size() > table_.foreign_keys[b].columns.size();
    });
    for (const std::size_t at : order) {
      const ForeignKey& key = table_.foreign_keys[at];
      const bool is_free = std::all_of(key.columns.begin(), key.columns.end(),
                                       [&](std::size_t column) { return values_[column].empty(); }) &&
                           !is_entangled(key);
      if (targets_[at] <= 0 || !is_free) continue;
      const std::string target = fmt::format("t{}", at);
      joins_ += fmt::format("\n  left join {} {} on {}.n = k.n % {}", targets_table(at), target, target,
                            targets_[at]);
      std::string is_null;
      for (const std::size_t column : key.columns)
        is_null += (is_null.empty() ? "" : " or ") + column_of(column) + " is null";
      for (std::size_t i = 0; i < key.columns.size(); ++i) {
        // Who refers to nothing is copied as such.
        values_[key.columns[i]] = fmt::format("case when {} then {} else {}.k{} end", is_null,
                                              column_of(key.columns[i]), target, i);
      }
      spread_.push_back(at);
    }
  }

  /// Whether another foreign key has some of the columns, and others beside, which would no longer fit them.
  bool is_entangled(const ForeignKey& key) const {
    const auto is_mine = [&](std::size_t column) {
      return std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
    };
    return std::any_of(table_.foreign_keys.begin(), table_.foreign_keys.end(), [&](const ForeignKey& other) {
      return std::any_of(other.columns.begin(), other.columns.end(), is_mine) &&
             !std::all_of(other.columns.begin(), other.columns.end(), is_mine);
    });
  }

  /// Sees to it that the copies' keys are new.
  bool vary(const std::vector<std::size_t>& key, std::string& reason) {
    const auto set_by = [&](std::size_t column) { return !values_[column].empty(); };
    std::int64_t targets = 0;  // rows of the target that a part of the key refers to
    std::vector<std::size_t> candidates;
    for (const std::size_t column : key) {
      if (varied_.contains(column) || table_.columns[column].from_sequence) return true;
      if (set_by(column)) {
        for (const std::size_t at : spread_) {
          const std::vector<std::size_t>& own = table_.foreign_keys[at].columns;
          if (std::find(own.begin(), own.end(), column) != own.end())
            targets = std::max(targets, targets_[at]);
        }
      } else if (originals_.variations[column] != Variation::none && !refers(column)) {
        candidates.push_back(column);
      }
    }
    // One row for each of the target's.
    if (candidates.empty() && targets > 0) return true;
    if (candidates.empty()) {
      reason = "no column of a unique key is of a type of which new values are known";
      return false;
    }
    std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
      return originals_.distinct[a] > originals_.distinct[b];
    });
    const std::size_t column = candidates[std::min(plan_.candidate, candidates.size() - 1)];
    const std::string count = targets > 0 ? fmt::format("k.n / {}", targets) : "k.n";
    values_[column] =
        varied(originals_.variations[column], column_of(column), originals_.next[column], count);
    varied_.insert(column);
    return true;
  }

  /// Part of a foreign key, whose value must be one of the target's.
  bool refers(std::size_t column) const {
    return std::any_of(table_.foreign_keys.begin(), table_.foreign_keys.end(), [&](const ForeignKey& key) {
      return std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
    });
  }

  void carry() {
    for (const std::size_t key : varied_) {
      for (const std::size_t holder : originals_.holders[key]) {
        if (varied_.contains(holder) || refers(holder)) continue;
        const std::string old = values_[holder].empty() ? column_of(holder) : values_[holder];
        values_[holder] = fmt::format("replace(({})::text, {}::text, v.v{}::text)::{}", old, column_of(key),
                                      key, table_.columns[holder].type_text);
      }
    }
  }

  std::string statement() const {
    std::string names, expressions, made;
    for (const std::size_t column : varied_)
      made += fmt::format("{}({})::{} as v{}", made.empty() ? "" : ", ", values_[column],
                          table_.columns[column].type_text, column);
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const Column& column = table_.columns[i];
      if (column.is_generated || (column.from_sequence && values_[i].empty())) continue;
      names += (names.empty() ? "" : ", ") + pg::quote_identifier(column.name);
      expressions += expressions.empty() ? "" : ", ";
      expressions += varied_.contains(i)  ? fmt::format("v.v{}", i)
                     : values_[i].empty() ? column_of(i)
                                          : values_[i];
    }
    return fmt::format(R"(insert into {} ({}) overriding system value
select {}
  from (select n, n / {} as copy, n / {} % 100000000 * 48271 % 100000000 as mixed from generate_series($1::bigint, $2::bigint) n) k
  join {} o on o.n = k.n % {}{}
  cross join lateral (select {}) v{})",
                       table_.sql_name, names, expressions, originals_.rows, originals_.rows, originals_table,
                       originals_.rows, joins_, made.empty() ? "1 as one" : made,
                       plan_.skip ? "\non conflict do nothing" : "");
  }

  const Table& table_;
  const Originals& originals_;
  const std::vector<std::int64_t>& targets_;
  const CopyPlan& plan_;
  std::vector<std::string> values_;  ///< what a column is set to; empty: as copied
  std::vector<std::size_t> spread_;  ///< foreign keys
  std::set<std::size_t> varied_;
  std::string joins_;
};

}  // namespace

std::string targets_table(std::size_t at) {
  return fmt::format("pg_temp.dbtool_targets_{}", at);
}

Variation variation_of(const Column& column, const std::map<unsigned, Type>& types) {
  unsigned oid = column.type;
  for (auto found = types.find(oid); found != types.end() && found->second.kind == 'd';
       found = types.find(oid))
    oid = found->second.base;
  const auto found = types.find(oid);
  if (found == types.end()) return Variation::none;
  const std::string& name = found->second.name;
  if (is_text_type(name)) return Variation::text;
  if (name == "uuid") return Variation::uuid;
  if (name == "int2" || name == "int4" || name == "int8" || name == "numeric" || name == "float4" ||
      name == "float8")
    return Variation::number;
  if (name == "timestamp" || name == "timestamptz") return Variation::moment;
  if (name == "date") return Variation::day;
  return name == "bytea" ? Variation::bytes : Variation::none;
}

std::string originals_sql(const Table& table, std::int64_t most) {
  std::string columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    columns += fmt::format(", {} as c{}", pg::quote_identifier(table.columns[i].name), i);
  return fmt::format(
      "create temporary table dbtool_originals as select row_number() over () - 1 as n{} from {}{} limit {}",
      columns, table.is_partitioned ? "" : "only ", table.sql_name, most);
}

std::string study_sql(const Table& table, const std::vector<Variation>& variations) {
  std::string columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool is_text = variations[i] == Variation::text;
    const bool is_number = variations[i] == Variation::number;
    columns += fmt::format(
        ", count(distinct o.c{}::text), {}, {}", i,
        is_text ? fmt::format("coalesce(bool_and(o.c{0} ~ '^[0-9a-f]{{6,96}}$'), false)", i) : "false",
        is_number ? fmt::format("coalesce(floor(max(o.c{}))::numeric + 1, 1)", i) : "0");
  }
  return fmt::format("select count(*){} from {} o", columns, originals_table);
}

std::optional<std::string> copies_sql(const Table& table, const Originals& originals,
                                      const std::vector<std::int64_t>& targets, const CopyPlan& plan,
                                      std::string& reason) {
  return Copies(table, originals, targets, plan).sql(reason);
}

}  // namespace dbtool::rows
