#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"

namespace dbtool::catalog::mending {
namespace {

/// `enable`, `disable`, `enable replica`, `enable always`.
std::string enabling(std::string_view enabled) {
  if (enabled == "disabled") return "disable";
  return enabled.empty() ? "enable" : "enable " + std::string(enabled);
}

std::string enable(const Object& object, std::string_view enabled) {
  return "alter " + std::string(whole(object)) + " " + enabling(enabled) + " " + object.kind + " " +
         std::string(own_name(object)) + ";";
}

/// A trigger of a partition that its table's made; it is told only when it is on or off on its own.
bool is_cloned(const Object& trigger) {
  return trigger.part_of.size() > 1;
}

std::string create_defined(const Object& object, Context&) {
  std::string definition = object.facts.at("definition");
  if (!definition.ends_with(';')) definition += ";";
  const std::string_view enabled = object.facts.text("enabled");
  return enabled.empty() ? definition : definition + "\n" + enable(object, enabled);
}

std::string create_trigger(const Object& trigger, Context& context) {
  if (is_cloned(trigger)) return enable(trigger, trigger.facts.text("enabled"));
  return create_defined(trigger, context);
}

std::string drop_trigger(const Object& trigger, Context& context) {
  if (!is_cloned(trigger)) return "drop " + noun(trigger) + ";";
  const Object* parent = context.expected(trigger.part_of[1]);
  return enable(trigger, parent == nullptr ? "" : parent->facts.text("enabled"));
}

void alter_enabled(Alteration& change) {
  if (change.differs("definition")) return change.remake();
  if (change.take("enabled")) change.run(enable(change.expected, change.wanted("enabled")));
}

std::string roles(const Object& policy, const Context& context) {
  std::vector<std::string> list = split_list(policy.facts.text("roles"));
  for (std::string& role : list) role = context.role(role);
  return list.empty() ? "public" : join(list, ", ");
}

std::string create_policy(const Object& policy, Context& context) {
  const Facts& facts = policy.facts;
  std::string sql = "create " + noun(policy);
  if (facts.contains("restrictive")) sql += " as restrictive";
  if (facts.contains("command")) sql += " for " + facts.at("command");
  sql += " to " + roles(policy, context);
  if (facts.contains("using")) sql += " using (" + facts.at("using") + ")";
  if (facts.contains("check")) sql += " with check (" + facts.at("check") + ")";
  return sql + ";";
}

void alter_policy(Alteration& change) {
  const Facts& facts = change.expected.facts;
  const bool loses_one = (change.differs("using") && !facts.contains("using")) ||
                         (change.differs("check") && !facts.contains("check"));
  if (change.differs("command") || change.differs("restrictive") || loses_one) return change.remake();
  std::string sql = "alter " + noun(change.expected);
  if (change.rest().empty()) return;
  if (change.take("roles")) sql += " to " + roles(change.expected, change.context);
  if (change.take("using")) sql += " using (" + facts.at("using") + ")";
  if (change.take("check")) sql += " with check (" + facts.at("check") + ")";
  change.run(sql + ";");
}

std::string enable_event(const Object& trigger, std::string_view enabled) {
  return "alter " + noun(trigger) + " " + enabling(enabled) + ";";
}

std::string create_event_trigger(const Object& trigger, Context&) {
  const Facts& facts = trigger.facts;
  std::string sql = "create " + noun(trigger) + " on " + facts.at("event");
  if (facts.contains("tags")) sql += " when tag in (" + facts.at("tags") + ")";
  sql += " execute function " + facts.at("function") + "();";
  const std::string_view enabled = facts.text("enabled");
  return enabled.empty() ? sql : sql + "\n" + enable_event(trigger, enabled);
}

void alter_event_trigger(Alteration& change) {
  if (change.differs("event") || change.differs("tags") || change.differs("function")) return change.remake();
  if (change.take("enabled")) change.run(enable_event(change.expected, change.wanted("enabled")));
}

}  // namespace

const std::vector<Kind>& trigger_kinds() {
  static const std::vector<Kind> kinds{
      {"trigger", phase_trigger, create_trigger, drop_trigger, alter_enabled},
      {"rule", phase_trigger, create_defined, nullptr, alter_enabled},
      {"policy", phase_trigger, create_policy, nullptr, alter_policy},
      // Last of all, so that it does not fire on the rest, and first to go.
      {"event trigger", phase_last, create_event_trigger, nullptr, alter_event_trigger}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
