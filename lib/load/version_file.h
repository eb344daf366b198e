#pragma once

#include "load/reader.h"
#include "load/side_file.h"
#include "model/version.h"

namespace dbtool::load {

/// Reads one version file; complains about everything in it that breaks a rule, and gives what could be read.
/// `number` is that of the file's name.
Version read_version(const Reader& reader, int number, const SideFiles& side_files);

/// The value of `methods`.
std::vector<Method> read_methods(const Reader& reader, const Entry& entry, const SideFiles& side_files);

/// The value of `online`, into `version`, whose scripts have been read.
void read_online(const Reader& reader, const Entry& entry, const SideFiles& side_files, Version& version);

/// An SQL value that may name a side file.
std::optional<SqlText> read_sql(const Reader& reader, const Entry& entry, const SideFiles& side_files);

/// The first word of SQL, behind white space and comments, in lower case; "<<" before a label, "#" before an
/// option.
std::string first_word(std::string_view sql);
/// Complains of a query that would end the transaction in which it is asked, and commit half a version.
void check_query(const SqlText& query, const std::string& key, Complaints& complaints);

/// Whether the text is a PL/pgSQL block, as far as its first word tells.
bool is_block(std::string_view sql);

}  // namespace dbtool::load
