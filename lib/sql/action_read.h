#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "sql/action.h"

namespace dbtool::sql {

using Actions = std::vector<Action>;

Action action_of(ActionKind kind);

/// One on the table that a RangeVar node names.
Action on_table(ActionKind kind, const nlohmann::json& relation);

/// Whether the list of options of that name in a node has such an option.

/// Every table named below a node, in any depth.
void collect_tables(const nlohmann::json& node, std::vector<ObjectName>& tables);

// Each of the others reads a node of the parser's tree; `text` is the statement that it was read from.

// action_table.cpp: tables and views as wholes, names, drops
Actions read_create_table(const nlohmann::json& node, std::string_view text);
Action read_into(const nlohmann::json& into);
Actions read_create_table_as(const nlohmann::json& node, std::string_view);
Actions read_view(const nlohmann::json& node, std::string_view);
Actions read_rename(const nlohmann::json& node, std::string_view);
Actions read_drop(const nlohmann::json& node, std::string_view);
Actions read_set_schema(const nlohmann::json& node, std::string_view);

// action_index.cpp: indexes, triggers, and work on whole tables
Actions read_create_index(const nlohmann::json& node, std::string_view text);
Actions read_create_trigger(const nlohmann::json& node, std::string_view);
Actions read_reindex(const nlohmann::json& node, std::string_view);
Actions read_vacuum(const nlohmann::json& node, std::string_view);
Actions read_relations(ActionKind kind, const nlohmann::json& node);

// action_data.cpp: rows
Actions read_data(ActionKind kind, const nlohmann::json& node, std::string_view text);
Actions read_select(const nlohmann::json& node, std::string_view text);
Actions read_copy(const nlohmann::json& node, std::string_view);

// action_object.cpp: functions, types, rights, sequences, schemas, transactions
Actions read_create_function(const nlohmann::json& node, std::string_view);
Actions read_enum(const nlohmann::json& node, std::string_view);
Actions read_create_type(const nlohmann::json& node, std::string_view text);
Actions read_alter_domain(const nlohmann::json& node, std::string_view text);
Actions read_grant(const nlohmann::json& node, std::string_view);
Actions read_grant_role(const nlohmann::json& node, std::string_view);
Actions read_default_privileges(const nlohmann::json& node, std::string_view text);
Actions read_sequence(const nlohmann::json& node, std::string_view text);
Actions read_create_schema(const nlohmann::json& node, std::string_view);
Actions read_transaction(const nlohmann::json& node, std::string_view text);

}  // namespace dbtool::sql
