#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/event.h"
#include "model/place.h"
#include "pg/error.h"

namespace dbtool::run {

/// A step that failed: what failed, where that stands in the project's files, and in what state the database
/// is.
class StepError : public Error {
 public:
  struct Facts {
    int version = 0;
    Direction direction{};
    Place place;              ///< empty: nowhere in the project's files
    std::string source_line;  ///< of the file, at `place`; empty: not known
    std::optional<pg::ErrorFields> fields;
    std::string state;  ///< e.g. "DATABASE IS AT 19. Nothing of 20 remains."
  };
  StepError(ExitCode exit_code, const std::string& message, std::string advice, Facts facts)
      : Error(exit_code, message, std::move(advice)), facts_(std::move(facts)) {}

  const Facts& facts() const { return facts_; }

 private:
  Facts facts_;
};

}  // namespace dbtool::run
