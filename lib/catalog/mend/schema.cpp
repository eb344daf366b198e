#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

std::string create_schema(const Object& schema, Context&) {
  return "create schema " + schema.identity + ";";
}

std::string create_extension(const Object& extension, Context&) {
  const std::string_view schema = extension.facts.text("schema");
  return "create extension " + extension.identity +
         (schema == "pg_catalog" ? "" : " schema " + std::string(schema)) + " version " +
         pg::quote_literal(extension.facts.text("version")) + ";";
}

/// Numbers in it as numbers: 1.10 comes after 1.9.
bool is_before(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view& text) {
    unsigned long value = 0;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      value = value * 10 + static_cast<unsigned long>(text[0] - '0');
      text.remove_prefix(1);
    }
    if (!text.empty()) text.remove_prefix(1);
    return value;
  };
  while (!a.empty() || !b.empty()) {
    const unsigned long x = number(a);
    const unsigned long y = number(b);
    if (x != y) return x < y;
  }
  return false;
}

void alter_extension(Alteration& change) {
  const std::string& name = change.expected.identity;
  if (change.take("version")) {
    const std::string version = change.wanted("version");
    if (is_before(version, change.found("version"))) {
      change.remake();
      change.loses_data = true;
      change.warn("extensions rarely come with a way back to version " + version +
                  ", so that it is dropped and made anew, which fails while anything uses it, and loses what "
                  "its own tables hold");
      return;
    }
    change.run("alter extension " + name + " update to " + pg::quote_literal(version) + ";");
  }
  if (change.take("schema"))
    change.run("alter extension " + name + " set schema " + change.wanted("schema") + ";");
}

std::string create_access_method(const Object& method, Context&) {
  return "create access method " + method.identity + " type " + std::string(method.facts.text("type")) +
         " handler " + std::string(method.facts.text("handler")) + ";";
}

std::string create_language(const Object& language, Context&) {
  const Facts& facts = language.facts;
  std::string sql = facts.contains("trusted") ? "create trusted language " : "create language ";
  sql += language.identity + " handler " + std::string(facts.text("handler"));
  if (facts.contains("inline")) sql += " inline " + facts.at("inline");
  if (facts.contains("validator")) sql += " validator " + facts.at("validator");
  return sql + ";";
}

/// `provider on type identity`, the type in the words of pg_identify_object.
std::string label(const Object& label, const std::string& text) {
  const std::size_t on = find_outside(label.identity, " on ");
  std::string what = label.identity.substr(on + 4);
  if (what.starts_with("table column ")) what = what.substr(6);
  return "security label for " + label.identity.substr(0, on) + " on " + what + " is " + text + ";";
}

std::string create_label(const Object& object, Context&) {
  return label(object, pg::quote_literal(object.facts.text("label")));
}
std::string drop_label(const Object& object, Context&) {
  return label(object, "null");
}
void alter_label(Alteration& change) {
  if (change.take("label")) change.run(create_label(change.expected, change.context));
}

}  // namespace

const std::vector<Kind>& schema_kinds() {
  static const std::vector<Kind> kinds{
      {"schema", phase_schema, create_schema, nullptr, nullptr},
      {"extension", phase_extension, create_extension, nullptr, alter_extension},
      {"access method", phase_language, create_access_method, nullptr, nullptr},
      {"language", phase_language, create_language, nullptr, nullptr},
      {"security label", phase_grant, create_label, drop_label, alter_label}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
