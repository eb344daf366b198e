#include "environment/probe_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sql/token.h"

namespace dbtool::environment {

namespace {

/// Functions that reach out of the database, or whose effect outlives a rollback. A name that ends in `*`
/// stands for all that begin so.
constexpr std::array outliving{"dblink*",
                               "http*",
                               "lo_import",
                               "lo_export",
                               "setval",
                               "pg_advisory_*",
                               "pg_try_advisory_*",
                               "pg_terminate_backend",
                               "pg_cancel_backend",
                               "pg_reload_conf",
                               "pg_rotate_logfile",
                               "pg_switch_wal",
                               "pg_create_*",
                               "pg_drop_replication_slot",
                               "pg_logical_emit_message",
                               "pg_file_*",
                               "pg_stat_reset*",
                               "pg_promote",
                               "pg_export_snapshot",
                               "pg_prewarm"};

/// Words of a function's body with which it may lock what the services need, or change more than the rows
/// that it is probed on.
constexpr std::array unsafe{"truncate", "alter",   "reindex", "cluster", "lock",  "vacuum",  "drop",
                            "create",   "refresh", "attach",  "detach",  "grant", "revoke",  "comment",
                            "insert",   "update",  "delete",  "merge",   "share", "execute", "set_config"};

bool is_outliving(std::string_view name) {
  return std::any_of(outliving.begin(), outliving.end(), [&](std::string_view one) {
    return one.ends_with('*') ? name.starts_with(one.substr(0, one.size() - 1)) : name == one;
  });
}

std::string outliving_text(const std::string& name) {
  if (name == "setval") return "setval sets a sequence, which no rollback takes back";
  return fmt::format("{} reaches outside of the transaction: no rollback takes that back", name);
}

}  // namespace

std::string FunctionFaults::fault_of(const std::string& name) const {
  std::set<std::string> seen;
  return of_function(name, seen);
}

std::string FunctionFaults::of_body(const std::string& name, const std::string& body,
                                    std::set<std::string>& seen) const {
  const std::vector<sql::Token> tokens = sql::tokenize(body);
  const bool executes = std::any_of(tokens.begin(), tokens.end(), [](const sql::Token& token) {
    return token.is("execute") || token.is("as");  // also the body in `create function … as`
  });
  for (const sql::Token& token : tokens) {
    if (token.kind == sql::TokenKind::string) {
      if (!executes) continue;
      const std::string inner = sql::string_value(body, token);
      if (inner.size() < body.size()) {
        std::string fault = of_body(name, inner, seen);
        if (!fault.empty()) return fault;
      }
      continue;
    }
    if (token.kind != sql::TokenKind::word) continue;
    if (is_outliving(token.lower)) return fmt::format("function {}: {}", name, outliving_text(token.lower));
    if (token.is("program")) return fmt::format("function {} copies to or from a program", name);
    if (std::find(unsafe.begin(), unsafe.end(), token.lower) != unsafe.end())
      return fmt::format("function {} may lock or change more than the probed rows: its body says {}", name,
                         token.lower);
    std::string fault = of_function(token.lower, seen);
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string FunctionFaults::of_function(const std::string& name, std::set<std::string>& seen) const {
  if (is_outliving(name)) return outliving_text(name);
  const auto [first, last] = functions_.equal_range(name);
  if (first == last || !seen.insert(name).second) return {};
  for (auto function = first; function != last; ++function) {
    if (!function->second.trusted)
      return fmt::format("function {} is written in {}, which can reach outside of the database", name,
                         function->second.language);
    std::string fault = of_body(name, function->second.body, seen);
    if (!fault.empty()) return fault;
  }
  return {};
}

}  // namespace dbtool::environment
