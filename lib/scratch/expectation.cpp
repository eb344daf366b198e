#include "scratch/expectation.h"

#include "scratch/database.h"

namespace dbtool::scratch {

Catalog expected_catalog(Host& host, Clock& clock, int version, const InterruptCount& interrupts) {
  Database database(host, clock);
  if (version > 0) database.go(version, interrupts);
  return database.read();
}

}  // namespace dbtool::scratch
