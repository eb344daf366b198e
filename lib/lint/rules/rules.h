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

// -- clients that go on with what they know
Rule drop_table_rule();
Rule drop_column_rule();
Rule drop_not_null_rule();
Rule drop_function_rule();
Rule drop_type_rule();
Rule rename_table_rule();
Rule rename_column_rule();
Rule rename_function_rule();
Rule rename_schema_rule();
Rule rename_enum_value_rule();
Rule truncate_rule();
Rule drop_cascade_rule();
Rule enum_value_in_transaction_rule();
Rule change_type_in_use_rule();
Rule drop_key_rule();

// -- types
Rule char_type_rule();
Rule timestamp_type_rule();
Rule json_type_rule();
Rule varchar_type_rule();
Rule money_type_rule();
Rule serial_type_rule();
Rule integer_key_rule();
Rule domain_constraint_rule();
Rule enum_value_order_rule();

// -- keys and indexes
Rule table_without_key_rule();
Rule wide_index_rule();
Rule duplicate_index_rule();
Rule foreign_key_index_rule();
Rule nullable_key_rule();

// -- names
Rule identifier_length_rule();
Rule derived_name_rule();
Rule quoted_name_rule();

// -- rights
Rule grant_public_rule();
Rule grant_option_rule();
Rule grant_other_role_rule();
Rule grant_undeclared_rule();
Rule grant_missing_rule();

// -- the way back
Rule downgrade_leaves_rule();
Rule downgrade_lacks_rule();
Rule downgrade_columns_rule();

// -- functions
Rule argument_naming_rule();
Rule argument_shadows_column_rule();
Rule read_method_writes_rule();
Rule security_definer_rule();
Rule wrong_volatility_rule();
Rule volatile_index_rule();
Rule dynamic_sql_rule();
Rule duplicate_assignment_rule();
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
