#pragma once

#include <string>
#include <vector>

#include "scratch/data_trip.h"
#include "scratch/round_trip.h"
#include "test/database/run/run_fixture.h"
#include "test/support/server.h"

namespace dbtool::test {

/// A project whose versions are tried in throwaway databases on the tests' own server.
class ScratchFixture : public RunFixture {
 public:
  ScratchFixture() { settings.user_prefix = "scratch"; }

  /// Findings of all round trips, each as "VERSION RULE OBJECT", notes in parentheses.
  std::vector<std::string> round_trips(const std::string& url = shared_server_url()) {
    scratch::Host host(load(), {url, 0});
    trips = scratch::round_trips(
        host, clock, [this] { return interrupts.load(); },
        [this](const Event& event) { events.push_back(event); });
    std::vector<std::string> texts;
    for (const Finding& finding : trips.findings) {
      const std::string text = std::to_string(finding.version) + " " + finding.rule + " " + finding.object;
      texts.push_back(finding.severity == Severity::note ? "(" + text + ")" : text);
    }
    return texts;
  }

  /// The same of the trips with rows that follow them.
  std::vector<std::string> data_trips(const std::string& url = shared_server_url()) {
    scratch::Host host(load(), {url, 0});
    const scratch::DataTrips data = scratch::data_trips(
        host, clock, [this] { return interrupts.load(); }, {}, trips.reached,
        scratch::known_faults(trips.findings));
    std::vector<std::string> texts;
    for (const Finding& finding : data.findings)
      texts.push_back(std::to_string(finding.version) + " " + finding.rule + " " + finding.object);
    return texts;
  }

  scratch::RoundTrips trips;
};

}  // namespace dbtool::test
