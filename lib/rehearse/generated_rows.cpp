#include "rehearse/generated_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "base/process.h"
#include "base/size.h"
#include "base/text.h"
#include "catalog/table_rows.h"
#include "pg/quote.h"
#include "rows/fill.h"
#include "rows/multiply.h"
#include "run/plan.h"

namespace dbtool::rehearse {

namespace {

constexpr int rows_to_begin_with = 20;  ///< of every table, from which the many are made

void stop_if_wished(const InterruptCount& interrupts) {
  if (interrupts && interrupts() > 0)
    throw Error(ExitCode::stopped, "stopped; the private server is gone", "run it again");
}

void warn(const Observer& observer, const std::string& text) {
  if (observer) observer(Message{Message::Level::warning, text});
}

void note(const Observer& observer, const std::string& text) {
  if (observer) observer(Message{Message::Level::note, text});
}

bool names(const Version& version, const std::string& table) {
  const auto is_in = [&](const std::string& text) {
    return catalog::rows_named(text, {{table, 1}}).has_value();
  };
  for (const Direction direction : {Direction::upgrade, Direction::downgrade}) {
    const SqlText* script = run::script_of(version, direction);
    if (script != nullptr && is_in(script->text)) return true;
  }
  for (const auto* online : {&version.online_migration, &version.online_downgrade}) {
    if (*online && ((*online)->table == table || is_in((*online)->batch.text))) return true;
  }
  return std::any_of(version.methods.begin(), version.methods.end(),
                     [&](const Method& method) { return method.body && is_in(method.body->text); });
}

/// Pairs of tables of schema public of which one refers to the other, both ways round.
std::multimap<std::string, std::string> tied_tables(pg::Connection& connection) {
  const pg::Result rows = connection.exec(R"(
      select a.relname, b.relname
        from pg_constraint k join pg_class a on a.oid = k.conrelid join pg_class b on b.oid = k.confrelid
       where k.contype = 'f' and k.conrelid <> k.confrelid)");
  std::multimap<std::string, std::string> tied;
  for (int row = 0; row < rows.rows(); ++row) {
    tied.emplace(rows.text(row, 0), rows.text(row, 1));
    tied.emplace(rows.text(row, 1), rows.text(row, 0));
  }
  return tied;
}

std::set<std::string> touched(const Project& project, int from, int goal, const std::vector<TableSize>& sizes,
                              pg::Connection& connection) {
  std::set<std::string> found;
  std::vector<std::string> open;
  for (const TableSize& size : sizes) {
    for (int number = from + 1; number <= goal; ++number) {
      if (!names(project.version(number), size.table)) continue;
      if (found.insert(size.table).second) open.push_back(size.table);
      break;
    }
  }
  const auto tied = tied_tables(connection);
  while (!open.empty()) {
    const std::string table = std::move(open.back());
    open.pop_back();
    const auto [begin, end] = tied.equal_range(table);
    for (auto at = begin; at != end; ++at) {
      if (found.insert(at->second).second) open.push_back(at->second);
    }
  }
  return found;
}

class Generation {
 public:
  Generation(scratch::Host& host, scratch::Database& database, const Request& request,
             const GeneratedRequest& generated, double share, const Observer& observer,
             const InterruptCount& interrupts)
      : host_(host),
        database_(database),
        request_(request),
        generated_(generated),
        share_(share),
        observer_(observer),
        interrupts_(interrupts) {
    const auto [schema, table] = pg::split_qualified(host.project().settings.version_table);
    scope_.excluded_tables = {schema + "." + table};
  }

  void run() {
    // One statement may make a hundred thousand rows, or read all of them.
    database_.connection().on_wait([this] { stop_if_wished(interrupts_); });
    choose();
    refuse_small_disk();
    run_command();
    fill_some();
    fill_many();
    stop_if_wished(interrupts_);
    database_.connection().exec("vacuum (analyze)");
    // What the rows left to be written is no part of what the versions cost.
    database_.connection().exec("checkpoint");
    compare_widths();
    database_.connection().on_wait({});
  }

 private:
  void choose() {
    touched_ =
        touched(host_.project(), generated_.from, request_.goal, generated_.sizes, database_.connection());
    std::vector<std::string> left;
    for (const TableSize& size : generated_.sizes) {
      if (touched_.contains(size.table)) {
        wanted_[size.table] = std::llround(std::ceil(static_cast<double>(size.rows) * share_));
      } else {
        left.push_back(size.table);
      }
    }
    if (left.empty()) return;
    note(observer_, fmt::format("left nearly empty, since no rehearsed version names {}: {}",
                                left.size() == 1 ? "it" : "them", join(left, ", ")));
  }

  /// Rows are there once as they are and once more when a version copies or rewrites them, and in the log.
  void refuse_small_disk() {
    constexpr double times = 2.5;
    constexpr double bytes_of_row = 200;
    if (generated_.force) return;
    double needed = 0;
    for (const TableSize& size : generated_.sizes) {
      const auto wanted = wanted_.find(size.table);
      if (wanted == wanted_.end()) continue;
      const double row = size.bytes > 0 && size.rows > 0
                             ? static_cast<double>(size.bytes) / static_cast<double>(size.rows)
                             : bytes_of_row;
      needed += times * row * static_cast<double>(wanted->second);
    }
    const pg::Result where = database_.connection().exec("show data_directory");
    std::error_code error;
    const auto space = std::filesystem::space(std::string(where.text(0, 0)), error);
    if (error || needed <= static_cast<double>(space.available)) return;
    throw Error(ExitCode::failed,
                fmt::format("{} of the rows may need {} with what the versions write, and {} are free in {}",
                            share_text(share_), size_to_text(std::llround(needed)),
                            size_to_text(static_cast<std::int64_t>(space.available)), where.text(0, 0)),
                "take smaller --samples, put the server elsewhere with TMPDIR, or go on with --force");
  }

  void run_command() {
    if (generated_.command.empty()) return;
    const ProcessOutcome outcome =
        run_process({"sh", "-c", generated_.command},
                    {.environment = {{"DBTOOL_URL", host_.url(database_.name())},
                                     {"DBTOOL_VERSION", std::to_string(generated_.from)},
                                     {"DBTOOL_SHARE", fmt::format("{}", share_)}},
                     .is_to_end = [&] { return interrupts_ && interrupts_() > 0; }});
    stop_if_wished(interrupts_);
    if (!outcome.succeeded()) {
      throw Error(ExitCode::usage,
                  fmt::format("the command that puts rows in failed (exit {}): {}", outcome.exit_status,
                              trim(outcome.errors)),
                  "run it by hand with DBTOOL_URL, DBTOOL_VERSION and DBTOOL_SHARE set");
    }
  }

  void fill_some() {
    rows::FillRequest request;
    request.scope = scope_;
    // Who has rows of its own knows which tables are to be empty: others might be such as no version takes.
    if (!generated_.command.empty()) exclude_untouched(request.scope);
    request.rows = rows_to_begin_with;
    request.seed = generated_.seed;
    request.edge_values = false;
    request.leave_filled = true;
    request.fire_triggers = false;
    for (const rows::Filled& filled : rows::fill(database_.connection(), request)) {
      if (filled.rows == 0 && !filled.was_left && wanted_.contains(filled.table))
        warn(observer_, fmt::format("no row could be made for {}: {}", filled.table, filled.reason));
    }
  }

  void exclude_untouched(rows::Scope& scope) {
    const pg::Result tables = database_.connection().exec(R"(
        select n.nspname || '.' || c.relname, c.relname, n.nspname = 'public'
          from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p'))");
    for (int row = 0; row < tables.rows(); ++row) {
      if (tables.boolean(row, 2) && touched_.contains(std::string(tables.text(row, 1)))) continue;
      scope.excluded_tables.emplace_back(tables.text(row, 0));
    }
  }

  void fill_many() {
    rows::MultiplyRequest request;
    request.scope = scope_;
    for (const auto& [table, rows] : wanted_) request.rows[table] = rows;
    std::string last;
    request.progress = [&](const std::string& table, std::int64_t /*rows*/) {
      stop_if_wished(interrupts_);
      if (table == last) return;
      last = table;
      note(observer_, fmt::format("filling {}: {} rows", table, wanted_.at(table)));
    };
    for (const rows::Multiplied& made : rows::multiply(database_.connection(), request)) {
      if (!made.reason.empty())
        warn(observer_, fmt::format("{} has {} rows of {}: {}", made.table, made.rows, wanted_.at(made.table),
                                    made.reason));
    }
  }

  void compare_widths() {
    constexpr double much = 2;
    for (const TableSize& size : generated_.sizes) {
      if (size.bytes <= 0 || size.rows <= 0 || !wanted_.contains(size.table)) continue;
      const pg::Result found = database_.connection().query(
          "select pg_table_size(c.oid), c.reltuples::bigint from pg_class c where c.oid = to_regclass($1)",
          {pg::quote_identifier(size.table)});
      if (found.rows() == 0 || found.integer(0, 1) < 100) continue;
      const double here = static_cast<double>(found.integer(0, 0)) / static_cast<double>(found.integer(0, 1));
      const double there = static_cast<double>(size.bytes) / static_cast<double>(size.rows);
      if (here * much >= there && there * much >= here) continue;
      warn(
          observer_,
          fmt::format("a row of {} has {:.0f} bytes here, and {:.0f} by the sizes: what depends on the width "
                      "of rows is not rehearsed",
                      size.table, here, there));
    }
  }

  scratch::Host& host_;
  scratch::Database& database_;
  const Request& request_;
  const GeneratedRequest& generated_;
  double share_;
  const Observer& observer_;
  const InterruptCount& interrupts_;
  rows::Scope scope_;
  std::set<std::string> touched_;
  std::map<std::string, std::int64_t> wanted_;  ///< rows, by table
};

}  // namespace

std::string share_text(double share) {
  return fmt::format("{:.6g} %", 100 * share);
}

void generate_rows(scratch::Host& host, scratch::Database& database, const Request& request,
                   const GeneratedRequest& generated, double share, const Observer& observer,
                   const InterruptCount& interrupts) {
  Generation(host, database, request, generated, share, observer, interrupts).run();
}

}  // namespace dbtool::rehearse
