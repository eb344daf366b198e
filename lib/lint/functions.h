#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lint/script.h"
#include "lint/uses.h"
#include "model/project.h"

namespace dbtool::lint {

/// A stored function as it stands after a version: a method, or one that a script made.
struct FunctionState {
  std::string name{};
  bool is_method = false;
  int defined_in = 0;                                  ///< version of the body
  Uses uses{};                                         ///< of all overloads together
  std::vector<std::pair<Overload, Uses>> overloads{};  ///< functions of this name, by their arguments
};

/// All stored functions after the versions read so far, and what they use: who would miss an object.
class Functions {
 public:
  /// Takes in the upgrade of the next version: what its script makes and drops, then its methods.
  void apply(const Script& script);

  /// nullptr: not known.
  const FunctionState* find(const std::string& name) const;

  using Predicate = std::function<bool(const Uses&)>;
  /// Methods for which `needs` holds, or for which it holds through functions that they call. Sorted.
  std::vector<std::string> methods_that(const Predicate& needs) const;
  /// Methods that use a table (by its key) and fulfil `needs`.
  std::vector<std::string> methods_on(const std::string& table, const Predicate& needs) const;
  std::vector<std::string> methods_calling(const std::string& function) const;
  /// The same of one function among several of the name: calls that may mean it, and none that is still
  /// there.
  std::vector<std::string> methods_calling(const std::string& function, const Overload& gone) const;
  /// Whether `holds` is true for a function or for one that it calls.
  bool reaches(const std::string& function, const Predicate& holds) const;

  /// Whether a method of any version so far has used the table, itself or through a function.
  bool was_ever_used(const std::string& table) const { return ever_used_.contains(table); }

 private:
  void define(FunctionState state);
  void put(FunctionState state);
  void drop(const std::string& name);
  void drop(const std::string& name, const Overload& overload);
  std::vector<std::string> methods_above(std::set<std::string> functions) const;

  std::map<std::string, FunctionState> functions_;
  std::map<std::string, std::set<std::string>> users_;    ///< table → functions
  std::map<std::string, std::set<std::string>> callers_;  ///< function → functions
  std::set<std::string> ever_used_;
};

}  // namespace dbtool::lint
