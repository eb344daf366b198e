#include "cli/status_text.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::cli;

TEST_CASE("What status says to do next fits an online migration that is paused, or at work", "[cli]") {
  status::Status status;
  status.version = status.newest = 3;
  status.online.emplace();
  status.online->state.version = 3;
  const auto text = [&] { return to_text(status, Style(false)); };
  CHECK_THAT(text(), Catch::Contains("UNFINISHED, nobody is at work") &&
                         Catch::Contains("next: dbtool online run goes on; back: dbtool downgrade 2\n"));
  status.running.emplace();
  CHECK_THAT(text(), Catch::Contains("RUNNING, unfinished") &&
                         Catch::Contains("or dbtool online pause; back: end it (Ctrl-C, or kill its pid), "
                                         "then dbtool downgrade 2\n"));
  status.online->control.paused = true;
  CHECK_THAT(text(),
             Catch::Contains("PAUSED, unfinished") && Catch::Contains("next: dbtool online resume; back: "));
  status.running.reset();
  CHECK_THAT(text(), Catch::Contains("PAUSED, nobody is at work"));
}

TEST_CASE("All files that changed are named in what to do next", "[cli]") {
  status::Status status;
  status.changed = {2, 5};
  CHECK_THAT(to_text(status, Style(false)),
             Catch::Contains("dbtool upgrade --accept-changed 2 --accept-changed 5\n"));
}
