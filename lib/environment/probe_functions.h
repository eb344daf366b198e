#pragma once

#include <map>
#include <set>
#include <string>

namespace dbtool::environment {

/// Looks into the functions of a database for what a rollback does not take back, or what others feel.
class FunctionFaults {
 public:
  struct Function {
    std::string language;
    bool trusted = true;  ///< the language cannot reach outside of the database
    std::string body;
  };

  void add(const std::string& name, Function function) { functions_.emplace(name, std::move(function)); }
  /// Why a call of that function cannot be tried; empty: nothing speaks against it. Functions that it calls,
  /// and text that it executes, are looked into, too.
  std::string fault_of(const std::string& name) const;

 private:
  std::string of_function(const std::string& name, std::set<std::string>& seen) const;
  std::string of_body(const std::string& name, const std::string& body, std::set<std::string>& seen) const;

  std::multimap<std::string, Function> functions_;
};

}  // namespace dbtool::environment
