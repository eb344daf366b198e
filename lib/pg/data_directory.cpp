#include "pg/data_directory.h"

#include "base/error.h"
#include "base/process.h"
#include "pg/server_user.h"
#include "pg/template_cache.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;

void check_ended(const ProcessOutcome& outcome, const std::string& what) {
  if (outcome.succeeded()) return;
  throw Error(ExitCode::unreachable, what + " failed:\n" + outcome.output + outcome.errors);
}

}  // namespace

void stop_if_to_end(const ServerOptions& options) {
  if (options.is_to_end && options.is_to_end())
    throw Error(ExitCode::stopped, "as asked; the private server was not started");
}

std::vector<std::pair<std::string, std::optional<std::string>>> clean_environment() {
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;
  for (const char* name : {"PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGOPTIONS", "LANG", "LANGUAGE",
                           "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "PG_COLOR"}) {
    environment.emplace_back(name, std::nullopt);
  }
  environment.emplace_back("LC_ALL", "C.UTF-8");
  return environment;
}

void copy_data(const fs::path& data, const fs::path& copy) {
  check_ended(run_process({"cp", "-a", "--reflink=auto", data.string(), copy.string()}),
              "copying the data directory");
  for (const char* left : {"postmaster.pid", "postmaster.opts"}) fs::remove(copy / left);
}

namespace {

void run_initdb(const ServerOptions& options, const fs::path& data) {
  const ProcessOptions process{.directory = options.directory,
                               .environment = clean_environment(),
                               .user = server_user(),
                               .is_to_end = options.is_to_end};
  // Not synced, which takes seconds on a busy disk: nothing is in it yet that could be lost.
  std::vector<std::string> command{(options.binaries.directory / "initdb").string(),
                                   "--pgdata=" + data.string(),
                                   "--username=postgres",
                                   "--auth=trust",
                                   "--encoding=UTF8",
                                   "--no-instructions",
                                   "--no-sync"};
  if (options.locale_provider == "icu" && options.binaries.major < 15) {
    throw Error(
        ExitCode::unreachable,
        "PostgreSQL " + std::to_string(options.binaries.major) + " cannot sort a whole database by ICU rules",
        "install a PostgreSQL server of version 15 or newer");
  }
  if (options.locale_provider == "icu") {
    command.insert(command.end(),
                   {"--locale-provider=icu", "--icu-locale=" + options.locale, "--locale=C.UTF-8"});
  } else {
    command.push_back("--locale=" + (options.locale.empty() ? "C.UTF-8" : options.locale));
  }
  const ProcessOutcome outcome = run_process(command, process);
  stop_if_to_end(options);
  check_ended(outcome, "making a PostgreSQL data directory (initdb)");
}

}  // namespace

void initialise(const ServerOptions& options, const fs::path& data) {
  // Initialised beside and renamed, so that a killed initdb leaves nothing that looks complete.
  const fs::path half = options.directory / "data.new";
  fs::remove_all(half);
  if (!options.template_data.empty()) {
    copy_data(options.template_data, half);
  } else if (options.template_cache.empty()) {
    run_initdb(options, half);
  } else if (const TemplateCache cache(options); !cache.copy_to(half)) {
    run_initdb(options, half);
    cache.keep(half);
  }
  fs::rename(half, data);
}

}  // namespace dbtool::pg
