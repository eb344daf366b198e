#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"
#include "pg/quote.h"

namespace dbtool::catalog::mending {
namespace {

std::string create_wrapper(const Object& wrapper, Context&) {
  const Facts& facts = wrapper.facts;
  std::string sql = "create " + noun(wrapper);
  if (facts.contains("handler")) sql += " handler " + facts.at("handler");
  if (facts.contains("validator")) sql += " validator " + facts.at("validator");
  return sql + foreign_options(facts.text("options")) + ";";
}

void alter_options(Alteration& change) {
  if (change.take("options"))
    change.run("alter " + noun(change.expected) + " " +
               change_foreign_options(change.found("options"), change.wanted("options")) + ";");
}

void alter_wrapper(Alteration& change) {
  const std::string head = "alter " + noun(change.expected);
  for (const std::string fact : {"handler", "validator"}) {
    if (!change.take(fact)) continue;
    const std::string wanted = change.wanted(fact);
    change.run(head + (wanted.empty() ? " no " + fact : " " + fact + " " + wanted) + ";");
  }
  alter_options(change);
}

std::string create_server(const Object& server, Context&) {
  const Facts& facts = server.facts;
  std::string sql = "create server " + server.identity;
  if (facts.contains("type")) sql += " type " + pg::quote_literal(facts.at("type"));
  if (facts.contains("version")) sql += " version " + pg::quote_literal(facts.at("version"));
  return sql + " foreign data wrapper " + facts.at("wrapper") + foreign_options(facts.text("options")) + ";";
}

void alter_server(Alteration& change) {
  if (change.differs("type") || change.differs("wrapper")) return change.remake();
  if (change.take("version")) {
    const std::string version = change.wanted("version");
    change.run("alter " + noun(change.expected) + " version " +
               (version.empty() ? "null" : pg::quote_literal(version)) + ";");
  }
  alter_options(change);
}

/// The role stands first in the identity and may be a placeholder.
std::string mapping(const Object& object, const Context& context) {
  const std::size_t on = find_outside(object.identity, " on ");
  return "user mapping for " + context.role(object.identity.substr(0, on)) + " server " +
         object.identity.substr(on + 4);
}

bool has_secret(std::string_view options) {
  return options.find(" …") != std::string_view::npos;
}

/// Without what is not told to anybody.
std::string without_secrets(std::string_view options) {
  std::string list;
  for (const std::string& item : split_list(options)) {
    if (!has_secret(item)) list += (list.empty() ? "" : ", ") + item;
  }
  return list;
}

constexpr const char* secret_missing =
    "a password is missing, which is told to nobody; add it by `alter user mapping … options (add password "
    "'…')`";

std::string create_mapping(const Object& object, Context& context) {
  const std::string_view options = object.facts.text("options");
  if (has_secret(options)) {
    Step step;
    step.mend.object = key(object);
    step.mend.impossible = secret_missing;
    step.phase = phase_last;
    context.add(std::move(step));
  }
  return "create " + mapping(object, context) + foreign_options(without_secrets(options)) + ";";
}
std::string drop_mapping(const Object& object, Context& context) {
  return "drop " + mapping(object, context) + ";";
}

void alter_mapping(Alteration& change) {
  if (!change.take("options")) return;
  const std::string from = change.found("options");
  const std::string to = change.wanted("options");
  if (without_secrets(from) != without_secrets(to))
    change.run("alter " + mapping(change.expected, change.context) + " " +
               change_foreign_options(without_secrets(from), without_secrets(to)) + ";");
  if (has_secret(to) && !has_secret(from)) change.give_up(secret_missing);
  if (has_secret(from) && !has_secret(to))
    change.run("alter " + mapping(change.expected, change.context) + " options (drop password);");
}

}  // namespace

const std::vector<Kind>& foreign_kinds() {
  static const std::vector<Kind> kinds{
      {"foreign data wrapper", phase_server, create_wrapper, nullptr, alter_wrapper},
      {"server", phase_server, create_server, nullptr, alter_server},
      {"user mapping", phase_server, create_mapping, drop_mapping, alter_mapping}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
