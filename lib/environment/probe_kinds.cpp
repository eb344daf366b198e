#include "environment/probe_kinds.h"

namespace dbtool::environment {

using sql::ActionKind;

// lint/effect.cpp has a list that looks like this one, and answers another question: what a statement is
// known to lock and work on, in a schema that the files tell. A kind that it does not know is no finding;
// here it takes time.
bool is_quick(const sql::Action& action) {
  switch (action.kind) {
    case ActionKind::drop_table:
    case ActionKind::rename_table:
    case ActionKind::drop_column:
    case ActionKind::rename_column:
    case ActionKind::set_default:
    case ActionKind::drop_default:
    case ActionKind::drop_not_null:
    case ActionKind::column_setting:
    case ActionKind::drop_constraint:
    case ActionKind::rename_constraint:
    case ActionKind::set_schema:
    case ActionKind::table_setting:
    case ActionKind::row_security:
    case ActionKind::change_owner:
    case ActionKind::create_trigger:
    case ActionKind::drop_trigger:
    case ActionKind::toggle_trigger:
    case ActionKind::create_rule:
    case ActionKind::create_policy:
    case ActionKind::drop_index:
    case ActionKind::rename_index:
    case ActionKind::truncate:
    case ActionKind::lock_table:
    case ActionKind::create_view:
    case ActionKind::drop_object:
    case ActionKind::add_enum_value:
    case ActionKind::rename_enum_value:
    case ActionKind::rename_object:
    case ActionKind::grant:
    case ActionKind::comment:
      return true;
    case ActionKind::add_column:
      return action.column && (action.column->default_volatility == sql::Volatility::none ||
                               action.column->default_volatility == sql::Volatility::constant);
    case ActionKind::add_constraint:
      return action.constraint && (action.constraint->not_valid || !action.constraint->using_index.empty());
    default:
      return false;
  }
}

bool is_index_build(const sql::Action& action) {
  if (action.kind == ActionKind::create_index || action.kind == ActionKind::reindex) return true;
  return action.kind == ActionKind::add_constraint && action.constraint &&
         (action.constraint->kind == sql::ConstraintKind::unique ||
          action.constraint->kind == sql::ConstraintKind::primary_key) &&
         action.constraint->using_index.empty();
}

bool is_tried(const sql::Action& action) {
  switch (action.kind) {
    case ActionKind::select_rows:
    case ActionKind::insert_rows:
    case ActionKind::update_rows:
    case ActionKind::delete_rows:
    case ActionKind::merge_rows:
    case ActionKind::create_table:
    case ActionKind::create_table_as:
    case ActionKind::create_index:
    case ActionKind::create_function:
    case ActionKind::create_type:
    case ActionKind::create_schema:
      return true;
    case ActionKind::create_sequence:
      return action.type != "alter";
    default:
      return false;
  }
}

bool is_of_table(const sql::Action& action) {
  return action.kind != ActionKind::copy_rows && action.kind != ActionKind::vacuum &&
         action.kind != ActionKind::analyze && action.kind != ActionKind::cluster && !action.table.empty();
}

}  // namespace dbtool::environment
