#pragma once

#include <span>
#include <string>
#include <vector>

#include "catalog/diff.h"
#include "catalog/renamed.h"
#include "model/object.h"

namespace dbtool::catalog {

/// What mending must be told beyond the differences.
struct MendRequest {
  std::string owner;                 ///< for `$owner$`: the role that owns what names no owner
  std::string user_prefix;           ///< for `$db_user_prefix$_x`
  int server_version = 0;            ///< of the live server, e.g. 150018
  std::span<const Object> expected;  ///< the whole catalog that the differences came from, sorted
  std::span<const Object> live;      ///< as well: what stands on a thing that must be made anew is found here
  std::span<const Renaming>
      renamed{};  ///< what `live` has under the expected names already, and is renamed first
};

/// What an object needs to become what is expected, or one of several such things.
struct Mend {
  /// What may run where. A script runs all of `first`, then the transaction, then all of `after`.
  enum class Part {
    first,        ///< before the transaction, each statement on its own: new labels of enums
    transaction,  ///< all or nothing
    after         ///< after it, each statement on its own: what must not hold locks for long
  };

  std::string object;       ///< "KIND IDENTITY"
  std::string sql;          ///< statements, each with a `;` at its end
  bool loses_data = false;  ///< rows, or values of rows, are gone when it has run
  std::string warning;      ///< what it costs: locks, rewrites, what may fail; empty: nothing worth a word
  std::string impossible;   ///< why there is no statement, and the way out; `sql` is then empty
  std::string waits_for;    ///< the object of an earlier mend that loses data, without which this one fails
  Part part = Part::transaction;
  bool concurrently =
      false;  ///< a statement that waits without a strong lock, so that no timeout should end it
};

/// The statements that turn the live database into what is expected, in an order in which they run from top
/// to bottom. Never cascades: what stands on a thing that must be dropped and made anew (a view's grants,
/// and the views of it) is dropped and made anew as well, by its own statements; where that would cost rows,
/// it is impossible. A difference that others take care of (a column of a dropped table) has no mend of its
/// own. Texts of the objects are taken as `read_full` gives them.
std::vector<Mend> mend(const std::vector<Difference>& all, const MendRequest& request);

/// What a script does about mends that lose data.
enum class Losses {
  commented_out,  ///< they stand there as comments, with all that waits for them
  run
};

/// A script for psql: settings, what runs before the transaction, the transaction, what runs after it. Each
/// mend under a comment with its object; what is impossible is a comment alone. "" when there is nothing.
std::string to_sql(const std::vector<Mend>& mends, Losses losses = Losses::commented_out);

}  // namespace dbtool::catalog
