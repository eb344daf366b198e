#include <fcntl.h>

#include <cstdlib>

#include "base/memory.h"
#include "cli/app.h"

namespace {

/// A standard stream that was closed (`2>&-`) is to stay without use: the next descriptor would take its
/// number, and what is said would be written into the connection to the server.
void occupy_closed_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (fcntl(stream, F_GETFD) == -1) open("/dev/null", O_RDONLY);  // the lowest number that is free
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  dbtool::use_huge_pages();
  // libpq asks for it when it connects, so that no role or database has times written in an order of its own:
  // 01/12/2026 is not the same day everywhere.
  setenv("PGDATESTYLE", "ISO, MDY", 1);
  return dbtool::cli::run(argc, argv);
}
