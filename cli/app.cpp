#include "cli/app.h"

#include <cstdio>

namespace dbtool::cli {

int run(int /*argc*/, char** argv) {
  std::fprintf(stderr, "usage: %s COMMAND\n", argv[0]);
  return 2;
}

}  // namespace dbtool::cli
