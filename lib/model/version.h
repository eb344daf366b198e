#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/direction.h"
#include "model/place.h"

namespace dbtool {

enum class MethodMode { read, write };

/// A stored function as one version file declares it.
struct Method {
  std::string name;
  Place place;
  std::string description;
  std::optional<MethodMode> mode;
  std::string service_name;
  std::optional<SqlText> args;     ///< what stands between the parentheses of create function
  std::optional<SqlText> returns;  ///< what follows `returns`
  std::optional<SqlText> body;
  bool deprecated = false;  ///< without a body: the function is left as it stands
};

/// One direction of a declared online migration.
struct OnlineDeclaration {
  Place place;
  std::string table;
  std::vector<std::string> key;
  SqlText batch;
  SqlText complete;
  std::optional<SqlText> verify_source;
  std::optional<SqlText> verify_copy;
};

/// One version file, resolved: side files are inlined, `$db_user_prefix$` is not yet replaced.
struct Version {
  int number = 0;
  Place place;
  std::string description;
  std::optional<SqlText> migration_script;
  std::optional<SqlText> downgrade_script;
  std::vector<Method> methods;  ///< in the file's order
  std::optional<OnlineDeclaration> online_migration;
  std::optional<OnlineDeclaration> online_downgrade;
  bool transactional = true;
  std::vector<SqlText> verify_upgrade;
  std::vector<SqlText> verify_downgrade;
  std::string loses;     ///< what a downgrade cannot bring back; empty: nothing declared
  std::string checksum;  ///< SHA-256, 64 hex digits

  const std::optional<OnlineDeclaration>& online(Direction direction) const {
    return direction == Direction::upgrade ? online_migration : online_downgrade;
  }
};

}  // namespace dbtool
