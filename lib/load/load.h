#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/project.h"

namespace dbtool::load {

/// One thing wrong with the files: "file:line:column: what is wrong; what to do".
struct Complaint {
  Place place;
  std::string text;
  bool of_transaction = false;  ///< a script ends its own transaction: nothing that reading stumbles over
};

std::string to_text(const Complaint& complaint);

/// Everything that is wrong with a project directory; exit code 2. what() lists all, one a line.
class LoadError : public Error {
 public:
  explicit LoadError(std::vector<Complaint> complaints);
  const std::vector<Complaint>& complaints() const { return complaints_; }

 private:
  std::vector<Complaint> complaints_;
};

/// Reads the value of an environment variable; nullopt when it is unset. Passed in for tests.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// What a project is read for. To be judged alone, its scripts may do what no run would let them: end their
/// own transaction.
enum class Purpose { run, judge };

/// Reads and checks the whole directory: dbtool.yml, versions/, schema/ (or the old layout).
/// `project.settings` holds dbtool.yml's layer over the defaults. Throws LoadError with every complaint.
Project load_project(const std::filesystem::path& directory, const Environment& environment,
                     Purpose purpose = Purpose::run);

/// What dbtool.yml alone says, over the defaults. Throws LoadError when it is broken.
Settings load_settings(const std::filesystem::path& directory, const Environment& environment);

/// What is left of a directory whose version files cannot be used: settings, access, releases; no versions,
/// no declared tables. For the way back, whose scripts the database's ledger keeps. Throws LoadError when
/// dbtool.yml itself is broken.
Project load_without_versions(const std::filesystem::path& directory, const Environment& environment);

/// Reads a file like schema/sizes.yml from elsewhere. Throws LoadError, or Error when it cannot be read.
std::vector<TableSize> read_sizes_file(const std::filesystem::path& file);

/// Reads what stands under `throttle:` of dbtool.yml from a text of its own, over the defaults. Throws
/// LoadError.
ThrottleSettings read_throttle(const std::string& yaml, const Environment& environment);

}  // namespace dbtool::load
