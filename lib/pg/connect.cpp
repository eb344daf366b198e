#include "pg/connect.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <future>
#include <new>
#include <thread>

namespace dbtool::pg {

namespace {

constexpr const char* default_connect_timeout = "10";  // seconds a host
constexpr std::chrono::milliseconds wait_interval{100};
constexpr std::array<std::pair<const char*, const char*>, 4> silent_network{{
    {"keepalives_idle", "15"},  // seconds
    {"keepalives_interval", "5"},
    {"keepalives_count", "4"},
    {"tcp_user_timeout", "40000"},  // ms, for sent data to be acknowledged
}};

/// Keywords and values as PQconnectStartParams takes them; a later one beats an earlier one.
struct Parameters {
  std::vector<std::string> keys, values;

  void add(std::string key, std::string value) {
    keys.push_back(std::move(key));
    values.push_back(std::move(value));
  }
  template <typename Connect>
  ConnectionHandle apply(Connect connect) const {
    std::vector<const char*> key_pointers, value_pointers;
    for (const std::string& key : keys) key_pointers.push_back(key.c_str());
    for (const std::string& value : values) value_pointers.push_back(value.c_str());
    key_pointers.push_back(nullptr);
    value_pointers.push_back(nullptr);
    return ConnectionHandle(connect(key_pointers.data(), value_pointers.data(), 1));
  }
};

Parameters target(const Address& address) {
  Parameters parameters;
  if (!address.service.empty()) {
    parameters.add("service", address.service);
  } else if (!address.url.empty()) {
    parameters.add("dbname", address.url);
  }
  // libpq takes the first for a URL, and a second one for a plain name that beats it.
  if (!address.database.empty()) parameters.add("dbname", address.database);
  return parameters;
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// What URL, service file and environment say together, found without touching the network: one address for
/// two hosts is refused by libpq after it has read them all.
std::unique_ptr<PQconninfoOption, FreeOptions> resolve(const Address& address) {
  Parameters parameters = target(address);
  parameters.add("host", "a,b");
  parameters.add("hostaddr", "127.0.0.1");
  const ConnectionHandle unconnected = parameters.apply(PQconnectStartParams);
  return std::unique_ptr<PQconninfoOption, FreeOptions>(PQconninfo(unconnected.get()));
}

std::string value_of(const PQconninfoOption* options, std::string_view key) {
  for (; options != nullptr && options->keyword != nullptr; ++options) {
    if (key == options->keyword) return options->val == nullptr ? "" : options->val;
  }
  return {};
}

Parameters all_parameters(const Address& address) {
  const auto resolved = resolve(address);
  Parameters parameters = target(address);
  parameters.add("fallback_application_name", address.application_name);
  // Files are UTF-8, and error positions count characters of this encoding.
  parameters.add("client_encoding", "UTF8");
  if (value_of(resolved.get(), "connect_timeout").empty()) {
    parameters.add("connect_timeout", default_connect_timeout);
  }
  // A network that swallows packets tells nobody that the other side is gone: libpq's own limits are hours.
  for (const auto& [key, value] : silent_network) {
    if (value_of(resolved.get(), key).empty()) parameters.add(key, value);
  }
  if (!address.options.empty()) {
    std::string options = value_of(resolved.get(), "options");
    for (const std::string& option : address.options) options += (options.empty() ? "" : " ") + option;
    parameters.add("options", options);
  }
  return parameters;
}

/// Connects on a thread of its own, because libpq's waiting can neither be interrupted nor limited by the
/// host otherwise. A given-up attempt ends by itself and closes what it opened.
ConnectionHandle connect_watched(const Parameters& parameters, const std::function<void()>& on_wait) {
  std::packaged_task<ConnectionHandle()> task([parameters] { return parameters.apply(PQconnectdbParams); });
  std::future<ConnectionHandle> opened = task.get_future();
  std::thread(std::move(task)).detach();
  while (opened.wait_for(wait_interval) != std::future_status::ready) on_wait();
  return opened.get();
}

/// Splits at what separates the parts of a URL or keyword string; a malformed address is cut by libpq there.
std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> found(1);
  for (const char c : text) {
    if (std::string_view(":@/?#&=[], \t'").find(c) == std::string_view::npos) {
      found.back() += c;
    } else if (!found.back().empty()) {
      found.emplace_back();
    }
  }
  return found;
}

/// The parts of the address that mask_password hides.
std::vector<std::string> hidden_pieces(const std::string& url) {
  const std::vector<std::string> shown = pieces(mask_password(url));
  std::vector<std::string> hidden;
  for (std::string& piece : pieces(url)) {
    if (!piece.empty() && std::find(shown.begin(), shown.end(), piece) == shown.end()) {
      hidden.push_back(std::move(piece));
    }
  }
  return hidden;
}

/// Whether libpq's message may repeat a part of the password. A well-formed one never gets into a message; of
/// a malformed address libpq takes parts of the password for a host, a port or a keyword, and quotes them.
bool may_leak(const std::string& message, const std::string& url) {
  const std::vector<std::string> hidden = hidden_pieces(url);
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(PQconninfoParse(url.c_str(), nullptr));
  if (parsed == nullptr) {
    return std::any_of(hidden.begin(), hidden.end(),
                       [&](const std::string& piece) { return message.find(piece) != std::string::npos; });
  }
  for (const char* key : {"host", "hostaddr", "port", "dbname", "user"}) {
    for (const std::string& piece : pieces(value_of(parsed.get(), key))) {
      if (std::find(hidden.begin(), hidden.end(), piece) != hidden.end()) return true;
    }
  }
  return false;
}

constexpr const char* of_key_values =
    "write it as a URL (postgresql://user@host/database), or as key=value pairs with spaces between them, a "
    "value "
    "with spaces as key='a b', and in it a quote as \\' and a backslash as \\\\";

bool is_well_formed(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(PQconninfoParse(url.c_str(), nullptr));
  // A name alone is taken for that of a database.
  return parsed != nullptr || url.find('=') == std::string::npos;
}

std::string advice_for(const PGconn* connection, std::string_view message) {
  struct Advice {
    std::string_view part, text;
  };
  constexpr std::array<Advice, 12> known{{
      {"password authentication failed", "check the user name and the password (URL, PGPASSWORD, ~/.pgpass)"},
      {"no pg_hba.conf entry", "the server refuses this user, database or host; see its pg_hba.conf"},
      {"authentication failed", "the server does not accept this user here; see its pg_hba.conf"},
      {"is not permitted to log in", "alter the role to log in, or connect as another user"},
      {"permission denied for database", "grant connect on the database to this user"},
      {"too many", "wait until other sessions have ended, or raise the limit of connections"},
      {"starting up", "wait until the server has started"},
      {"shutting down", "wait until the server has been restarted"},
      {"read-only", "name a host that takes writes (a primary)"},
      {"timeout expired",
       "is the host right, and does a firewall let its port through? connect_timeout sets the limit"},
      {"could not translate host name", "check the host name"},
      {"does not exist", "check the names of database and user; `createdb NAME` makes a database"},
  }};
  if (connection != nullptr && PQconnectionNeedsPassword(connection) != 0) {
    return "give a password: in PGPASSWORD, ~/.pgpass or the URL";
  }
  for (const Advice& advice : known) {
    if (message.find(advice.part) != std::string_view::npos) return std::string(advice.text);
  }
  return "check that the server runs and that host, port, user and database are right";
}

[[noreturn]] void fail(const PGconn* connection, const Address& address) {
  std::string message = PQerrorMessage(connection);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  ErrorFields fields;
  fields.connection_lost = true;
  const bool is_url = address.url.find("://") != std::string::npos;
  if (address.service.empty() && may_leak(message, address.url)) {
    fields.message = "cannot connect: the address is malformed: " + mask_password(address.url);
    throw PgError(ExitCode::unreachable, std::move(fields),
                  is_url ? "in a URL write @ : / ? # % and spaces of a user name or password as %40 %3A %2F "
                           "%3F %23 %25 %20"
                         : of_key_values);
  }
  fields.message = "cannot connect: " + message;
  if (address.service.empty() && !is_url && !is_well_formed(address.url))
    throw PgError(ExitCode::unreachable, std::move(fields), of_key_values);
  throw PgError(ExitCode::unreachable, std::move(fields), advice_for(connection, message));
}

/// key='value', as libpq reads it.
std::string keyword(std::string_view key, std::string_view value) {
  std::string text = std::string(key) + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "' ";
}

}  // namespace

std::string connection_string(const Address& address) {
  std::string text = address.service.empty() ? std::string() : keyword("service", address.service);
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      address.service.empty() ? PQconninfoParse(address.url.c_str(), nullptr) : nullptr);
  for (const PQconninfoOption* one = parsed.get(); one != nullptr && one->keyword != nullptr; ++one) {
    const bool is_replaced = std::string_view(one->keyword) == "dbname" && !address.database.empty();
    if (one->val != nullptr && !is_replaced) text += keyword(one->keyword, one->val);
  }
  if (!address.database.empty()) text += keyword("dbname", address.database);
  return text;
}

ConnectionHandle connect(const Address& address, const std::function<void()>& on_wait) {
  const Parameters parameters = all_parameters(address);
  ConnectionHandle connection =
      on_wait ? connect_watched(parameters, on_wait) : parameters.apply(PQconnectdbParams);
  if (connection == nullptr) throw std::bad_alloc();
  if (PQstatus(connection.get()) != CONNECTION_OK) fail(connection.get(), address);
  return connection;
}

}  // namespace dbtool::pg
