#include <cstdlib>

#include "base/memory.h"
#include "cli/app.h"

int main(int argc, char** argv) {
  dbtool::use_huge_pages();
  // libpq asks for it when it connects, so that no role or database has times written in an order of its own:
  // 01/12/2026 is not the same day everywhere.
  setenv("PGDATESTYLE", "ISO, MDY", 1);
  return dbtool::cli::run(argc, argv);
}
