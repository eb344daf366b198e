#pragma once

#include <optional>
#include <string>

#include "base/event.h"
#include "base/interrupt.h"
#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::rehearse {

/// What the comment on a database begins with that is a copy and may be rehearsed on.
inline constexpr const char* copy_mark = "dbtool: copy";

/// Throws Error (failed) unless the database is marked as a copy (by its comment, or by one of the words
/// copy, clone and rehearsal in its name) and no service is connected to it.
void refuse_unless_copy(pg::Connection& connection, const Project& project);

/// A copy of a database on its own server, made of it as a template; dropped with this object. What a killed
/// rehearsal left behind is dropped when the next one begins.
class Clone {
 public:
  /// Throws Error (failed) when somebody is connected to `source`, or the right to make databases is not
  /// there. `force`: services that are connected are no reason not to try.
  Clone(const pg::Address& source, const Project& project, bool force, const Observer& observer,
        const InterruptCount& interrupts);
  Clone(const Clone&) = delete;
  Clone& operator=(const Clone&) = delete;
  ~Clone();

  pg::Address address() const;
  const std::string& name() const { return name_; }

 private:
  void make(pg::Connection& maintenance, const std::string& source);
  void drop() noexcept;

  pg::Address maintenance_;
  std::string name_;
  bool made_ = false;
  std::optional<pg::Connection> keeper_;  ///< while it is there, nobody takes the clone for left behind
};

}  // namespace dbtool::rehearse
