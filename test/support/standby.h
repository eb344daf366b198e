#pragma once

#include <string>
#include <vector>

#include "test/support/server.h"

namespace dbtool::test {

/// A streaming replica of a server of the test's own, beside it on this machine. The primary is stopped while
/// its data is copied, so nobody may be connected to it then.
class Standby {
 public:
  /// `name`: its application_name; `slot`: a physical slot of the primary's that it uses, made here; none
  /// when empty. `settings` as in ServerOptions.
  Standby(OwnServer& primary, const std::string& name, const std::string& slot = {},
          std::vector<std::string> settings = {});

  pg::Server& operator*() { return *server_; }
  pg::Server* operator->() { return &*server_; }

 private:
  OwnServer server_;
};

}  // namespace dbtool::test
