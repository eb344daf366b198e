#pragma once

#include <string>
#include <vector>

/// For how long services could not read or write. Pure; all times in seconds.
namespace dbtool::window {

/// A lock that kept services from a table.
struct Closure {
  std::string table;
  double began = 0;  ///< on any clock, the same for all
  double seconds = 0;
  bool reading = false;  ///< they could not read either; else not write
};

struct TableDowntime {
  std::string table;
  double not_readable = 0;
  double not_writable = 0;  ///< the time in which it could not be read counts here, too
};

/// For each table the time in which any of its locks was held; the longest first.
std::vector<TableDowntime> downtime_by_table(const std::vector<Closure>& closures);

/// The time in which any table at all could not be written.
double downtime(const std::vector<Closure>& closures);

}  // namespace dbtool::window
