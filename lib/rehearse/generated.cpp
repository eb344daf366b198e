#include "rehearse/generated.h"

#include <fmt/format.h>

#include <utility>

#include "rehearse/generated_rows.h"
#include "scratch/database.h"
#include "scratch/host.h"
#include "window/growth.h"

namespace dbtool::rehearse {

Outcome rehearse_generated(const Project& project, const Request& request, const GeneratedRequest& generated,
                           Clock& clock, const Observer& observer, const InterruptCount& interrupts,
                           const AtTheEnd& at_the_end) {
  scratch::HostOptions options;
  options.durable = true;
  options.settings = generated.settings;
  options.major = generated.major;
  options.interrupts = interrupts;
  scratch::Host host(project, options);
  std::vector<Rehearsal> sizes;
  Outcome outcome;
  for (std::size_t at = 0; at < generated.samples.size(); ++at) {
    const double share = generated.samples[at];
    const bool is_last = at + 1 == generated.samples.size();
    scratch::Database database(host, clock);
    database.go(generated.from, interrupts);
    generate_rows(host, database, request, generated, share, observer, interrupts);
    const pg::Address address = host.address(database.name());
    database.close();
    if (observer && generated.samples.size() > 1)
      observer(Message{Message::Level::note, fmt::format("rehearsing on {} of the rows", share_text(share))});
    Request own = request;
    // Smaller ones are there for how costs grow alone.
    if (!is_last) own.again = own.rollback = false;
    outcome = rehearse(address, host.project(), own, clock, observer, interrupts);
    // It would not be another at a larger size.
    if (outcome.failure) return outcome;
    sizes.push_back(outcome.rehearsal);
    if (is_last && at_the_end) at_the_end(address, outcome);
  }
  outcome.rehearsal.growth = window::growth_of(sizes);
  return outcome;
}

}  // namespace dbtool::rehearse
