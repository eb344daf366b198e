#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

std::string publishes(const Facts& facts) {
  return facts.contains("publishes") ? facts.at("publishes") : "insert, update, delete, truncate";
}

std::string with(const Facts& facts) {
  std::string list = "publish = " + pg::quote_literal(publishes(facts));
  if (facts.contains("via root")) list += ", publish_via_partition_root = true";
  if (facts.contains("generated columns"))
    list += ", publish_generated_columns = " + facts.at("generated columns");
  return list;
}

std::string create_publication(const Object& publication, Context&) {
  return "create " + noun(publication) + (publication.facts.contains("all tables") ? " for all tables" : "") +
         " with (" + with(publication.facts) + ");";
}

void alter_publication(Alteration& change) {
  if (change.differs("all tables")) return change.remake();
  std::vector<std::string> list;
  if (change.take("publishes"))
    list.push_back("publish = " + pg::quote_literal(publishes(change.expected.facts)));
  if (change.take("via root"))
    list.push_back(std::string("publish_via_partition_root = ") +
                   (change.wanted("via root").empty() ? "false" : "true"));
  if (change.take("generated columns")) {
    const std::string wanted = change.wanted("generated columns");
    list.push_back("publish_generated_columns = " + (wanted.empty() ? "none" : wanted));
  }
  if (!list.empty()) change.run("alter " + noun(change.expected) + " set (" + join(list, ", ") + ");");
}

/// `publication: what`.
std::string member(const Object& object, const std::string& verb, const std::string& what) {
  const std::size_t colon = find_outside(object.identity, ": ");
  return "alter publication " + object.identity.substr(0, colon) + " " + verb + " " + what + " " +
         object.identity.substr(colon + 2);
}

std::string create_table_member(const Object& object, Context&) {
  std::string sql = member(object, "add", "table");
  if (object.facts.contains("columns")) sql += " (" + object.facts.at("columns") + ")";
  if (object.facts.contains("where")) sql += " where (" + object.facts.at("where") + ")";
  return sql + ";";
}
std::string drop_table_member(const Object& object, Context&) {
  return member(object, "drop", "table") + ";";
}
std::string create_schema_member(const Object& object, Context&) {
  return member(object, "add", "tables in schema") + ";";
}
std::string drop_schema_member(const Object& object, Context&) {
  return member(object, "drop", "tables in schema") + ";";
}

std::string drop_subscription(const Object& subscription, Context&) {
  std::string sql = "alter " + noun(subscription) + " disable;\n";
  // Without one, the server has nothing to ask from the other side.
  if (!subscription.facts.contains("slot"))
    sql += "alter " + noun(subscription) + " set (slot_name = none);\n";
  return sql + "drop " + noun(subscription) + ";";
}

struct PublicationSetting {
  const char* fact;
  const char* name;
  const char* usual;
};
constexpr PublicationSetting settings_of_subscription[] = {
    {"binary", "binary", "false"},
    {"streaming", "streaming", "off"},
    {"synchronous commit", "synchronous_commit", "off"},
    {"disable on error", "disable_on_error", "false"},
    {"origin", "origin", "any"},
    {"password required", "password_required", "true"},
    {"runs as owner", "run_as_owner", "false"},
    {"failover", "failover", "false"},
    {"slot", "slot_name", "none"}};

void alter_subscription(Alteration& change) {
  const std::string head = "alter " + noun(change.expected);
  if (change.take("publications"))
    change.run(head + " set publication " + change.wanted("publications") + " with (refresh = false);");
  for (const PublicationSetting& setting : settings_of_subscription) {
    if (!change.take(setting.fact)) continue;
    std::string value = change.wanted(setting.fact);
    if (value == "yes") value = "true";
    if (value == "no") value = "false";
    if (value.empty()) value = setting.usual;
    change.run(head + " set (" + setting.name + " = " + (value == "none" ? value : pg::quote_literal(value)) +
               ");");
  }
  if (change.take("two phase"))
    change.give_up("two_phase is decided when a subscription is made; drop it and make it anew");
}

}  // namespace

const std::vector<Kind>& publication_kinds() {
  static const std::vector<Kind> kinds{
      {"publication", phase_publication, create_publication, nullptr, alter_publication},
      {"publication table", phase_publication, create_table_member, drop_table_member, nullptr},
      {"publication schema", phase_publication, create_schema_member, drop_schema_member, nullptr},
      // How to reach the other side is for superusers' eyes alone, so that there is no way to make it.
      {"subscription", phase_publication, nullptr, drop_subscription, alter_subscription}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
