#pragma once

#include "lint/rule.h"

/// Every rule, one function each, in the file of its name. To add one: its file here, a line below, a line in
/// ../rules.cpp, its cases in test/cases/lint/.
namespace dbtool::lint {

// -- tables and columns: locks, scans, rewrites
Rule add_check_rule();
Rule add_column_constraint_rule();
Rule add_column_default_rule();
Rule add_column_generated_rule();
Rule add_column_not_null_rule();
Rule add_column_serial_rule();
Rule add_exclusion_rule();
Rule add_foreign_key_rule();
Rule add_primary_key_rule();
Rule add_unique_rule();
Rule alter_column_type_rule();
Rule attach_partition_rule();
Rule concurrently_in_transaction_rule();
Rule create_index_rule();
Rule create_partition_rule();
Rule detach_partition_rule();
Rule drop_index_rule();
Rule lock_order_rule();
Rule lock_table_rule();
Rule many_locks_rule();
Rule move_table_rule();
Rule own_transaction_rule();
Rule refresh_view_rule();
Rule reindex_rule();
Rule set_not_null_rule();
Rule set_persistence_rule();
Rule trigger_lock_rule();
Rule vacuum_full_rule();
Rule validate_constraint_rule();

// -- rows, and online migrations
Rule online_batch_not_limited_rule();
Rule online_batch_not_repeatable_rule();
Rule online_batch_scans_rule();
Rule online_complete_rule();
Rule online_complete_scans_rule();
Rule online_function_rule();
Rule online_key_rule();
Rule online_range_rule();
Rule online_source_not_locked_rule();
Rule online_state_key_rule();
Rule online_state_not_advanced_rule();
Rule online_state_null_rule();
Rule online_without_verify_rule();
Rule row_by_row_rule();
Rule rows_not_online_rule();

}  // namespace dbtool::lint
