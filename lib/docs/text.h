#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Names, descriptions and bodies are what anybody wrote into a version file: here they become text that a
/// page shows as it is and never takes for markup.
namespace dbtool::docs {

/// A part of a sentence; code is set in a fixed-width face.
struct Piece {
  std::string text;
  bool code = false;

  bool operator==(const Piece&) const = default;
};

/// A sentence or a few, in pieces.
using Phrase = std::vector<Piece>;

Piece code(std::string_view text);
Piece plain(std::string_view text);

/// A description as people write it: what stands between two backticks is code, line breaks are blanks, an
/// odd backtick is itself.
Phrase phrase_of(std::string_view description);

/// "a, b, c" as code, each by itself.
Phrase code_list(const std::vector<std::string>& names);

/// Text for HTML, between tags or in a quoted attribute. Control characters, which HTML does not allow,
/// become U+FFFD.
std::string html(std::string_view text);
std::string html(const Phrase& phrase);

/// Where a Markdown text stands: in a table's cell a bar ends the cell, even in code.
enum class Where { line, cell };

/// Text for Markdown as GitHub and GitLab read it, on one line, free of markup.
std::string markdown(std::string_view text);
std::string markdown(const Phrase& phrase, Where where = Where::line);
/// `text` as code on one line; "" for an empty text.
std::string markdown_code(std::string_view text, Where where = Where::line);
/// A block of code, in a fence that does not occur in it.
std::string markdown_fence(std::string_view text, std::string_view language);

/// A name as part of a file name or an anchor: lower-case letters, digits, `_`, `-` and inner dots stay,
/// every other byte becomes `=XX`, so that different names differ on any file system. Never empty, at most
/// 120 bytes: a longer one is cut and told apart by its digest.
std::string plain_name(std::string_view name);

/// "function-get_task": the anchor of a thing in a page.
std::string anchor(std::string_view kind, std::string_view name);

/// "1 table", "2 tables".
std::string count(std::size_t number, std::string_view noun);

}  // namespace dbtool::docs
