#include <string_view>

#include "base/text.h"
#include "catalog/mend.h"

namespace dbtool::catalog {
namespace {

constexpr std::string_view first_lines =
    R"(-- Statements that mend the differences. Nothing of this was run: read it, then run it with
-- psql -v ON_ERROR_STOP=1, as the role that owns the objects.
set lock_timeout = '5s';
set standard_conforming_strings = on;
set check_function_bodies = off;
-- Every name has its schema, but for those of the server itself.
set search_path = pg_catalog;
)";

void add_comment(std::string_view text, std::string& script) {
  for (const std::string_view line : split_lines(text)) script.append("-- ").append(line).append("\n");
}

bool is_held_back(const Mend& mend, Losses losses) {
  return losses == Losses::commented_out && (mend.loses_data || !mend.waits_for.empty());
}

void add_mend(const Mend& mend, Losses losses, std::string& script) {
  script += "\n";
  add_comment(mend.object, script);
  if (mend.loses_data) add_comment("LOSES DATA.", script);
  if (!mend.waits_for.empty()) add_comment("Only after what is said of " + mend.waits_for + ".", script);
  if (!mend.warning.empty()) add_comment("Careful: " + mend.warning + ".", script);
  if (is_held_back(mend, losses)) {
    add_comment(mend.sql, script);
  } else {
    script.append(mend.sql).append("\n");
  }
}

void add_transaction(const std::vector<Mend>& mends, Losses losses, std::string& script) {
  bool is_open = false;
  for (const Mend& mend : mends) {
    if (mend.part != Mend::Part::transaction || mend.sql.empty()) continue;
    if (!is_open) script += "\nbegin;\n";
    is_open = true;
    add_mend(mend, losses, script);
  }
  if (is_open) script += "\ncommit;\n";
}

void add_single(const std::vector<Mend>& mends, Mend::Part part, Losses losses, std::string& script) {
  bool is_timed = true;
  bool has_begun = false;
  for (const Mend& mend : mends) {
    if (mend.part != part || mend.sql.empty()) continue;
    if (!has_begun) script += "\n-- Each of these for itself, not in a transaction.\n";
    has_begun = true;
    if (mend.concurrently == is_timed) {
      is_timed = !is_timed;
      script += is_timed ? "set lock_timeout = '5s';\n"
                         : "-- Waits for others without keeping anybody from work.\nset lock_timeout = 0;\n";
    }
    add_mend(mend, losses, script);
  }
  if (!is_timed) script += "set lock_timeout = '5s';\n";
}

void add_impossible(const std::vector<Mend>& mends, std::string& script) {
  bool has_begun = false;
  for (const Mend& mend : mends) {
    if (mend.impossible.empty()) continue;
    if (!has_begun) script += "\n-- What no statement here mends:\n";
    has_begun = true;
    add_comment("  " + mend.object + ": " + mend.impossible + ".", script);
  }
}

}  // namespace

std::string to_sql(const std::vector<Mend>& mends, Losses losses) {
  if (mends.empty()) return "";
  std::string script(first_lines);
  add_impossible(mends, script);
  add_single(mends, Mend::Part::first, losses, script);
  add_transaction(mends, losses, script);
  add_single(mends, Mend::Part::after, losses, script);
  return script;
}

}  // namespace dbtool::catalog
