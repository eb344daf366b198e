#include "test/support/proxy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace dbtool::test {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("proxy: ") + what + ": " + std::strerror(errno));
}

/// One client and its connection to the server.
struct Link {
  int client = -1, server = -1;
  std::string to_server, to_client;  ///< read, not yet written
  bool lose_answer = false;
  bool ended = false;

  Link(int client_socket, int server_socket) : client(client_socket), server(server_socket) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    ::close(client);
    ::close(server);
  }
};

/// Takes what is there to read; false at the end of the connection.
bool take(int socket, std::string& into) {
  std::array<char, 65536> buffer{};
  const auto size = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size > 0) into.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

bool give(int socket, std::string& from) {
  if (from.empty()) return true;
  const auto size = ::send(socket, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size > 0) from.erase(0, static_cast<std::size_t>(size));
  return size > 0 || errno == EAGAIN || errno == EINTR;
}

int listen_somewhere(int& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 64) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("cannot listen");
  }
  port = ntohs(address.sin_port);
  return listener;
}

int connect_to(const std::string& socket_path) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return server;
  ::close(server);
  return -1;
}

std::string parse(const std::string& url, const char* key) {
  PQconninfoOption* options = PQconninfoParse(url.c_str(), nullptr);
  std::string value;
  for (PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (std::strcmp(option->keyword, key) == 0 && option->val != nullptr) value = option->val;
  }
  PQconninfoFree(options);
  return value;
}

}  // namespace

struct Proxy::State {
  std::string socket_path, database;
  int port = 0;
  int listener = -1;
  std::array<int, 2> wake{-1, -1};  ///< a pipe; a byte in it wakes the thread
  mutable std::mutex mutex;
  bool stopping = false, held = false, refused = false;
  std::function<Fate(std::string_view)> decide;
  std::size_t passed = 0;
  std::size_t cut_at = std::numeric_limits<std::size_t>::max();
  int cuts = 0;
  std::list<Link> links;
  std::vector<int> unheard;  ///< servers' ends that stay open though their clients are gone
  std::thread thread;

  void end_link(Link& link) {
    if (std::exchange(link.ended, true)) return;
    ++cuts;
    ::shutdown(link.client, SHUT_RDWR);
    ::shutdown(link.server, SHUT_RDWR);
  }

  void accept_client() {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = refused ? -1 : connect_to(socket_path);
    if (server < 0) {
      ::close(client);
      return;
    }
    const int at_once = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    links.emplace_back(client, server);
  }

  void take_request(Link& link) {
    std::string piece;
    if (!take(link.client, piece)) link.ended = true;
    if (piece.empty()) return;
    const Fate fate = decide ? decide(piece) : Fate::pass;
    if (fate == Fate::drop) return end_link(link);
    link.lose_answer = link.lose_answer || fate == Fate::lose_answer;
    count(link, piece.size());
    link.to_server += piece;
  }

  void take_answer(Link& link) {
    std::string piece;
    if (!take(link.server, piece)) link.ended = true;
    if (piece.empty()) return;
    if (link.lose_answer) return end_link(link);
    count(link, piece.size());
    link.to_client += piece;
  }

  void count(Link& link, std::size_t size) {
    passed += size;
    if (passed < cut_at) return;
    cut_at = std::numeric_limits<std::size_t>::max();
    end_link(link);
  }

  void serve(Link& link, short from_client, short from_server) {
    if (!link.ended && from_client != 0) take_request(link);
    if (!link.ended && from_server != 0) take_answer(link);
    // An end is passed on after what came before it.
    if (!give(link.server, link.to_server) || !give(link.client, link.to_client)) link.ended = true;
  }

  void run() {
    while (true) {
      std::vector<pollfd> events{{wake[0], POLLIN, 0}, {listener, POLLIN, 0}};
      {
        const std::lock_guard guard(mutex);
        if (stopping) return;
        links.remove_if([](const Link& link) { return link.ended; });
        for (const Link& link : links) {
          const auto wanted = [&](const std::string& rest) {
            return static_cast<short>(held ? 0 : rest.empty() ? POLLIN : POLLIN | POLLOUT);
          };
          // A negative descriptor is not looked at: an end must not be seen while all is held.
          events.push_back({held ? -1 : link.client, wanted(link.to_client), 0});
          events.push_back({held ? -1 : link.server, wanted(link.to_server), 0});
        }
      }
      if (::poll(events.data(), events.size(), -1) < 0) continue;
      const std::lock_guard guard(mutex);
      if (events[0].revents != 0) {
        std::array<char, 64> bytes{};
        [[maybe_unused]] const auto size = ::read(wake[0], bytes.data(), bytes.size());
      }
      std::size_t at = 2;
      for (Link& link : links) {
        if (!held) serve(link, events[at].revents, events[at + 1].revents);
        at += 2;
      }
      if (events[1].revents != 0) accept_client();
    }
  }

  template <typename Change>
  void change(Change apply) {
    {
      const std::lock_guard guard(mutex);
      apply();
    }
    [[maybe_unused]] const auto written = ::write(wake[1], "!", 1);
  }
};

Proxy::Proxy(const std::string& url) : state_(std::make_unique<State>()) {
  state_->socket_path = parse(url, "host") + "/.s.PGSQL." + parse(url, "port");
  state_->database = parse(url, "dbname");
  if (::pipe2(state_->wake.data(), O_CLOEXEC | O_NONBLOCK) != 0) fail("cannot make a pipe");
  state_->listener = listen_somewhere(state_->port);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Proxy::~Proxy() {
  state_->change([&] { state_->stopping = true; });
  state_->thread.join();
  for (const int server : state_->unheard) ::close(server);
  ::close(state_->listener);
  ::close(state_->wake[0]);
  ::close(state_->wake[1]);
}

std::string Proxy::url(const std::string& user) const {
  return "postgresql://127.0.0.1:" + std::to_string(state_->port) + "/" + state_->database +
         "?sslmode=disable&user=" + user;
}

void Proxy::on_request(std::function<Fate(std::string_view)> decide) {
  state_->change([&] { state_->decide = std::move(decide); });
}

void Proxy::cut_after(std::size_t bytes) {
  state_->change([&] { state_->cut_at = state_->passed + bytes; });
}

void Proxy::cut() {
  state_->change([&] {
    for (Link& link : state_->links) state_->end_link(link);
  });
}

void Proxy::cut_unheard() {
  state_->change([&] {
    for (Link& link : state_->links) {
      state_->unheard.push_back(::dup(link.server));
      ::shutdown(link.client, SHUT_RDWR);
      ++state_->cuts;
      link.ended = true;
    }
  });
}

void Proxy::hold(bool held) {
  state_->change([&] { state_->held = held; });
}

void Proxy::refuse(bool refused) {
  state_->change([&] { state_->refused = refused; });
}

std::size_t Proxy::bytes() const {
  const std::lock_guard guard(state_->mutex);
  return state_->passed;
}

int Proxy::cuts() const {
  const std::lock_guard guard(state_->mutex);
  return state_->cuts;
}

bool holds_statement(std::string_view bytes, std::string_view statement) {
  // Statements end with a zero byte in the protocol.
  const std::string wanted = std::string(statement) + '\0';
  return bytes.find(wanted) != std::string_view::npos;
}

}  // namespace dbtool::test
