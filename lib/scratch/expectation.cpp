#include "scratch/expectation.h"

#include <fmt/format.h>

#include "base/error.h"
#include "catalog/snapshot.h"
#include "pg/server.h"
#include "scratch/database.h"

namespace dbtool::scratch {

namespace {

Expectation from_snapshot(const Project& project, const ExpectationRequest& request) {
  if (request.version == 0)
    throw Error(ExitCode::usage, "the database is at 0, for which nothing is saved", "upgrade it first");
  catalog::Snapshot snapshot = catalog::read_snapshot(project, request.version);
  Expectation expectation{std::move(snapshot.objects)};
  if (snapshot.server_major != request.live_major)
    expectation.note = fmt::format(
        "schema/catalog/ was saved with PostgreSQL {}, the database's is {}: some definitions may be printed "
        "differently",
        snapshot.server_major, request.live_major);
  return expectation;
}

}  // namespace

Catalog expected_catalog(Host& host, Clock& clock, int version, const InterruptCount& interrupts) {
  Database database(host, clock);
  if (version > 0) database.go(version, interrupts);
  return database.read();
}

Expectation expectation(const Project& project, const ExpectationRequest& request, Clock& clock,
                        const InterruptCount& interrupts) {
  const auto from_scratch = [&](const HostOptions& options) {
    Host host(project, options);
    return Expectation{expected_catalog(host, clock, request.version, interrupts)};
  };
  if (request.saved) return from_snapshot(project, request);
  if (!request.scratch_url.empty()) return from_scratch({request.scratch_url, 0});
  if (pg::has_server_binaries(request.live_major)) return from_scratch({"", request.live_major});
  if (catalog::has_snapshot(project)) return from_snapshot(project, request);
  if (!pg::has_server_binaries())
    throw Error(ExitCode::unreachable,
                "what should be there cannot be known: there are no PostgreSQL server programs on this "
                "machine, and schema/catalog/ holds no saved catalog",
                "install the package postgresql, name a server with --scratch-url, or let CI keep "
                "schema/catalog/ with dbtool check --save");
  Expectation expectation = from_scratch({});
  expectation.note = fmt::format(
      "the expectation is built by another major version of PostgreSQL than the database's ({}), which may "
      "print "
      "some definitions differently",
      request.live_major);
  return expectation;
}

}  // namespace dbtool::scratch
