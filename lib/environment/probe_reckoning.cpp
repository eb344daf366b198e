#include "environment/probe_reckoning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace dbtool::environment {

namespace {

/// What some hundred rows write stays in memory: the log, the pages, new tables and their indexes while they
/// are small. Of some millions it does not. How much dearer they are, no probe can tell; these are what was
/// seen.
struct Dearer {
  double least = 1, most = 1;
};
constexpr Dearer filling{1.15, 2.2};  // of tables that the script makes
constexpr Dearer changing{0.9, 1.5};  // of rows that are there, where first and later touches were told apart
constexpr Dearer in_batches{1.0, 1.3};  // each is as small as those of the probe

/// How many of the rows of a whole run cost as much as the first time, where pages were not counted: at
/// least.
constexpr double first_share_of_batches = 0.25;
constexpr double first_share_of_others = 0.1;

/// Not even a mean without any scatter is known better than that.
constexpr double least_doubt = 0.12;

}  // namespace

std::int64_t ProbedStatement::rows() const {
  std::int64_t all = 0;
  for (const Portion& portion : portions) all += portion.rows;
  return all;
}

double ProbedStatement::seconds() const {
  double all = 0;
  for (const Portion& portion : portions) all += portion.seconds;
  return all;
}

namespace {

/// Seconds a row over all portions, and twice the standard error of that mean.
struct Mean {
  double value = 0;
  double doubt = 0;
};

Mean mean_of(const std::vector<Portion>& portions, double (*seconds)(const Portion&)) {
  // The first one warms up what the server caches of the catalog.
  const std::size_t first = portions.size() > 3 ? 1 : 0;
  double all = 0;
  double rows = 0;
  std::vector<double> rates;
  for (std::size_t at = first; at < portions.size(); ++at) {
    if (portions[at].rows == 0) continue;
    all += seconds(portions[at]);
    rows += static_cast<double>(portions[at].rows);
    rates.push_back(seconds(portions[at]) / static_cast<double>(portions[at].rows));
  }
  if (rates.empty()) return {};
  Mean mean{all / rows, 0};
  double squares = 0;
  for (const double rate : rates) squares += (rate - mean.value) * (rate - mean.value);
  const auto count = static_cast<double>(rates.size());
  const double error = rates.size() > 1 ? std::sqrt(squares / (count - 1) / count) : mean.value / 2;
  mean.doubt = std::clamp(2 * error, least_doubt * mean.value, 0.6 * mean.value);
  return mean;
}

}  // namespace

void reckon_sampled(ProbedStatement& statement) {
  const Mean first = mean_of(statement.portions, [](const Portion& one) { return one.seconds; });
  const Mean again =
      mean_of(statement.portions, [](const Portion& one) { return one.again_seconds.value_or(one.seconds); });
  double full_pages = 0;
  for (const Portion& portion : statement.portions) full_pages += static_cast<double>(portion.full_pages);
  full_pages /= static_cast<double>(std::max<std::int64_t>(1, statement.rows()));
  // A row of the probe meets nearly all its pages first; of a whole run only so many do.
  const auto share = [&](double pages, double unknown) {
    return full_pages > 0 && pages > 0 ? std::min(1.0, pages / full_pages) : unknown;
  };
  const bool tried_again = std::any_of(statement.portions.begin(), statement.portions.end(),
                                       [](const Portion& one) { return one.again_seconds.has_value(); });
  const double more = std::max(0.0, first.value - again.value);
  const double fewest = share(statement.fewest_first_pages,
                              statement.of_batch ? first_share_of_batches : first_share_of_others);
  const double most = share(statement.most_first_pages, 1);
  const double low = again.value + more * fewest - again.doubt;
  const double high = again.value + more * most + again.doubt + (tried_again ? most * first.doubt : 0);
  const auto all = static_cast<double>(statement.table_rows);
  const Dearer dearer = statement.of_batch ? in_batches : tried_again ? changing : filling;
  statement.low = low * all * dearer.least;
  statement.high = high * all * dearer.most;
}

void reckon_whole(ProbedStatement& statement, std::optional<double> times, std::int64_t rows,
                  bool builds_index) {
  double seconds = statement.seconds();
  if (times) {
    seconds *= *times;
    const auto few = std::max(2.0, static_cast<double>(rows));
    if (builds_index) seconds *= std::log(few * std::max(1.0, *times)) / std::log(few);
  }
  // What was done once, on few rows, is known to a factor at best.
  statement.low = seconds / (times ? 2.0 : 1.5);
  statement.high = seconds * (times ? 2.0 : 1.5);
}

std::vector<ledger::ProbeRecord> records_of(const Probe& probe) {
  std::vector<ledger::ProbeRecord> records;
  for (const bool online : {false, true}) {
    ledger::ProbeRecord record;
    record.version = probe.version;
    record.online = online;
    record.checksum = probe.checksum;
    std::vector<std::string> missing;
    bool measured = false;
    for (const ProbedStatement& statement : probe.statements) {
      if (statement.of_batch != online) continue;
      measured = measured || !statement.portions.empty();
      if (!statement.not_probed.empty() && statement.takes_time) {
        missing.push_back(excerpt(statement.text, 40));
        const ledger::ProbeLacks lacks =
            statement.builds_index ? ledger::ProbeLacks::builds : ledger::ProbeLacks::work;
        record.lacks = std::max(record.lacks, lacks);
      }
      record.low += statement.low;
      record.high += statement.high;
      if (statement.table.empty() || statement.portions.empty()) continue;
      if (statement.table_rows > record.table_rows) {
        record.table = statement.table;
        record.table_rows = statement.table_rows;
        record.rows = statement.rows();
      } else if (statement.table == record.table) {
        record.rows = std::max(record.rows, statement.rows());
      }
    }
    record.missing = join(missing, "; ");
    if (measured) records.push_back(std::move(record));
  }
  return records;
}

}  // namespace dbtool::environment
