#pragma once

#include <array>
#include <string_view>

namespace dbtool {

/// The kinds of objects that findings of `check` are about, by which a rule of `ignore` may name them, in the
/// order of their names.
inline constexpr std::array<std::string_view, 48> object_kinds{"access method",
                                                               "aggregate",
                                                               "base type",
                                                               "cast",
                                                               "collation",
                                                               "column",
                                                               "composite type",
                                                               "constraint",
                                                               "conversion",
                                                               "default privileges",
                                                               "domain",
                                                               "domain constraint",
                                                               "enum",
                                                               "event trigger",
                                                               "extension",
                                                               "foreign data wrapper",
                                                               "foreign table",
                                                               "function",
                                                               "grant",
                                                               "index",
                                                               "language",
                                                               "materialized view",
                                                               "operator",
                                                               "operator class",
                                                               "operator family",
                                                               "policy",
                                                               "procedure",
                                                               "publication",
                                                               "publication schema",
                                                               "publication table",
                                                               "range type",
                                                               "rule",
                                                               "schema",
                                                               "security label",
                                                               "sequence",
                                                               "server",
                                                               "statistics",
                                                               "subscription",
                                                               "table",
                                                               "text search configuration",
                                                               "text search dictionary",
                                                               "text search parser",
                                                               "text search template",
                                                               "transform",
                                                               "trigger",
                                                               "user",
                                                               "user mapping",
                                                               "view"};

}  // namespace dbtool
