#pragma once

#include <string>
#include <string_view>

namespace dbtool::lint {

/// A data statement's text cut where its outermost clauses begin, without blanks at the ends.
struct Clauses {
  std::string head{};       ///< up to `where`, or to what follows it
  std::string where{};      ///< the condition alone; empty: none
  std::string returning{};  ///< `returning …`
  std::string conflict{};   ///< `on conflict …`
  std::string order{};      ///< `order by …`, `for update …` and the like, before those
};

Clauses cut_clauses(std::string_view statement);

/// Every line moved to the right by so many columns, ending with a line feed; indentation common to all but
/// the first is taken away before.
std::string moved_right(std::string_view text, std::size_t columns);

}  // namespace dbtool::lint
