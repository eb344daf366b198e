#include "lint/rules/rules.h"

namespace dbtool::lint {

/// The server's planner is asked, see ../explain.h: nothing to check in the text alone.
Rule online_batch_scans_rule() {
  Rule rule;
  rule.name = "online-batch-scans";
  rule.severity = Severity::error;
  rule.reason =
      "A batch takes a range by the key's index; one whose plan scans the table costs as much as the whole, "
      "each time. "
      "Found with --scratch, or where a database is given (--url, --target, --local): it is asked for the "
      "plan, and executes "
      "nothing.";
  rule.bad = "batch: update tasks set owner = '' where $range$ or owner is null";
  rule.good = "batch: update tasks set owner = '' where $range$ and owner is null";
  return rule;
}

}  // namespace dbtool::lint
