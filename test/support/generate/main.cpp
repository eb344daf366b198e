#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "test/support/generate/generate.h"

namespace {

using dbtool::generate::Options;

struct Arguments {
  std::string url;
  std::uint64_t seed = 1;
  std::int64_t tasks = 0, artifacts = 0, task_set = 0, all_kinds = 0;
  std::vector<std::string> rows;  ///< table=number
};

void add_rows(Options& options, const std::vector<std::string>& rows) {
  for (const std::string& text : rows) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      throw dbtool::Error(dbtool::ExitCode::usage, "--rows wants TABLE=NUMBER, not " + text);
    }
    options.rows[text.substr(0, equals)] = std::stoll(text.substr(equals + 1));
  }
}

Options options_of(const Arguments& arguments) {
  Options options{arguments.seed, {}};
  if (arguments.all_kinds > 0) options = dbtool::generate::all_kinds(arguments.all_kinds, arguments.seed);
  if (arguments.task_set > 0) {
    for (const auto& [table, rows] : dbtool::generate::task_set(arguments.task_set, arguments.seed).rows) {
      options.rows[table] = rows;
    }
  }
  if (arguments.tasks > 0) options.rows["queue_tasks_entities"] = arguments.tasks;
  if (arguments.artifacts > 0) options.rows["queue_artifacts_entities"] = arguments.artifacts;
  add_rows(options, arguments.rows);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Fills the entities tables of the shipped database with realistic rows."};
  Arguments arguments;
  app.add_option("--url", arguments.url, "database")->required();
  app.add_option("--seed", arguments.seed, "the same seed makes the same rows");
  app.add_option("--tasks", arguments.tasks, "tasks alone");
  app.add_option("--task-set", arguments.task_set,
                 "tasks with their groups, members, active sets, dependencies");
  app.add_option("--artifacts", arguments.artifacts, "artifacts, five a task");
  app.add_option("--all-kinds", arguments.all_kinds, "every kind, in proportion to this number of tasks");
  app.add_option("--rows", arguments.rows, "TABLE=NUMBER, for any kind");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& table : dbtool::generate::fill(arguments.url, options_of(arguments))) {
      if (table.skipped) {
        fmt::print("{}: not an entities table here, skipped\n", table.table);
      } else {
        fmt::print("{}: {} rows\n", table.table, table.rows);
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fmt::print("{:.1f} s\n", took.count());
  } catch (const std::exception& error) {
    fmt::print(stderr, "dbtool_generate: {}\n", error.what());
    return 1;
  }
  return 0;
}
