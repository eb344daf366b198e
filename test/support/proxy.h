#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace dbtool::test {

/// A TCP server in front of a database server: it passes everything on, until a test makes it fail as
/// networks do.
class Proxy {
 public:
  /// In front of the server and database of that URL (a URL as pg::Server::url gives it).
  explicit Proxy(const std::string& url);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy();

  /// URL that leads through the proxy to the same database, as that user.
  std::string url(const std::string& user = "postgres") const;

  /// What to do with bytes that a client sends.
  enum class Fate {
    pass,
    drop,         ///< cut the connection; the server never gets them
    lose_answer,  ///< pass them on, and cut when the server answers: the client never gets the answer
  };
  /// Decides on all that clients send, on the proxy's thread, in the pieces in which it comes. Nothing given:
  /// pass.
  void on_request(std::function<Fate(std::string_view bytes)> decide);
  /// Cuts the connection that is the first to have passed so many bytes, counted from now over all
  /// connections and both ways.
  void cut_after(std::size_t bytes);
  /// Cuts all connections that are open; new ones are served.
  void cut();
  /// The same, but the server does not learn of it.
  void cut_unheard();
  /// While true, nothing passes and nothing is cut, as in a network that swallows packets.
  void hold(bool held);
  /// While true, new connections are refused.
  void refuse(bool refused);
  /// Bytes that passed so far, both ways.
  std::size_t bytes() const;
  /// Connections that were cut so far.
  int cuts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether bytes of the protocol hold this statement, simple or in a batch.
bool holds_statement(std::string_view bytes, std::string_view statement);

}  // namespace dbtool::test
