#include "docs/change.h"

#include <utility>

#include "base/text.h"

namespace dbtool::docs {

using sql::Action;
using sql::ActionKind;

namespace {

/// `verb` code(`name`) `rest`.
Phrase phrase(const std::string& verb, std::string_view name, const std::string& rest = "") {
  Phrase out{plain(verb + " "), code(name)};
  if (!rest.empty()) out.push_back(plain(rest));
  return out;
}

Phrase renames(const std::string& verb, const std::string& from, const std::string& to) {
  return {plain(verb + " "), code(from), plain(" to "), code(to)};
}

std::string shown_type(const sql::Column& column) {
  std::string text = column.type;
  if (column.not_null || column.primary_key) text += " not null";
  if (const std::string value = value_of(column); !value.empty()) text += " " + value;
  return text;
}

Phrase adds_constraint(const sql::Constraint& constraint) {
  Phrase out{plain("adds ")};
  if (!constraint.name.empty()) {
    out.push_back(plain("constraint "));
    out.push_back(code(constraint.name));
    out.push_back(plain(": "));
  }
  out.push_back(code(constraint.text));
  if (constraint.not_valid) out.push_back(plain(", not valid yet"));
  return out;
}

/// What an action on a table's definition does; empty for those that are not told.
Phrase altered(const Action& action) {
  switch (action.kind) {
    case ActionKind::add_column:
      if (!action.column) return {};
      return {plain("adds column "), code(action.column->name), plain(" "), code(shown_type(*action.column))};
    case ActionKind::drop_column:
      return phrase("drops column", action.name);
    case ActionKind::rename_column:
      return renames("renames column", action.name, action.new_name);
    case ActionKind::alter_column_type:
      return {plain("column "), code(action.name), plain(" becomes "), code(action.type)};
    case ActionKind::set_default:
      return {plain("column "), code(action.name), plain(" gets default "), code(action.expression)};
    case ActionKind::drop_default:
      return phrase("column", action.name, " loses its default");
    case ActionKind::set_not_null:
      return phrase("column", action.name, " becomes not null");
    case ActionKind::drop_not_null:
      return phrase("column", action.name, " may be null");
    case ActionKind::add_identity:
      return phrase("column", action.name, " becomes an identity");
    case ActionKind::add_constraint:
      return action.constraint ? adds_constraint(*action.constraint) : Phrase{};
    case ActionKind::validate_constraint:
      return phrase("validates constraint", action.name);
    case ActionKind::drop_constraint:
      return phrase("drops constraint", action.name);
    case ActionKind::rename_constraint:
      return renames("renames constraint", action.name, action.new_name);
    case ActionKind::attach_partition:
      return phrase("gets partition", action.other.key());
    case ActionKind::detach_partition:
      return phrase("loses partition", action.other.key());
    case ActionKind::rename_table:
      return phrase("is renamed to", action.new_name);
    case ActionKind::set_schema:
      return phrase("moves to schema", action.new_name);
    case ActionKind::create_trigger:
      return phrase("gets trigger", action.name);
    case ActionKind::drop_trigger:
      return phrase("loses trigger", action.name);
    case ActionKind::row_security:
      return {plain("row security changes")};
    case ActionKind::create_policy:
      return {plain("policies change")};
    default:
      return {};
  }
}

std::optional<Change> of_index(const Action& action, const lint::Schema& before) {
  if (action.kind == ActionKind::create_index) {
    const std::string kind = action.unique ? "makes unique index" : "makes index";
    Phrase what = action.name.empty() ? Phrase{plain(kind)} : phrase(kind, action.name);
    Phrase columns;
    for (const std::string& column : action.columns) {
      columns.push_back(plain(columns.empty() ? " on " : ", "));
      columns.push_back(column.empty() ? plain("an expression") : code(column));
    }
    what.insert(what.end(), columns.begin(), columns.end());
    if (!action.expression.empty()) what.push_back(plain(", partial"));
    return Change{ChangeKind::index, action.table.key(), std::move(what)};
  }
  const lint::IndexState* index = before.index(action.other);
  // Where nobody knows it and `if exists` stands there, nothing can be claimed.
  if (index == nullptr && action.if_exists) return std::nullopt;
  const std::string table = index == nullptr ? "" : index->table.key();
  if (action.kind == ActionKind::drop_index)
    return Change{ChangeKind::index, table, phrase("drops index", action.other.key())};
  return Change{ChangeKind::index, table, renames("renames index", action.other.key(), action.new_name)};
}

std::optional<Change> of_rows(const Action& action, const lint::Schema& before) {
  // Rows of a table that the same script makes are part of making it.
  if (action.table.empty() || before.is_new(action.table)) return std::nullopt;
  const char* what = action.kind == ActionKind::insert_rows || action.kind == ActionKind::copy_rows
                         ? "adds rows"
                     : action.kind == ActionKind::update_rows ? "changes rows"
                     : action.kind == ActionKind::merge_rows  ? "adds or changes rows"
                     : action.kind == ActionKind::truncate    ? "empties it"
                                                              : "deletes rows";
  return Change{ChangeKind::rows, action.table.key(), {plain(what)}};
}

std::optional<Change> of_other(const Action& action) {
  const std::string name = action.other.key();
  switch (action.kind) {
    case ActionKind::create_view:
      return Change{ChangeKind::other, "",
                    phrase("makes " + (action.type.empty() ? "view" : action.type), action.table.key())};
    case ActionKind::create_type:
      return Change{ChangeKind::other, "",
                    phrase("makes " + action.type + (action.type == "domain" ? "" : " type"), name)};
    case ActionKind::add_enum_value:
      return Change{
          ChangeKind::other, "", {plain("type "), code(name), plain(" gets value "), code(action.new_name)}};
    case ActionKind::rename_enum_value:
      return Change{ChangeKind::other,
                    "",
                    {plain("type "), code(name), plain(": value "), code(action.name), plain(" becomes "),
                     code(action.new_name)}};
    case ActionKind::create_sequence:
      return Change{ChangeKind::other, "", phrase("makes sequence", name)};
    case ActionKind::create_extension:
      return Change{ChangeKind::other, "", phrase("makes extension", name)};
    case ActionKind::create_schema:
      return Change{ChangeKind::other, "", phrase("makes schema", name)};
    case ActionKind::drop_object:
      if (action.type == "function" || action.type == "procedure" || name.empty()) return std::nullopt;
      return Change{ChangeKind::other, "", phrase("drops " + action.type, name)};
    default:
      return std::nullopt;
  }
}

}  // namespace

bool alters_table(ActionKind kind) {
  switch (kind) {
    case ActionKind::column_setting:
    case ActionKind::set_persistence:
    case ActionKind::set_access_method:
    case ActionKind::table_setting:
    case ActionKind::toggle_trigger:
    case ActionKind::inherit:
    case ActionKind::row_security:
    case ActionKind::create_policy:
      return true;
    default:
      break;
  }
  Action probe;
  probe.kind = kind;
  probe.column.emplace();
  probe.constraint.emplace();
  return !altered(probe).empty();
}

std::string value_of(const sql::Column& column) {
  if (!column.generated.empty()) return "generated always as (" + column.generated + ") stored";
  if (column.identity) return "identity";
  if (column.serial) return "default: the next of a sequence";
  return column.default_text.empty() ? "" : "default " + column.default_text;
}

std::optional<Change> describe(const Action& action, const lint::Schema& before) {
  if (action.temporary || before.is_temporary(action.table)) return std::nullopt;
  const std::string table = action.table.key();
  switch (action.kind) {
    case ActionKind::create_table:
    case ActionKind::create_table_as:
      if (table.empty()) return std::nullopt;
      if (action.type == "partition")
        return Change{ChangeKind::table_made, table, phrase("partition of", action.parent.key())};
      return Change{ChangeKind::table_made, table, {}};
    case ActionKind::drop_table:
      // `if exists` of a table that no script has made, or that one has dropped before, says nothing.
      if (action.if_exists && before.table(action.table) == nullptr) return std::nullopt;
      return Change{ChangeKind::table_dropped, table, {}};
    case ActionKind::create_index:
    case ActionKind::drop_index:
    case ActionKind::rename_index:
      return of_index(action, before);
    case ActionKind::insert_rows:
    case ActionKind::update_rows:
    case ActionKind::delete_rows:
    case ActionKind::merge_rows:
    case ActionKind::copy_rows:
    case ActionKind::truncate:
      return of_rows(action, before);
    default:
      break;
  }
  if (Phrase what = altered(action); !what.empty() && !table.empty())
    return Change{ChangeKind::table_altered, table, std::move(what)};
  return of_other(action);
}

}  // namespace dbtool::docs
