#include <algorithm>
#include <vector>

#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

std::vector<Rule> make_rules() {
  std::vector<Rule> rules = {
      add_check_rule(),
      add_column_constraint_rule(),
      add_column_default_rule(),
      add_column_generated_rule(),
      add_column_not_null_rule(),
      add_column_serial_rule(),
      add_exclusion_rule(),
      add_foreign_key_rule(),
      add_primary_key_rule(),
      add_unique_rule(),
      alter_column_type_rule(),
      attach_partition_rule(),
      concurrently_in_transaction_rule(),
      create_index_rule(),
      create_partition_rule(),
      detach_partition_rule(),
      drop_index_rule(),
      lock_order_rule(),
      lock_table_rule(),
      many_locks_rule(),
      move_table_rule(),
      own_transaction_rule(),
      refresh_view_rule(),
      reindex_rule(),
      set_not_null_rule(),
      set_persistence_rule(),
      trigger_lock_rule(),
      vacuum_full_rule(),
      validate_constraint_rule(),
      drop_table_rule(),
      drop_column_rule(),
      drop_not_null_rule(),
      drop_function_rule(),
      drop_type_rule(),
      rename_table_rule(),
      rename_column_rule(),
      rename_function_rule(),
      rename_schema_rule(),
      rename_enum_value_rule(),
      truncate_rule(),
      drop_cascade_rule(),
      enum_value_in_transaction_rule(),
      change_type_in_use_rule(),
      drop_key_rule(),
      char_type_rule(),
      timestamp_type_rule(),
      json_type_rule(),
      varchar_type_rule(),
      money_type_rule(),
      serial_type_rule(),
      integer_key_rule(),
      domain_constraint_rule(),
      enum_value_order_rule(),
      table_without_key_rule(),
      wide_index_rule(),
      duplicate_index_rule(),
      foreign_key_index_rule(),
      nullable_key_rule(),
      identifier_length_rule(),
      derived_name_rule(),
      quoted_name_rule(),
      grant_public_rule(),
      grant_option_rule(),
      grant_other_role_rule(),
      grant_undeclared_rule(),
      grant_missing_rule(),
      downgrade_leaves_rule(),
      downgrade_lacks_rule(),
      downgrade_columns_rule(),
      argument_naming_rule(),
      argument_shadows_column_rule(),
      read_method_writes_rule(),
      security_definer_rule(),
      wrong_volatility_rule(),
      volatile_index_rule(),
      dynamic_sql_rule(),
      duplicate_assignment_rule(),
      // rows, and online migrations
      online_batch_not_limited_rule(),
      online_batch_not_repeatable_rule(),
      online_batch_scans_rule(),
      online_complete_rule(),
      online_complete_scans_rule(),
      online_function_rule(),
      online_key_rule(),
      online_range_rule(),
      online_source_not_locked_rule(),
      online_state_key_rule(),
      online_state_not_advanced_rule(),
      online_state_null_rule(),
      online_without_verify_rule(),
      row_by_row_rule(),
      rows_not_online_rule(),
  };
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.name < b.name; });
  return rules;
}

}  // namespace

std::span<const Rule> all_rules() {
  static const std::vector<Rule> rules = make_rules();
  return rules;
}

const Rule* find_rule(std::string_view name) {
  for (const Rule& rule : all_rules()) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

}  // namespace dbtool::lint
