#include "online/earlier_statements.h"

#include <fmt/format.h>

#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "online/transact.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto between_lock_looks = 100ms;
constexpr auto untold = 1s;
constexpr auto longest_for_hidden = 2s;

// Every transaction has a virtual id, which everybody may see; what it does, only some. One that is idle has
// ended its call.
constexpr const char* under_way = R"(
select l.pid, l.virtualtransaction, coalesce(a.usename, ''), coalesce(a.application_name, ''), left(coalesce(a.query, ''), 80)
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid()
   and a.datid = (select oid from pg_database where datname = current_database())
   and (a.state = 'active' or a.state is null and $2::boolean) and coalesce(a.backend_type, 'client backend') = 'client backend'
   and l.pid || ' ' || l.virtualtransaction || coalesce(a.query_start::text, '') = any ($1::text[])
 order by l.pid)";

constexpr const char* identities = R"(
select coalesce(array_agg(l.pid || ' ' || l.virtualtransaction || coalesce(a.query_start::text, '')), '{}')
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid())";

std::string describe(const pg::Result& found) {
  std::string text = fmt::format("pid {} ({}, {}): {}", found.text(0, 0), found.text(0, 2), found.text(0, 3),
                                 excerpt(found.text(0, 4), 80));
  if (found.rows() > 1) text += fmt::format(", and {} more", found.rows() - 1);
  return text;
}

}  // namespace

void await_earlier_statements(ledger::Work& work, const ledger::Fence& fence,
                              const std::function<void()>& confirm_lock, std::chrono::seconds longest) {
  const auto began = work.clock.now();
  const std::string all = transact(work, fence, confirm_lock,
                                   [&] { return std::string(work.connection.query(identities).text(0, 0)); });
  bool told = false;
  for (;;) {
    const auto waited = work.clock.now() - began;
    const char* const hidden = waited < longest_for_hidden ? "true" : "false";
    const pg::Result left = transact(work, fence, confirm_lock, [&] {
      return work.connection.query(under_way, {all, hidden});
    });
    if (left.rows() == 0) return;
    if (waited > longest) {
      work.observer(Message{
          Message::Level::warning,
          fmt::format(
              "the walk begins, though statements from before it are still under way after {}: {}; if "
              "they write rows by functions of the version before, compare these rows afterwards (a declared "
              "`verify` does)",
              dbtool::to_text(std::chrono::duration_cast<std::chrono::milliseconds>(waited)),
              describe(left))});
      return;
    }
    if (!told && waited > untold) {
      told = true;
      work.observer(Message{Message::Level::note,
                            "waits for statements that began before the walk: " + describe(left)});
    }
    wait(work, between_lock_looks);
  }
}

}  // namespace dbtool::online
