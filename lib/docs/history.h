#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "docs/reference.h"
#include "lint/schema.h"
#include "model/project.h"

namespace dbtool::docs {

struct ColumnHistory {
  int since = 0;
  std::string value;  ///< what the column gets by itself, see ColumnEntry::value
};

struct TableHistory {
  int made_in = 0;
  int changed_in = 0;  ///< version that changed its definition last, after the one that made it; 0: none
  std::map<std::string, ColumnHistory, std::less<>> columns;
};

/// What the newest definition of a method names in its statements.
struct MethodTables {
  std::set<std::string> reads;
  std::set<std::string> writes;
};

struct VersionHistory {
  std::vector<Change> changes;  ///< in the order of the script, each once
  int not_parsed = 0;
  bool works_on_old = false;  ///< alters a table, or writes rows of one, that an earlier version made
};

/// What the version files have done, one after the other, as far as their parse trees tell.
struct History {
  lint::Schema schema;  ///< after the newest version
  std::map<std::string, TableHistory>
      tables;  ///< that are there after the newest version, by sql::ObjectName::key
  std::map<std::string, std::string> definitions;  ///< of indexes, by key: the statement that made each
  std::map<std::string, MethodTables> methods;
  std::vector<VersionHistory> versions;  ///< [i] is version i + 1
};

History read_history(const Project& project);

}  // namespace dbtool::docs
