#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "environment/probe_functions.h"
#include "pg/connection.h"

namespace dbtool::environment {

/// What decides in a database whether a statement can be tried there and taken back. Relations go by
/// sql::ObjectName::key.
struct ProbeCatalog {
  std::set<std::string> existing{};     ///< relations
  std::set<std::string> ordinary{};     ///< tables of schema public with rows of their own
  std::set<std::string> cascading{};    ///< tables whose deleted rows change other tables
  std::set<std::string> partitioned{};  ///< tables
  std::set<std::string> foreign{};      ///< tables
  FunctionFaults functions{};
  std::map<std::string, std::vector<std::string>> triggers{};   ///< table → functions
  std::map<std::string, std::vector<std::string>> sequences{};  ///< table → sequences of its defaults
  std::string event_trigger_fault{};  ///< of one that is enabled; empty: none has one
};

/// In one round trip. Throws pg::PgError.
ProbeCatalog read_probe_catalog(pg::Connection& connection);

}  // namespace dbtool::environment
