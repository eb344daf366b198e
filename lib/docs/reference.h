#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docs/text.h"
#include "model/project.h"
#include "sql/parse.h"

/// Reference pages of a project: what its files say, as plain values, and as Markdown and HTML. What is not
/// known is empty, and is then not shown.
namespace dbtool::docs {

struct ColumnEntry {
  std::string name;
  std::string type;
  bool not_null = false;
  std::string
      value;  ///< "default now()", "generated always as …", "identity"; as written, or as the server says
  std::string comment;  ///< of the database
  int since = 0;        ///< version that added it; 0: not known
};

struct IndexEntry {
  std::string name;
  std::vector<std::string> columns;
  bool unique = false;
  std::string definition;  ///< the whole statement, where columns do not tell all
  int since = 0;
};

struct ConstraintEntry {
  std::string name;
  std::string definition;  ///< "primary key (task_id)"
  int since = 0;
};

struct ForeignKey {
  std::string name;
  std::string table;
  std::vector<std::string> columns;
  std::string referenced;
  std::vector<std::string> referenced_columns;  ///< empty: its primary key

  bool operator==(const ForeignKey&) const = default;
};

struct TableEntry {
  std::string name;
  std::string comment;  ///< of the database
  std::vector<ColumnEntry> columns;
  std::vector<std::string> primary_key;
  std::vector<IndexEntry> indexes;
  std::vector<ConstraintEntry> constraints;  ///< all but foreign keys
  std::vector<ForeignKey> foreign_keys;
  std::vector<ForeignKey> referenced_by;
  std::vector<std::string> partitions;
  std::vector<std::string> readers;     ///< services that may read it, and not write
  std::vector<std::string> writers;     ///< services that may write it, and so read
  std::vector<std::string> read_by;     ///< functions with a statement that reads it, and none that writes
  std::vector<std::string> written_by;  ///< functions with a statement that writes it
  int made_in = 0;                      ///< version; 0: the scripts do not say
  int changed_in = 0;             ///< version that changed its definition last; 0: none since it was made
  std::optional<TableSize> size;  ///< of schema/sizes.yml
};

struct FunctionEntry {
  std::string name;
  std::string service;  ///< empty: not said
  std::optional<MethodMode> mode;
  std::string description;
  std::string args;                      ///< as written
  std::string returns;                   ///< as written
  std::vector<sql::Argument> arguments;  ///< empty also when they could not be parsed
  std::string body;
  int since = 0;  ///< version that defined it first
  std::vector<int> redefined_in;
  int deprecated_in = 0;    ///< version; 0: is not
  std::string last_caller;  ///< the newest release that may still call a deprecated function; empty: none
  std::optional<int> works_until;  ///< the last major release that must keep a deprecated function
  std::vector<std::string> reads;  ///< tables that its statements name
  std::vector<std::string> writes;
};

enum class ChangeKind {
  table_made,
  table_altered,
  table_dropped,
  index,
  rows,   ///< writes rows of a table that was there
  other,  ///< types, views, and what else has a name of its own
};

/// Something that a version's script does, by its parse tree.
struct Change {
  ChangeKind kind{};
  std::string table;  ///< empty: of none
  Phrase what;        ///< "adds column `note` (text)"

  bool operator==(const Change&) const = default;
};

struct VersionEntry {
  int number = 0;
  std::string file;
  std::string description;
  std::string kind;      ///< "methods only", "quick", "slow", "online", "statements", "script"
  std::string estimate;  ///< "4 min 40 s – 15 h 33 min"; empty: nothing to go by
  std::string loses;
  std::string release;  ///< the first that needs it; empty: none so far
  std::vector<Change> changes;
  std::vector<std::string> defined;
  std::vector<std::string> redefined;
  std::vector<std::string> deprecated;
  int not_parsed = 0;  ///< statements that the parser does not know, of which nothing is said
};

struct ReleaseEntry {
  std::string name;
  int version = 0;    ///< that it needs
  int last = 0;       ///< the last database version that it may run on
  bool open = false;  ///< `last` is the newest version, and a later one may do as well
};

struct Reference {
  std::string name;  ///< of the environment; empty: none given
  int newest = 0;
  int release_support = 0;
  bool live = false;                     ///< facts of a database were added
  std::vector<TableEntry> tables;        ///< by name
  std::vector<FunctionEntry> functions;  ///< by service and name
  std::vector<VersionEntry> versions;    ///< ascending
  std::vector<ReleaseEntry> releases;    ///< in the file's order
  std::vector<std::string> services;  ///< of functions and access, by name; "" last, when a function has none

  /// nullptr: no such table.
  const TableEntry* table(const std::string& table_name) const;
  const FunctionEntry* function(const std::string& function_name) const;
  std::vector<const FunctionEntry*> functions_of(const std::string& service) const;
  std::vector<ForeignKey> foreign_keys() const;
};

/// What a project's files say, without a database.
Reference read_reference(const Project& project);

}  // namespace dbtool::docs
