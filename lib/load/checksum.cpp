#include "load/checksum.h"

#include <optional>
#include <string_view>

#include "base/digest.h"

namespace dbtool::load {

namespace {

/// Writes "key length\nvalue\n", so that no value can be taken for another key.
class Canonical {
 public:
  void add(std::string_view key, std::string_view value) {
    text_ += key;
    text_ += ' ';
    text_ += std::to_string(value.size());
    text_ += '\n';
    text_ += value;
    text_ += '\n';
  }
  void add(std::string_view key, const std::optional<SqlText>& sql) {
    if (sql) add(key, sql->text);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void add_method(Canonical& canonical, const Method& method) {
  canonical.add("method", method.name);
  if (method.mode) canonical.add("mode", *method.mode == MethodMode::read ? "read" : "write");
  if (!method.service_name.empty()) canonical.add("serviceName", method.service_name);
  canonical.add("args", method.args);
  canonical.add("returns", method.returns);
  canonical.add("body", method.body);
  if (method.deprecated) canonical.add("deprecated", "true");
}

void add_online(Canonical& canonical, std::string_view direction,
                const std::optional<OnlineDeclaration>& online) {
  if (!online) return;
  canonical.add("online", direction);
  canonical.add("table", online->table);
  for (const std::string& column : online->key) canonical.add("key", column);
  canonical.add("batch", online->batch.text);
  canonical.add("complete", online->complete.text);
  canonical.add("source", online->verify_source);
  canonical.add("copy", online->verify_copy);
}

}  // namespace

std::string checksum(const Version& version) {
  Canonical canonical;
  canonical.add("version", std::to_string(version.number));
  canonical.add("migrationScript", version.migration_script);
  canonical.add("downgradeScript", version.downgrade_script);
  // In the file's order: it is the order in which the functions are defined.
  for (const Method& method : version.methods) add_method(canonical, method);
  add_online(canonical, "migration", version.online_migration);
  add_online(canonical, "downgrade", version.online_downgrade);
  if (!version.transactional) canonical.add("transactional", "false");
  for (const SqlText& query : version.verify_upgrade) canonical.add("verify.upgrade", query.text);
  for (const SqlText& query : version.verify_downgrade) canonical.add("verify.downgrade", query.text);
  if (!version.loses.empty()) canonical.add("loses", version.loses);
  return sha256_hex(canonical.text());
}

}  // namespace dbtool::load
