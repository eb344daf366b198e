#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dbtool::pg {

/// Where the server binaries of one major version are.
struct ServerBinaries {
  std::filesystem::path directory;  ///< holds initdb and postgres
  int major = 0;
};

/// Looks in $PGBIN, `pg_config --bindir`, /usr/lib/postgresql/*/bin (newest first) and $PATH; throws Error
/// that names the package to install when there are none. `major` 0: any.
ServerBinaries find_server_binaries(int major = 0);
bool has_server_binaries(int major = 0);
/// The binaries in a directory; throws Error when there are none.
ServerBinaries server_binaries_in(const std::filesystem::path& directory);

struct ServerOptions {
  /// Everything lives here: data, socket, log. Root's server runs as `postgres` or `nobody`, to whom it is
  /// then given; that user must be able to reach it (pg/server_user.h).
  std::filesystem::path directory{};
  ServerBinaries binaries{};
  /// A throwaway server, ends when this program does; false: it outlives dbtool.
  bool die_with_parent = true;
  bool durable = false;                 ///< false: fsync off, for throwaway servers
  std::string locale_provider{};        ///< "" (libc), or "icu"
  std::string locale{};                 ///< e.g. "en-US" for icu; "": C.UTF-8
  std::vector<std::string> settings{};  ///< "name=value", given to postgres with -c
  /// Data directory of a stopped server to copy instead of running initdb.
  std::filesystem::path template_data{};
  /// Where data directories that initdb made are kept to be copied (pg/template_cache.h); empty: nowhere.
  std::filesystem::path template_cache{};
  /// Asked some times a second while a server is made and started: true gives it up, with Error (stopped).
  std::function<bool()> is_to_end{};
};

/// A private PostgreSQL server, reachable by its socket alone, also when the user is root (it then runs as
/// `postgres` or `nobody`). Superuser is `postgres`, without a password.
class Server {
 public:
  /// Initialises the data directory where it is not yet, starts, waits until it takes connections. Throws
  /// Error with the end of the server's log when it does not start.
  static Server start(const ServerOptions& options);
  /// Finds a server that was started earlier in `directory` and still runs; throws Error if none does.
  static Server attach(const std::filesystem::path& directory);
  static bool is_running_in(const std::filesystem::path& directory);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// Stops a server with die_with_parent (immediately); leaves any other one running.
  ~Server();

  /// libpq URL of `database` on this server as superuser (or as `user`).
  std::string url(const std::string& database = "postgres", const std::string& user = "postgres") const;
  std::filesystem::path socket_directory() const;
  std::filesystem::path data_directory() const;
  pid_t pid() const;

  enum class StopMode { smart, fast, immediate };
  /// Stops and waits for the end.
  void stop(StopMode mode = StopMode::fast);
  /// Starts it again after stop() or a crash, with the same options. Not for attached ones.
  void restart();
  /// Whether the process is there.
  bool is_running() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dbtool::pg
