#pragma once

#include <filesystem>
#include <string>

#include "pg/server.h"

namespace dbtool::pg {

/// Where what can be made anew is kept for this user: `dbtool` in $XDG_CACHE_HOME or ~/.cache. Empty where
/// there is no such directory that belongs to this user alone.
std::filesystem::path user_cache();

/// Data directories as initdb makes them, kept for a day in options.template_cache, for throwaway servers:
/// copying one takes a tenth of the time. One is known by all that it was made from: the server programs, the
/// locale, the user, and the boot of the machine, so that none is found whose files a crash of the machine
/// has cut short. It gets its name when it is whole. Nothing here fails: where it cannot be had, or be kept,
/// there is initdb.
class TemplateCache {
 public:
  explicit TemplateCache(const ServerOptions& options);

  /// Copies the kept one to `data`, which is not there yet. False when there is none, or it cannot be copied;
  /// then there is nothing at `data`.
  bool copy_to(const std::filesystem::path& data) const;
  /// Keeps a copy of a data directory that initdb has just made with these options, and removes what has been
  /// kept for longer than a day.
  void keep(const std::filesystem::path& data) const;

 private:
  std::filesystem::path directory_;
  std::string name_;  ///< empty: nothing can be kept
};

}  // namespace dbtool::pg
