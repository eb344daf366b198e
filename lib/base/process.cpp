#include "base/process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

extern char** environ;

namespace dbtool {

namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 20ms;
constexpr auto end_patience = 2s;

struct Pipe {
  Descriptor reader, writer;
};

[[noreturn]] void fail(const std::string& what, int error) {
  throw Error(ExitCode::failed, what + ": " + std::strerror(error));
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// What the child needs between fork and exec, made beforehand: it may not allocate there, other threads may
/// have held the allocator's lock.
struct Preparation {
  std::vector<std::string> command, environment;
  std::vector<char*> arguments, variables;
  std::string directory;
  const SystemUser* user = nullptr;
  int signal_at_our_end = 0;
  bool own_session = false, own_group = false;
  std::array<int, 3> streams{};  ///< become stdin, stdout, stderr
  int failure = -1;              ///< errno is written here when exec does not come about
  pid_t parent = 0;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> found;
  for (std::string& text : texts) found.push_back(text.data());
  found.push_back(nullptr);
  return found;
}

std::vector<std::string> merge_environment(const ProcessOptions& options) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : options.environment) replaced = replaced || key == name;
    if (!replaced) merged.emplace_back(text);
  }
  for (const auto& [key, value] : options.environment) {
    if (value) merged.push_back(key + "=" + *value);
  }
  return merged;
}

[[noreturn]] void give_up(const Preparation& preparation) {
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(preparation.failure, &error, sizeof error);
  ::_exit(127);
}

/// In the child, between fork and exec: system calls alone.
[[noreturn]] void become(const Preparation& preparation) {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (preparation.own_session) {
    ::setsid();
    // A server that outlives us must not keep our pipes, locks and connections open.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  }
  if (preparation.own_group) ::setpgid(0, 0);
  for (int stream = 0; stream < 3; ++stream) {
    if (::dup2(preparation.streams[static_cast<std::size_t>(stream)], stream) < 0) give_up(preparation);
  }
  if (const SystemUser* user = preparation.user; user != nullptr) {
    if (::setgroups(user->groups.size(), user->groups.data()) != 0 || ::setgid(user->gid) != 0 ||
        ::setuid(user->uid) != 0) {
      give_up(preparation);
    }
  }
  // After setuid, which clears it. The parent may have ended before it was set.
  if (preparation.signal_at_our_end != 0) {
    ::prctl(PR_SET_PDEATHSIG, preparation.signal_at_our_end);
    if (::getppid() != preparation.parent) ::_exit(127);
  }
  if (!preparation.directory.empty() && ::chdir(preparation.directory.c_str()) != 0) give_up(preparation);
  ::execve(preparation.arguments[0], preparation.arguments.data(), preparation.variables.data());
  give_up(preparation);
}

/// Runs `work` on a thread that lives as long as the program: the signal at our end is sent when the *thread*
/// ends that forked the child.
pid_t on_lasting_thread(const std::function<pid_t()>& work) {
  std::packaged_task<pid_t()> task(work);
  std::future<pid_t> done = task.get_future();
  std::thread([task = std::move(task)]() mutable {
    task();
    for (;;) ::pause();
  }).detach();
  return done.get();
}

pid_t launch(const std::vector<std::string>& command, const ProcessOptions& options,
             std::array<int, 3> streams, bool own_session) {
  Preparation preparation;
  preparation.command = command;
  const auto program = command[0].find('/') == std::string::npos ? find_program(command[0]) : command[0];
  if (!program) throw Error(ExitCode::failed, "the program " + command[0] + " is not there");
  preparation.command[0] = program->string();
  preparation.environment = merge_environment(options);
  preparation.arguments = pointers(preparation.command);
  preparation.variables = pointers(preparation.environment);
  preparation.directory = options.directory.string();
  preparation.user = options.user ? &*options.user : nullptr;
  preparation.signal_at_our_end = options.signal_at_our_end;
  preparation.own_session = own_session;
  preparation.own_group = static_cast<bool>(options.is_to_end);
  preparation.streams = streams;
  preparation.parent = ::getpid();
  Pipe failure = make_pipe();
  preparation.failure = failure.writer.number();

  const auto fork_child = [&]() -> pid_t {
    const pid_t pid = ::fork();
    if (pid == 0) become(preparation);
    return pid < 0 ? -errno : pid;
  };
  const pid_t pid = options.signal_at_our_end != 0 ? on_lasting_thread(fork_child) : fork_child();
  if (pid < 0) fail("cannot start " + command[0], -pid);
  failure.writer.close();
  int error = 0;
  // Ends at once when exec closes the pipe.
  if (::read(failure.reader.number(), &error, sizeof error) == sizeof error) {
    ::waitpid(pid, nullptr, 0);
    fail("cannot start " + preparation.command[0], error);
  }
  return pid;
}

void set_nonblocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.number(), F_SETFL, ::fcntl(descriptor.number(), F_GETFL) | O_NONBLOCK);
}

void take_output(Descriptor& from, std::string& into) {
  std::array<char, 65536> buffer{};
  const auto size = ::read(from.number(), buffer.data(), buffer.size());
  if (size > 0) {
    into.append(buffer.data(), static_cast<std::size_t>(size));
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    from.close();
  }
}

void give_input(Descriptor& to, std::string_view& rest) {
  if (!rest.empty()) {
    const auto size = ::write(to.number(), rest.data(), rest.size());
    if (size > 0) rest.remove_prefix(static_cast<std::size_t>(size));
    if (size < 0 && errno != EAGAIN && errno != EINTR) rest = {};  // the child does not want to read
  }
  if (rest.empty()) to.close();
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// The exit status; nullopt when it was to end before.
std::optional<int> await(pid_t pid, const ProcessOptions& options) {
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(pid, &status, options.is_to_end ? WNOHANG : 0);
    if (ended == pid || (ended < 0 && errno != EINTR)) return exit_status(status);
    if (!options.is_to_end) continue;
    if (options.is_to_end()) return std::nullopt;
    std::this_thread::sleep_for(look_interval);
  }
}

/// Ends the process group that our child `leader` leads, and gives the leader's exit status.
int end_group(pid_t leader) {
  int status = 0;
  bool reaped = false;
  const auto limit = std::chrono::steady_clock::now() + end_patience;
  ::kill(-leader, SIGTERM);
  // In a container nobody may wait for orphans, so that the group never gets empty.
  while (::kill(-leader, 0) == 0 && std::chrono::steady_clock::now() < limit) {
    reaped = reaped || ::waitpid(leader, &status, WNOHANG) == leader;
    std::this_thread::sleep_for(look_interval);
  }
  ::kill(-leader, SIGKILL);
  if (!reaped) ::waitpid(leader, &status, 0);
  return exit_status(status);
}

}  // namespace

std::optional<SystemUser> find_system_user(const std::string& name) {
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  SystemUser user{name, entry->pw_uid, entry->pw_gid, {}};
  int count = 64;
  user.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(name.c_str(), user.gid, user.groups.data(), &count) < 0) {
    user.groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(name.c_str(), user.gid, user.groups.data(), &count);
  }
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (true) {
    const std::size_t end = rest.find(':');
    const std::filesystem::path candidate = std::filesystem::path(rest.substr(0, end)) / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) {
      return std::filesystem::absolute(candidate);
    }
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
}

ProcessOutcome run_process(const std::vector<std::string>& command, const ProcessOptions& options) {
  Pipe input = make_pipe(), output = make_pipe(), errors = make_pipe();
  const pid_t pid = launch(command, options,
                           {input.reader.number(), output.writer.number(), errors.writer.number()}, false);
  input.reader.close();
  output.writer.close();
  errors.writer.close();
  set_nonblocking(input.writer);

  // A child that closes its stdin early must not end us; the signal goes to this thread only.
  sigset_t broken_pipe, before;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  ProcessOutcome outcome;
  std::string_view rest = options.input;
  if (rest.empty()) input.writer.close();
  const int patience = options.is_to_end ? static_cast<int>(look_interval.count()) : -1;
  bool to_end = false;
  while (output.reader.number() >= 0 || errors.reader.number() >= 0) {
    to_end = options.is_to_end && options.is_to_end();
    if (to_end) break;
    std::array<pollfd, 3> events{{{output.reader.number(), POLLIN, 0},
                                  {errors.reader.number(), POLLIN, 0},
                                  {input.writer.number(), POLLOUT, 0}}};
    if (::poll(events.data(), events.size(), patience) <= 0) continue;
    if (events[0].revents != 0) take_output(output.reader, outcome.output);
    if (events[1].revents != 0) take_output(errors.reader, outcome.errors);
    if (events[2].revents != 0) give_input(input.writer, rest);
  }
  const timespec at_once{};
  if (sigismember(&before, SIGPIPE) == 0) ::sigtimedwait(&broken_pipe, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::optional<int> status = to_end ? std::nullopt : await(pid, options);
  outcome.exit_status = status ? *status : end_group(pid);
  // What it had said before its end; a pipe that something else still holds must not make us wait.
  if (!status) {
    for (auto [from, into] :
         {std::pair{&output.reader, &outcome.output}, {&errors.reader, &outcome.errors}}) {
      if (from->number() < 0) continue;
      set_nonblocking(*from);
      take_output(*from, *into);
    }
  }
  return outcome;
}

pid_t start_process(const std::vector<std::string>& command, const ProcessOptions& options) {
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Descriptor log;
  if (!options.log.empty()) {
    log = Descriptor(::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (log.number() < 0) fail("cannot write " + options.log.string(), errno);
  }
  const int output = log.number() >= 0 ? log.number() : STDOUT_FILENO;
  const int errors = log.number() >= 0 ? log.number() : STDERR_FILENO;
  return launch(command, options, {nothing.number(), output, errors}, true);
}

}  // namespace dbtool
