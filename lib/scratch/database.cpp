#include "scratch/database.h"

#include <fmt/format.h>

#include <utility>

#include "catalog/full.h"
#include "ledger/ledger.h"
#include "run/run.h"

namespace dbtool::scratch {

Database::Database(Host& host, Clock& clock, const std::string& copy_of)
    : host_(host), clock_(clock), name_(host.create(copy_of)) {}

Database::~Database() {
  close();
  try {
    host_.drop(name_);
  } catch (const std::exception&) {
    // The host drops what is left, or goes as a whole.
  }
}

void Database::go(int goal, const InterruptCount& interrupts, const Observer& observer, OnlinePart online) {
  const int from = at_ ? *at_ : version();
  at_.reset();
  const Direction direction = goal >= from ? Direction::upgrade : Direction::downgrade;
  run::Run::Options options;
  options.request = {direction, goal, online == OnlinePart::put_off};
  options.command = fmt::format("{} {}", to_text(direction), goal);
  pg::Connection own = std::move(connection());
  connection_.reset();  // after a failure new ones are made
  options.lock = std::exchange(lock_, std::nullopt);
  run::Run run(
      std::move(own), host_.project(), std::move(options), clock_, observer ? observer : [](const Event&) {},
      interrupts ? interrupts : [] { return 0; });
  run.execute();
  run::Run::Released left = run.release();
  connection_ = std::move(left.connection);
  lock_ = std::move(left.lock);
  if (online == OnlinePart::run) at_ = goal;
}

void Database::close() {
  lock_.reset();
  connection_.reset();
}

int Database::version() {
  return ledger::read_state(connection(), host_.project().settings).version;
}

Catalog Database::read() {
  catalog::FullRequest request;
  request.version_table = host_.project().settings.version_table;
  request.user_prefix = host_.project().settings.user_prefix;
  request.owner = host_.owner();
  return catalog::read_full(connection(), request, &known_);
}

pg::Connection& Database::connection() {
  if (!connection_) connection_ = pg::Connection::open(host_.address(name_));
  return *connection_;
}

}  // namespace dbtool::scratch
