#include "base/text.h"
#include "catalog/mend/kind.h"
#include "catalog/mend/names.h"
#include "catalog/mend/options.h"

namespace dbtool::catalog::mending {
namespace {

std::string query(const Object& view) {
  std::string_view text = trim(view.facts.text("definition"));
  if (text.ends_with(';')) text.remove_suffix(1);
  return std::string(text);
}

std::string view(const Object& object, const std::string& create) {
  std::string sql = create + " view " + object.identity;
  if (const std::string_view options = object.facts.text("options"); !options.empty())
    sql += " with (" + storage_options(options) + ")";
  return sql + " as\n" + query(object) + ";";
}

std::string create_view(const Object& object, Context&) {
  return view(object, "create");
}

/// `create or replace view` takes more columns at the end, and no other change of them.
bool has_more_columns_at_most(const Alteration& change) {
  const std::vector<std::string> found = split_list(change.found("columns"));
  std::vector<std::string> wanted = split_list(change.wanted("columns"));
  if (wanted.size() < found.size()) return false;
  wanted.resize(found.size());
  return !found.empty() && wanted == found;
}

void alter_view(Alteration& change) {
  if (change.take("definition")) {
    if (!has_more_columns_at_most(change)) return change.remake();
    change.take("options");
    change.run(view(change.expected, "create or replace"));
  }
  if (change.take("options"))
    change.run(change_storage_options("alter view " + change.expected.identity, change.found("options"),
                                      change.wanted("options")));
}

std::string create_materialized_view(const Object& object, Context&) {
  const Facts& facts = object.facts;
  std::string sql = "create materialized view " + object.identity;
  if (facts.contains("access method")) sql += " using " + facts.at("access method");
  std::vector<std::string> options;
  if (facts.contains("options")) options.push_back(storage_options(facts.at("options")));
  if (facts.contains("toast options"))
    options.push_back(storage_options(facts.at("toast options"), "toast."));
  if (!options.empty()) sql += " with (" + join(options, ", ") + ")";
  if (facts.contains("tablespace")) sql += " tablespace " + facts.at("tablespace");
  return sql + " as\n" + query(object) + "\nwith " + (facts.contains("populated") ? "no data;" : "data;");
}

void alter_materialized_view(Alteration& change) {
  const std::string head = "alter materialized view " + change.expected.identity;
  if (change.differs("definition")) {
    change.warn("fills it anew, and nobody can read it meanwhile");
    return change.remake();
  }
  if (change.take("access method")) {
    const std::string wanted = change.wanted("access method");
    if (!change.context.from(15)) return change.remake();
    change.run(head + " set access method " + (wanted.empty() ? "heap" : wanted) + ";");
  }
  if (change.take("options"))
    change.run(change_storage_options(head, change.found("options"), change.wanted("options")));
  if (change.take("toast options"))
    change.run(change_storage_options(head, change.found("toast options"), change.wanted("toast options"),
                                      "toast."));
  if (change.take("tablespace")) {
    const std::string wanted = change.wanted("tablespace");
    change.run(head + " set tablespace " + (wanted.empty() ? "pg_default" : wanted) + ";");
    change.warn("copies the whole view, and nobody can read it meanwhile");
  }
  if (change.take("populated")) {
    const bool fills = change.wanted("populated").empty();
    change.run("refresh materialized view " + change.expected.identity + (fills ? ";" : " with no data;"));
    change.warn(fills ? "nobody can read it meanwhile" : "nobody can read it until it is filled");
  }
}

}  // namespace

const std::vector<Kind>& view_kinds() {
  static const std::vector<Kind> kinds{
      {"view", phase_view, create_view, nullptr, alter_view},
      {"materialized view", phase_view, create_materialized_view, nullptr, alter_materialized_view}};
  return kinds;
}

}  // namespace dbtool::catalog::mending
