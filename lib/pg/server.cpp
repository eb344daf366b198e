#include "pg/server.h"

#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "pg/data_directory.h"
#include "pg/postmaster.h"
#include "pg/server_user.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Monotonic = std::chrono::steady_clock;

constexpr auto look_interval = 5ms;
constexpr auto stop_patience = 60s;

std::string log_tail(const fs::path& log) {
  constexpr std::size_t lines = 12;
  std::ifstream file(log);
  std::vector<std::string> tail;
  for (std::string line; std::getline(file, line);) {
    tail.push_back(line);
    if (tail.size() > lines) tail.erase(tail.begin());
  }
  std::string text;
  for (const std::string& line : tail) text += "\n  " + line;
  return text;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return encoded;
}

std::vector<std::string> postgres_command(const ServerOptions& options, const fs::path& data,
                                          const fs::path& sockets) {
  std::vector<std::string> settings{"listen_addresses=",
                                    "port=5432",
                                    "unix_socket_directories=" + sockets.string(),
                                    "unix_socket_permissions=0700",
                                    "logging_collector=off",
                                    "log_destination=stderr",
                                    "shared_buffers=32MB"};
  if (!options.durable) {
    // synchronous_commit stays on: an immediate stop must not lose what was committed.
    settings.insert(settings.end(), {"fsync=off", "full_page_writes=off", "jit=off"});
  }
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  std::vector<std::string> command{(options.binaries.directory / "postgres").string(), "-D", data.string()};
  for (const std::string& setting : settings) command.insert(command.end(), {"-c", setting});
  return command;
}

}  // namespace

struct Server::State {
  ServerOptions options;
  fs::path sockets;
  pid_t pid = 0;
  bool attached = false;

  fs::path data() const { return options.directory / "data"; }
  fs::path log() const { return options.directory / "log"; }

  /// Reaps the process if it is our child.
  bool running() const {
    if (pid <= 0) return false;
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return false;
    // Our own child, of which process_state is unsure for a moment: its name comes after exec has closed our
    // pipe.
    if (ended == 0) return true;
    return process_state(pid, data()) == ProcessState::postmaster;
  }

  bool wait_for_end(std::chrono::milliseconds patience) const {
    const auto limit = Monotonic::now() + patience;
    while (running()) {
      if (Monotonic::now() > limit) return false;
      std::this_thread::sleep_for(look_interval);
    }
    return true;
  }

  void choose_sockets() {
    if (!sockets.empty() && fs::exists(sockets)) return;
    sockets = options.directory;
    if (!takes_socket(sockets)) sockets = make_short_directory("/tmp");
  }

  /// After a crash of machine or container another program may bear the old pid; postgres would take it for a
  /// server that still runs. It does not take its parent for one, and goes on to look for remaining shared
  /// memory.
  void correct_stale_pid() const {
    const auto file = read_postmaster_file(data());
    if (!file || process_state(file->pid, data()) != ProcessState::other_program) return;
    for (const fs::path& path : {data() / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"}) {
      std::ifstream old(path);
      std::string first, rest;
      if (!std::getline(old, first)) continue;
      std::getline(old, rest, '\0');
      std::ofstream(path, std::ios::trunc) << ::getpid() << '\n' << rest;
    }
  }

  /// True when it is ready, false when it ended instead.
  bool wait_until_ready() const {
    while (true) {
      const auto file = read_postmaster_file(data());
      if (file && file->pid == pid && (file->status == "ready" || file->status == "standby")) return true;
      if (!running()) return false;
      stop_if_to_end(options);
      std::this_thread::sleep_for(look_interval);
    }
  }

  /// One that was not wanted to the end of its start.
  void give_up() const {
    if (running()) ::kill(pid, SIGQUIT);
    wait_for_end(stop_patience);
    std::error_code error;
    if (sockets != options.directory) fs::remove(sockets, error);
  }

  void launch() {
    correct_stale_pid();
    // From the start in the directory by which process_state knows it.
    ProcessOptions process{
        .directory = data(), .environment = clean_environment(), .user = server_user(), .log = log()};
    if (options.die_with_parent) process.signal_at_our_end = SIGQUIT;
    std::ofstream(log(), std::ios::app).flush();
    const auto size_before = fs::file_size(log());
    // Processes of a killed server hold its shared memory for a moment longer.
    for (const auto limit = Monotonic::now() + 10s;;) {
      pid = start_process(postgres_command(options, data(), sockets), process);
      if (wait_until_ready()) return;
      const std::string tail = log_tail(log());
      const bool leftover =
          fs::file_size(log()) > size_before && tail.find("pre-existing shared memory") != std::string::npos;
      if (!leftover || Monotonic::now() > limit) {
        throw Error(ExitCode::unreachable, "the private PostgreSQL server in " + options.directory.string() +
                                               " does not start; the end of its log:" + tail);
      }
      std::this_thread::sleep_for(100ms);
    }
  }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;

Server& Server::operator=(Server&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Server::~Server() {
  if (state_ == nullptr || state_->attached || !state_->options.die_with_parent) return;
  try {
    stop(StopMode::immediate);
  } catch (const std::exception&) {
    // It ends with this program anyhow.
  }
}

Server Server::start(const ServerOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->options.directory = fs::absolute(options.directory).lexically_normal();
  fs::create_directories(state->options.directory);
  fs::permissions(state->options.directory, fs::perms::owner_all);
  give_to_server(state->options.directory);
  if (!server_can_reach(state->options.directory)) {
    throw Error(ExitCode::unreachable,
                "a PostgreSQL server cannot run as root, and user " + server_user()->name + " cannot reach " +
                    state->options.directory.string(),
                "use a directory that everybody may enter, or run dbtool as another user");
  }
  if (!fs::exists(state->data() / "PG_VERSION")) initialise(state->options, state->data());
  state->choose_sockets();
  try {
    state->launch();
  } catch (const Error&) {
    state->give_up();
    throw;
  }
  return Server(std::move(state));
}

bool Server::is_running_in(const fs::path& directory) {
  const auto file = read_postmaster_file(directory / "data");
  return file && process_state(file->pid, directory / "data") == ProcessState::postmaster;
}

Server Server::attach(const fs::path& directory) {
  auto state = std::make_unique<State>();
  state->options.directory = fs::absolute(directory).lexically_normal();
  state->options.die_with_parent = false;
  state->attached = true;
  // One that is just starting gets ready; one that is stopping ends.
  while (const auto file = read_postmaster_file(state->data())) {
    if (process_state(file->pid, state->data()) != ProcessState::postmaster) break;
    state->pid = file->pid;
    state->sockets = file->socket_directory;
    if (file->status == "ready" || file->status == "standby") return Server(std::move(state));
    std::this_thread::sleep_for(look_interval);
  }
  throw Error(ExitCode::unreachable, "no PostgreSQL server runs in " + directory.string());
}

std::string Server::url(const std::string& database, const std::string& user) const {
  return "postgresql:///" + percent_encode(database) + "?host=" + percent_encode(state_->sockets.string()) +
         // Else PGHOSTADDR, or a service's, would lead elsewhere.
         "&hostaddr=&port=5432&user=" + percent_encode(user);
}

fs::path Server::socket_directory() const {
  return state_->sockets;
}

fs::path Server::data_directory() const {
  return state_->data();
}

pid_t Server::pid() const {
  return state_->pid;
}

bool Server::is_running() const {
  return state_->running();
}

void Server::stop(StopMode mode) {
  constexpr std::array<int, 3> signals{SIGTERM, SIGINT, SIGQUIT};
  if (state_->running()) {
    ::kill(state_->pid, signals[static_cast<std::size_t>(mode)]);
    if (!state_->wait_for_end(stop_patience) && mode != StopMode::immediate) ::kill(state_->pid, SIGQUIT);
    if (!state_->wait_for_end(10s)) {
      throw Error(ExitCode::failed,
                  "the PostgreSQL server with pid " + std::to_string(state_->pid) + " does not stop");
    }
  }
  if (state_->sockets != state_->options.directory) {
    std::error_code error;
    fs::remove(state_->sockets, error);  // only when it is empty
  }
}

void Server::restart() {
  if (state_->attached)
    throw Error(ExitCode::failed, "a server that somebody else started cannot be restarted");
  if (state_->running()) stop();
  state_->choose_sockets();
  state_->launch();
}

}  // namespace dbtool::pg
