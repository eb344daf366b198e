#include "cli/wait_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>

#include "cli/forecast_text.h"
#include "ledger/measures.h"

namespace dbtool::cli {

namespace {

constexpr std::size_t most_waits_told = 5;

struct TableWait {
  std::string table;
  bool reads = false;  ///< whether readers wait, too
  double seconds = 0;
};

/// The longest first; of equal ones those that keep from reading, then by name.
std::vector<TableWait> table_waits(const StepCost& cost) {
  std::map<std::string, TableWait> by_table;
  for (const LockCost& lock : cost.locks) {
    if (!ledger::keeps_from_writing(lock.mode)) continue;
    TableWait& wait = by_table[lock.table];
    wait.table = lock.table;
    wait.reads = wait.reads || ledger::keeps_from_reading(lock.mode);
    wait.seconds = std::max(wait.seconds, lock.seconds);
  }
  std::vector<TableWait> waits;
  for (auto& [table, wait] : by_table) waits.push_back(std::move(wait));
  std::stable_sort(waits.begin(), waits.end(), [](const TableWait& a, const TableWait& b) {
    return a.seconds != b.seconds ? a.seconds > b.seconds : a.reads && !b.reads;
  });
  return waits;
}

std::string wait_text(const TableWait& wait) {
  return fmt::format("{} of {} wait {} (as rehearsed)", wait.reads ? "readers and writers" : "writers",
                     wait.table, seconds_text(wait.seconds));
}

}  // namespace

std::vector<std::string> wait_texts(const StepCost& cost) {
  std::vector<std::string> texts;
  for (const TableWait& wait : table_waits(cost)) texts.push_back(wait_text(wait));
  return texts;
}

std::vector<std::string> foremost_wait_texts(const StepCost& cost) {
  const std::vector<TableWait> waits = table_waits(cost);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < std::min(waits.size(), most_waits_told); ++at)
    texts.push_back(wait_text(waits[at]));
  if (waits.size() > most_waits_told) {
    const std::size_t more = waits.size() - most_waits_told;
    texts.push_back(
        more == 1 ? fmt::format("and those of 1 more table, {}", seconds_text(waits[most_waits_told].seconds))
                  : fmt::format("and those of {} more tables, at most {}", more,
                                seconds_text(waits[most_waits_told].seconds)));
  }
  return texts;
}

}  // namespace dbtool::cli
