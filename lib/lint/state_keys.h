#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace dbtool::lint {

/// What a batch function does with its state, as far as its text tells.
struct StateKeys {
  std::map<std::string, std::size_t> read{};  ///< key → where in the body it is read first
  std::set<std::string> set{};                ///< keys of every JSON object that the body builds
  bool read_whole = false;                    ///< the state is used otherwise than by a key
  bool unknown = false;                       ///< an object is built in a way that does not tell its keys
  bool state_assigned = false;                ///< `state := …`, or `into state`
  bool returns_next = false;                  ///< `return next`
};

/// `argument` is the name of the state's argument, lower case.
StateKeys read_state_keys(std::string_view body, const std::string& argument);

}  // namespace dbtool::lint
