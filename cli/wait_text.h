#pragma once

#include <string>
#include <vector>

#include "model/rehearsal.h"

namespace dbtool::cli {

/// "readers and writers of tasks wait 3.2 s (as rehearsed)": for each table whose locks services feel, as a
/// rehearsal saw them; the longest wait first.
std::vector<std::string> wait_texts(const StepCost& cost);

/// The first of these, and of the others how many there are and how long the longest of them is.
std::vector<std::string> foremost_wait_texts(const StepCost& cost);

}  // namespace dbtool::cli
