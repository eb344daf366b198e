#include "cli/newest_ledger.h"

#include <fmt/format.h>

#include "ledger/session.h"
#include "ledger/write.h"
#include "pg/error.h"

namespace dbtool::cli {

void make_newest_ledger(Context& context, pg::Connection& connection, const ledger::State& state,
                        const std::string& refusal, const std::string& advice) {
  try {
    ledger::create(connection, ledger::Session::from(context.settings()));
  } catch (const pg::PgError& error) {
    if (!error.is_permission_denied()) throw;
    throw Error(ExitCode::failed,
                fmt::format("{} in the schema dbtool of the database, and {} may not make or change it: {}",
                            refusal, connection.user(), error.fields().message),
                advice);
  }
  context.note(state.ledger ? "the ledger of the database was brought up to date"
                            : "the database had no ledger yet: it was made (schema dbtool)");
}

}  // namespace dbtool::cli
