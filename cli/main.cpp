#include "base/memory.h"
#include "cli/app.h"

int main(int argc, char** argv) {
  dbtool::use_huge_pages();
  return dbtool::cli::run(argc, argv);
}
