#pragma once

#include <string>
#include <vector>

#include "model/environment.h"
#include "window/forecast.h"

namespace dbtool::window {

/// How much slower each kind of work is in `here` than in `there`, with its spread, or why that cannot be
/// said. A kind for every Work.
std::vector<Conversion> conversions(const Environment& there, const Environment& here);

/// The same where one server is both.
std::vector<Conversion> conversions_on_same_server();

/// What two environments differ in, as far as it matters to the time that a migration takes; what matters
/// most first.
struct Difference {
  std::string what;         ///< "shared_buffers"
  std::string there, here;  ///< as people read them
  int weight = 0;           ///< 3: decides over the time; 2: likely matters; 1: may matter
  std::string meaning;      ///< what it does to a migration; empty: speaks for itself
};
std::vector<Difference> differences(const Environment& there, const Environment& here);

const char* to_text(Work work);

}  // namespace dbtool::window
