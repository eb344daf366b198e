// load_bench DIR [REPEATS]: loads a project directory and prints the milliseconds of each time, one a line.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "load/load.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: load_bench DIR [REPEATS]\n", stderr);
    return 2;
  }
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 1;
  try {
    for (int i = 0; i < repeats; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const auto project =
          dbtool::load::load_project(argv[1], [](const std::string&) { return std::string(); });
      const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
      std::printf("%.1f\n", time.count());
      if (i == 0) std::fprintf(stderr, "%d versions\n", project.newest());
    }
  } catch (const dbtool::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.exit_code());
  }
  return 0;
}
