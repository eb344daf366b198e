#include "online/pass_watch.h"

namespace dbtool::online {

namespace {

constexpr double fewer = 0.9;
constexpr std::size_t passes_shown = 5;

}  // namespace

bool PassWatch::observe(std::int64_t moved, std::int64_t walked) {
  const bool gets_somewhere =
      fewest_ < 0 || static_cast<double>(moved) <= fewer * static_cast<double>(fewest_);
  if (gets_somewhere) {
    fewest_ = moved;
    idle_ = 0;
    first_walked_ = walked;
    moved_.clear();
  } else {
    ++idle_;
  }
  last_walked_ = walked;
  moved_.push_back(moved);
  if (moved_.size() > passes_shown) moved_.pop_front();
  return idle_ >= patience_;
}

}  // namespace dbtool::online
