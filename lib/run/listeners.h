#pragma once

#include <string>
#include <vector>

#include "model/settings.h"
#include "pg/connection.h"
#include "run/plan.h"

namespace dbtool::run {

/// Somebody beside the services who is told of what a step does.
struct Listener {
  enum class Kind { publication, slot, event_trigger };
  Kind kind{};
  std::size_t step = 0;              ///< which step of the plan: an index
  std::string name{};                ///< as SQL takes it
  std::vector<std::string> hears{};  ///< tables of a publication, as SQL takes them; commands of a trigger
  std::string state{};    ///< of a slot: "active, 12 MB behind"; of a trigger: its event and function
  std::string message{};  ///< what that means, and what to do
};

/// "publication", "replication slot", "event trigger".
std::string to_text(Listener::Kind kind);

/// "publication p: one, two" and the like, without the message.
std::string to_text(const Listener& listener);

/// Publications with tables that the plan's scripts alter, drop, truncate or create, logical replication
/// slots that must read what the steps write, and enabled event triggers that will fire: as the database is
/// now, by step. A table that an earlier step of the plan makes is not yet in a publication that names its
/// tables. Reads only, in two round trips; none where the steps do nothing that others hear of.
std::vector<Listener> listeners_of(pg::Connection& connection, const Plan& plan, const Settings& settings);

/// What of that a person must know before a run begins, once each: publications, and slots that nobody reads.
std::vector<std::string> warnings_of(const std::vector<Listener>& listeners, const Plan& plan);

}  // namespace dbtool::run
