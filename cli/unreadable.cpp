#include "cli/unreadable.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ledger/readable.h"

namespace dbtool::cli {

void warn_of_unreadable(const Context& context, pg::Connection& connection) {
  const std::vector<std::string> tables = ledger::unreadable_tables(connection);
  if (tables.empty()) return;
  const std::string user(connection.query("select quote_ident(current_user)").text(0, 0));
  context.observer()(Message{
      Message::Level::warning,
      fmt::format("not shown is what stands in {0}, which this user may not read: grant select on {0} to {1}",
                  join(tables, ", "), user)});
}

}  // namespace dbtool::cli
