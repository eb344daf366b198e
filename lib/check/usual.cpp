#include "check/usual.h"

namespace dbtool::check {
namespace {

struct Usual {
  std::string_view kind;  ///< "" for all that have no line of their own
  std::string_view fact;
  const char* value;
};

constexpr Usual all_usual[] = {
    {"table", "replica identity", "default"},
    {"table", "access method", "heap"},
    {"table", "tablespace", "the database's"},
    {"table", "row security", "disabled"},
    {"column", "collation", "the type's"},
    {"domain", "collation", "the type's"},
    {"range type", "collation", "the type's"},
    {"policy", "roles", "PUBLIC"},
    {"policy", "command", "all"},
    {"sequence", "type", "bigint"},
    {"sequence", "increment", "1"},
    {"sequence", "cache", "1"},
    {"sequence", "start", "the usual"},
    {"sequence", "minimum", "the usual"},
    {"sequence", "maximum", "the usual"},
    {"materialized view", "access method", "heap"},
    {"materialized view", "tablespace", "the database's"},
    {"conversion", "default", "no"},
    {"operator class", "default", "no"},
    {"cast", "context", "explicit alone"},
    {"publication", "publishes", "insert, update, delete, truncate"},
    {"subscription", "streaming", "off"},
    {"subscription", "synchronous commit", "off"},
    {"subscription", "origin", "any"},
    {"subscription", "password required", "yes"},
    {"base type", "defined", "yes"},
    {"", "not null", "nullable"},
    {"", "enabled", "enabled"},
    {"", "triggers", "enabled"},
    {"", "validated", "yes"},
    {"", "valid", "yes"},
    {"", "deferrable", "no"},
    {"", "clustered", "no"},
    {"", "replica identity", "no"},
    {"", "declared", "inherited alone"},
    {"", "persistence", "logged"},
    {"", "populated", "yes"},
    {"", "volatility", "volatile"},
    {"", "security", "invoker"},
    {"", "strict", "no"},
    {"", "leakproof", "no"},
    {"", "window", "no"},
    {"", "parallel", "unsafe"},
    {"", "cost", "the usual"},
    {"", "rows", "the usual"},
    {"", "storage", "the type's"},
    {"", "compression", "the server's default"},
    {"", "statistics", "the server's default"},
    {"", "statistics target", "the server's default"},
    {"", "deterministic", "yes"},
    {"", "restrictive", "no"},
    {"", "cycle", "no"},
    {"", "all tables", "no"},
    {"", "via root", "no"},
    {"", "hashes", "no"},
    {"", "merges", "no"},
    {"", "trusted", "no"},
    {"", "binary", "no"},
    {"", "two phase", "no"},
    {"", "disable on error", "no"},
    {"", "runs as owner", "no"},
    {"", "failover", "no"},
};

}  // namespace

std::string usual_value(std::string_view kind, std::string_view fact) {
  for (const Usual& usual : all_usual) {
    if (usual.fact == fact && (usual.kind.empty() || usual.kind == kind)) return usual.value;
  }
  return "none";
}

}  // namespace dbtool::check
