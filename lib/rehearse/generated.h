#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/project.h"
#include "rehearse/rehearse.h"

namespace dbtool::rehearse {

/// A database of generated rows to rehearse on.
struct GeneratedRequest {
  std::vector<TableSize> sizes{};  ///< rows of the tables at full size
  std::vector<double> samples{1};  ///< shares of those rows, ascending
  int from = 0;                    ///< version at which the rows are put in
  /// A shell command that puts rows of the project's own in; it gets the database in DBTOOL_URL, the version
  /// in DBTOOL_VERSION and the share in DBTOOL_SHARE. Rows that it leaves out are made of those that it put
  /// in. Empty: none.
  std::string command{};
  std::uint64_t seed = 1;
  std::vector<std::string> settings{};  ///< of the server, "name=value"
  int major = 0;                        ///< of the server, where there is a choice; 0: any
  bool force = false;                   ///< although the disk seems to be too small
};

/// What is to be done on the largest database when it was rehearsed on, before it is gone.
using AtTheEnd = std::function<void(const pg::Address&, Outcome&)>;

/// Rehearses on a private server that is as durable as a real one, once for each sample on a database of its
/// own: the versions up to `from`, generated rows (vacuumed and analyzed), then as rehearse(). All is gone at
/// the end. The outcome is that of the largest sample, with how costs grow where there are several; of the
/// first one whose way back fails. Throws Error as rehearse(), when the disk is too small for the rows, and
/// when the command fails.
Outcome rehearse_generated(const Project& project, const Request& request, const GeneratedRequest& generated,
                           Clock& clock, const Observer& observer, const InterruptCount& interrupts,
                           const AtTheEnd& at_the_end);

}  // namespace dbtool::rehearse
