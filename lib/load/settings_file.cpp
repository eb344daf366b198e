#include "load/settings_file.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/duration.h"
#include "base/text.h"
#include "load/scalar.h"
#include "load/setting_values.h"
#include "load/throttle.h"
#include "load/window.h"
#include "model/object_kinds.h"

namespace dbtool::load {

namespace {

const std::vector<std::string> settings_keys{"name",        "versionTable",   "userPrefix",  "role",
                                             "extensions",  "sortOrder",      "server",      "lockTimeout",
                                             "lockRetries", "releaseSupport", "protected",   "ignore",
                                             "targets",     "throttle",       "metricsFile", "window"};
const std::vector<std::string> ignore_keys{"kind", "name", "reason"};
const std::vector<std::string> target_keys{"url", "service", "userPrefix", "name"};

/// Reads the keys of dbtool.yml; every text may hold `${NAME}`.
class SettingsReader {
 public:
  SettingsReader(const Reader& reader, const Environment& environment, bool others_may_read,
                 std::vector<std::string>& warnings)
      : reader_(reader), environment_(environment), others_may_read_(others_may_read), warnings_(warnings) {}

  Settings read(const Node& root) const;

 private:
  std::optional<std::string> text(const Entry& entry) const { return text(entry.value, entry.key); }
  std::optional<std::string> text(const Node& node, const std::string& name) const;
  /// Text of what not every command needs, such as the address of a target: what is not set goes to `unset`.
  std::optional<std::string> text_when_used(const Node& node, const std::string& name,
                                            std::string& unset) const;
  /// With every `${NAME}` replaced; what is not set goes to `unset`.
  std::optional<std::string> expand(const Node& node, const std::string& value,
                                    const std::function<void(const std::string&)>& unset) const;
  void put(const Node& root, const std::string& key, std::string& value) const;
  void put(const Node& root, const std::string& key, int& value, int least) const;

  std::optional<std::string> prefix(const Entry& entry, std::optional<std::string> value) const;
  void read_version_table(const Node& root, Settings& settings) const;
  void read_extensions(const Node& root, Settings& settings) const;
  void read_sort_order(const Node& root, Settings& settings) const;
  void read_server(const Node& root, Settings& settings) const;
  void read_lock_timeout(const Node& root, Settings& settings) const;
  void read_ignore(const Node& root, Settings& settings) const;
  void read_targets(const Node& root, Settings& settings) const;
  Target read_target(const Entry& entry) const;
  SettingsTexts texts() const;
  void check_password(const Node& node) const;

  const Reader& reader_;
  const Environment& environment_;
  bool others_may_read_;
  std::vector<std::string>& warnings_;
};

std::optional<std::string> SettingsReader::text(const Node& node, const std::string& name) const {
  const auto value = reader_.text(node, name);
  if (!value) return std::nullopt;
  return expand(node, *value, [&](const std::string& fault) { reader_.complain(node, fault); });
}

/// Who works on one target need not have the addresses of all others: the fault is told when it is used.
std::optional<std::string> SettingsReader::text_when_used(const Node& node, const std::string& name,
                                                          std::string& unset) const {
  const auto value = reader_.text(node, name);
  if (!value) return std::nullopt;
  return expand(node, *value, [&](const std::string& fault) {
    if (unset.empty()) unset = to_text(reader_.place(node)) + ": " + fault;
  });
}

std::optional<std::string> SettingsReader::expand(
    const Node& node, const std::string& value, const std::function<void(const std::string&)>& unset) const {
  std::string expanded;
  std::size_t at = 0;
  while (true) {
    const std::size_t opening = value.find("${", at);
    expanded += value.substr(at, opening == std::string::npos ? opening : opening - at);
    if (opening == std::string::npos) return expanded;
    const std::size_t closing = value.find('}', opening);
    const std::string name =
        closing == std::string::npos ? std::string{} : value.substr(opening + 2, closing - opening - 2);
    const bool valid = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    // The text around is not shown: it may hold a password.
    if (!valid) {
      reader_.complain(node, "`${` without a name and a `}` behind it; write ${NAME}");
      return std::nullopt;
    }
    const auto found = environment_(name);
    if (!found) {
      unset(fmt::format("the environment variable {} is not set; set it, or write the value", name));
      return std::nullopt;
    }
    expanded += *found;
    at = closing + 1;
  }
}

void SettingsReader::put(const Node& root, const std::string& key, std::string& value) const {
  if (const Entry* entry = root.find(key)) value = text(*entry).value_or("");
}

void SettingsReader::put(const Node& root, const std::string& key, int& value, int least) const {
  const Entry* entry = root.find(key);
  if (entry == nullptr) return;
  value = static_cast<int>(reader_.integer(*entry, least, 1'000'000).value_or(value));
}

std::optional<std::string> SettingsReader::prefix(const Entry& entry,
                                                  std::optional<std::string> value) const {
  if (!value) return std::nullopt;
  if (std::all_of(value->begin(), value->end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }))
    return value;
  reader_.complain(entry.value,
                   fmt::format("`userPrefix` is `{}`; write lower-case letters and _ only", shorten(*value)));
  return std::nullopt;
}

void SettingsReader::read_version_table(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("versionTable");
  if (entry == nullptr) return;
  const auto value = text(*entry);
  if (!value) return;
  if (!is_version_table(*value)) {
    reader_.complain(
        entry->value,
        fmt::format("`versionTable` is `{}`; write table or schema.table in lower case", shorten(*value)));
  } else {
    settings.version_table = *value;
  }
}

void SettingsReader::read_extensions(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("extensions");
  if (entry == nullptr || !reader_.is_list(*entry, "write [pgcrypto]")) return;
  for (const Node& item : entry->value.items) {
    if (auto extension = text(item, "extensions")) settings.extensions.push_back(std::move(*extension));
  }
}

void SettingsReader::read_sort_order(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("sortOrder");
  if (entry == nullptr) return;
  const auto value = text(*entry);
  if (!value) return;
  std::vector<std::string_view> parts;
  std::string_view rest = *value;
  while (true) {
    const std::size_t sign = rest.find('<');
    parts.push_back(trim(rest.substr(0, sign)));
    if (sign == std::string_view::npos) break;
    rest.remove_prefix(sign + 1);
  }
  const bool complete =
      std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); });
  if (parts.size() < 2 || !complete) {
    reader_.complain(entry->value, fmt::format("`sortOrder` is `{}`; write texts with < between them, as "
                                               "\"0 < a < A < b < B\"",
                                               shorten(*value)));
  } else {
    settings.sort_order = *value;
  }
}

void SettingsReader::read_server(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("server");
  if (entry == nullptr) return;
  // An unquoted 15 is meant well.
  if (entry->value.kind == Node::Kind::scalar && is_server_demand(entry->value.text)) {
    settings.server = entry->value.text;
    return;
  }
  const auto value = text(*entry);
  if (!value) return;
  if (is_server_demand(*value)) {
    settings.server = *value;
  } else {
    reader_.complain(entry->value,
                     fmt::format("`server` is `{}`; write a version as \">=14\"", shorten(*value)));
  }
}

void SettingsReader::read_lock_timeout(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("lockTimeout");
  if (entry == nullptr) return;
  const bool scalar = entry->value.kind == Node::Kind::scalar;
  const auto value =
      scalar && entry->value.plain && parse_integer(entry->value.text) ? entry->value.text : text(*entry);
  if (!value) return;
  const auto duration = parse_duration(*value);
  if (duration && duration->count() > 0) {
    settings.lock_timeout = *duration;
  } else {
    reader_.complain(entry->value,
                     fmt::format("`lockTimeout` is `{}`; write a time as 300ms or 2s", shorten(*value)));
  }
}

void SettingsReader::read_ignore(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("ignore");
  if (entry == nullptr || !reader_.is_list(*entry, "write [{kind: index, name: \"tmp_*\", reason: …}]"))
    return;
  for (const Node& item : entry->value.items) {
    if (item.kind != Node::Kind::mapping) {
      reader_.complain(item,
                       fmt::format("a rule of `ignore` must be a mapping, not {}; write {{kind: …, name: …, "
                                   "reason: …}}",
                                   describe(item)));
      continue;
    }
    reader_.check_keys(item, ignore_keys, "a rule of `ignore`");
    IgnoreRule rule;
    put(item, "kind", rule.kind);
    put(item, "name", rule.name);
    put(item, "reason", rule.reason);
    for (const char* key : {"kind", "name"}) {
      if (item.find(key) == nullptr)
        reader_.complain(item, fmt::format("`{0}` of a rule of `ignore` is missing; write `{0}: …`", key));
    }
    if (!rule.kind.empty() &&
        std::find(object_kinds.begin(), object_kinds.end(), rule.kind) == object_kinds.end()) {
      // It would fit nothing, and what it was written for would go on being reported.
      const auto meant = nearest_word(rule.kind, object_kinds);
      reader_.complain(
          item.find("kind")->value,
          fmt::format("`{}` is not a kind of object; {}", shorten(rule.kind),
                      meant ? fmt::format("did you mean `{}`?", *meant)
                            : "known kinds: " + join({object_kinds.begin(), object_kinds.end()}, ", ")));
    }
    settings.ignore.push_back(std::move(rule));
  }
}

void SettingsReader::check_password(const Node& node) const {
  if (node.kind != Node::Kind::scalar || !holds_password(node.text)) return;
  const char* const advice = "write ${NAME}, or use a service or ~/.pgpass";
  if (others_may_read_) {
    reader_.complain(
        node, fmt::format("a password in a file that others can read; {}, or chmod 600 the file", advice));
  } else {
    warnings_.push_back(fmt::format("{}: a password in the file; {}", to_text(reader_.place(node)), advice));
  }
}

Target SettingsReader::read_target(const Entry& entry) const {
  Target target;
  if (!reader_.is_mapping(entry, "write {url: …} or {service: …}")) return target;
  reader_.check_keys(entry.value, target_keys, "a target");
  const Entry* url = entry.value.find("url");
  const Entry* service = entry.value.find("service");
  if (url != nullptr) {
    check_password(url->value);
    target.url = text_when_used(url->value, url->key, target.unset).value_or("");
  }
  if (service != nullptr)
    target.service = text_when_used(service->value, service->key, target.unset).value_or("");
  if ((url == nullptr) == (service == nullptr)) {
    reader_.complain(entry, fmt::format("the target `{}` needs `url` or `service`, one of them; write one",
                                        shorten(entry.key)));
  }
  if (const Entry* found = entry.value.find("userPrefix"))
    target.user_prefix = prefix(*found, text_when_used(found->value, found->key, target.unset));
  if (const Entry* name = entry.value.find("name"))
    target.name = text_when_used(name->value, name->key, target.unset);
  return target;
}

void SettingsReader::read_targets(const Node& root, Settings& settings) const {
  const Entry* entry = root.find("targets");
  if (entry == nullptr || !reader_.is_mapping(*entry, "write each target as NAME: {url: …}")) return;
  for (const Entry& target : entry->value.entries) settings.targets[target.key] = read_target(target);
}

SettingsTexts SettingsReader::texts() const {
  return {[this](const Node& node, const std::string& name) { return text(node, name); },
          [this](const Node& node, const std::string& name, std::string& unset) {
            check_password(node);
            return text_when_used(node, name, unset);
          }};
}

Settings SettingsReader::read(const Node& root) const {
  Settings settings;
  reader_.check_keys(root, settings_keys, "dbtool.yml");
  put(root, "name", settings.name);
  put(root, "role", settings.role);
  if (const Entry* entry = root.find("userPrefix"))
    settings.user_prefix = prefix(*entry, text(*entry)).value_or("");
  read_version_table(root, settings);
  read_extensions(root, settings);
  read_sort_order(root, settings);
  read_server(root, settings);
  read_lock_timeout(root, settings);
  put(root, "lockRetries", settings.lock_retries, 0);
  put(root, "releaseSupport", settings.release_support, 1);
  if (const Entry* entry = root.find("protected"))
    settings.is_protected = reader_.boolean(*entry).value_or(true);
  put(root, "metricsFile", settings.metrics_file);
  read_ignore(root, settings);
  read_targets(root, settings);
  if (const Entry* entry = root.find("throttle"))
    settings.throttle = load::read_throttle(reader_, *entry, texts());
  if (const Entry* entry = root.find("window")) settings.window = load::read_window(reader_, *entry, texts());
  return settings;
}

/// Whether a text is nothing but `${NAME}`s.
bool is_expanded_only(std::string_view text) {
  while (text.starts_with("${")) {
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return text.empty();
}

/// Whether `password=` of a keyword string or of a URL's query is followed by one.
bool has_password_parameter(std::string_view text) {
  constexpr std::string_view keyword = "password";
  for (std::size_t at = text.find(keyword); at != std::string_view::npos; at = text.find(keyword, at + 1)) {
    std::string_view rest = trim(text.substr(at + keyword.size()));
    if (!rest.starts_with('=')) continue;
    rest = trim(rest.substr(1));
    if (rest.starts_with('\'')) rest.remove_prefix(1);
    const std::string_view value = rest.substr(0, rest.find_first_of("' &\t\n"));
    if (!is_expanded_only(value)) return true;
  }
  return false;
}

}  // namespace

bool holds_password(std::string_view connection) {
  const std::size_t scheme = connection.find("://");
  if (scheme == std::string_view::npos) return has_password_parameter(connection);
  const std::string_view rest = connection.substr(scheme + 3);
  const std::size_t query = rest.find('?');
  if (query != std::string_view::npos && has_password_parameter(rest.substr(query))) return true;
  // A password may hold an unescaped `@` or `/`, so the last `@` before the query ends it.
  const std::size_t at_sign = rest.substr(0, query).rfind('@');
  if (at_sign == std::string_view::npos) return false;
  const std::string_view user = rest.substr(0, at_sign);
  const std::size_t colon = user.find(':');
  return colon != std::string_view::npos && !is_expanded_only(user.substr(colon + 1));
}

bool others_may_read(const std::filesystem::path& file) {
  std::error_code error;
  const auto permissions = std::filesystem::status(file, error).permissions();
  constexpr auto readable = std::filesystem::perms::group_read | std::filesystem::perms::others_read;
  return !error && (permissions & readable) != std::filesystem::perms::none;
}

Settings read_settings(const Reader& reader, const Environment& environment, bool others_may_read,
                       std::vector<std::string>& warnings) {
  const Node& root = reader.document().root;
  if (root.kind == Node::Kind::null) return {};  // every key is commented out
  if (root.kind != Node::Kind::mapping) {
    reader.complain(root, fmt::format("dbtool.yml must be a mapping, not {}; write its keys as `name: …`",
                                      describe(root)));
    return {};
  }
  return SettingsReader(reader, environment, others_may_read, warnings).read(root);
}

}  // namespace dbtool::load
