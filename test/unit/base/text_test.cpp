#include "base/text.h"

#include <array>

#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("Trimming takes white space at both ends", "[base]") {
  CHECK(trim("  a b\r\n") == "a b");
  CHECK(trim(" \t\n").empty());
  CHECK(trim("").empty());
}

TEST_CASE("Lines end with LF or CRLF", "[base]") {
  CHECK(split_lines("a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split_lines("a\n") == std::vector<std::string_view>{"a"});
  CHECK(split_lines("").empty());
}

TEST_CASE("Malformed UTF-8 is found where it begins", "[base]") {
  CHECK(is_utf8("plain, créé, 日本, 😀"));
  CHECK(find_invalid_utf8("ab\xff") == 2);
  CHECK(find_invalid_utf8("a\xc3") == 1);
  CHECK(find_invalid_utf8("\xc0\xaf") == 0);          // overlong
  CHECK(find_invalid_utf8("\xe0\x80\x80") == 0);      // overlong
  CHECK(find_invalid_utf8("\xed\xa0\x80") == 0);      // surrogate
  CHECK(find_invalid_utf8("\xf4\x90\x80\x80") == 0);  // beyond U+10FFFF
  CHECK(find_invalid_utf8("\x80") == 0);
  CHECK(count_characters("créé") == 4);
}

TEST_CASE("A mistyped word finds its neighbour", "[base]") {
  constexpr std::array<std::string_view, 4> keys{"version", "description", "migrationScript", "methods"};
  CHECK(nearest_word("verison", keys) == "version");
  CHECK(nearest_word("migration_script", keys) == "migrationScript");
  CHECK(nearest_word("desc", keys) == "description");
  CHECK(nearest_word("METHODS", keys) == "methods");
  CHECK_FALSE(nearest_word("colour", keys));
  CHECK_FALSE(nearest_word("x", keys));
  CHECK_FALSE(nearest_word("", keys));
  CHECK_FALSE(nearest_word(std::string(10000, 'v'), keys));
}

TEST_CASE("An edit is an insertion, a deletion, a replacement or a swap", "[base]") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("abc", "acb") == 1);
  CHECK(edit_distance("abc", "ABD") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}
