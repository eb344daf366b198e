#include "status/pending.h"

#include <algorithm>

namespace dbtool::status {

std::vector<Pending> list_pending(const Project& project, int from, const run::Knowledge& knowledge) {
  std::vector<Pending> list;
  for (int number = std::max(from, 1); number <= project.newest(); ++number) {
    const Version& version = project.version(number);
    Pending pending;
    pending.version = number;
    pending.description = version.description;
    pending.rows = run::rows_of(knowledge, Direction::upgrade, version);
    pending.weight = run::weight_of(version, Direction::upgrade, pending.rows);
    pending.forecast = run::predict(knowledge, Direction::upgrade, version);
    if (pending.weight == run::Weight::online)
      pending.online = run::predict_online(knowledge, Direction::upgrade, version);
    list.push_back(std::move(pending));
  }
  return list;
}

}  // namespace dbtool::status
