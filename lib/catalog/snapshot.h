#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/object.h"
#include "model/project.h"

namespace dbtool::catalog {

/// The expected catalog of every version, kept in the project's `schema/catalog/`: a file a version, with
/// only what that version changed. A file is a line of JSON that tells what it was made from, and a line an
/// object that is new or changed (whole) or gone, in the catalog's order, so that a review shows what a
/// version really does.
struct SnapshotFile {
  std::string name;  ///< "schema/catalog/0019.jsonl", relative to the project
  std::string text;
};

/// The file of `version`, from the full catalogs before and after it. `server_major` is that of the server
/// which they were read from: majors print some definitions differently.
SnapshotFile snapshot_file(const Version& version, int server_major, const Catalog& before,
                           const Catalog& after);

struct Snapshot {
  Catalog objects;
  int server_major = 0;  ///< of the newest file that was read
};

/// Whether the project keeps any.
bool has_snapshot(const Project& project);

/// The major version of the server that the kept files were read from; nullopt when they do not tell.
std::optional<int> snapshot_server_major(const Project& project);

/// Reads the expected catalog at `version`. Throws Error (usage) that names the file when one is missing,
/// damaged, or made from another text of its version.
Snapshot read_snapshot(const Project& project, int version);

/// Files in `schema/catalog/` that no version of the project has, relative to the project.
std::vector<std::string> surplus_snapshot_files(const Project& project);

}  // namespace dbtool::catalog
