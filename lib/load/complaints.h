#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "load/load.h"

namespace dbtool::load {

/// Collects what is wrong while reading goes on.
class Complaints {
 public:
  /// `text`: what is wrong; what to do.
  void add(Place place, std::string text) { all_.push_back({std::move(place), std::move(text), false}); }
  void append(Complaints other) {
    for (Complaint& complaint : other.all_) all_.push_back(std::move(complaint));
  }
  void add(Complaint complaint) { all_.push_back(std::move(complaint)); }
  void forgive_transactions() {
    std::erase_if(all_, [](const Complaint& one) { return one.of_transaction; });
  }
  bool empty() const { return all_.empty(); }
  const std::vector<Complaint>& all() const { return all_; }
  /// By file, line and column.
  std::vector<Complaint> sorted() const {
    std::vector<Complaint> result = all_;
    std::stable_sort(result.begin(), result.end(),
                     [](const Complaint& a, const Complaint& b) { return a.place < b.place; });
    return result;
  }

 private:
  std::vector<Complaint> all_;
};

}  // namespace dbtool::load
