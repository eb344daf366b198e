#include "rows/order.h"

#include <algorithm>
#include <map>
#include <set>

namespace dbtool::rows {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;  ///< from each node to those that it needs

/// Strongly connected components among `nodes`, those that are needed first (Tarjan).
class Components {
 public:
  Components(const Group& nodes, const Edges& edges)
      : edges_(edges), among_(nodes.begin(), nodes.end()), index_(edges.size(), unseen), low_(edges.size()) {
    for (const std::size_t node : nodes) {
      if (index_[node] == unseen) visit(node);
    }
  }
  std::vector<Group> found;

 private:
  static constexpr std::size_t unseen = static_cast<std::size_t>(-1);

  void visit(std::size_t node) {
    index_[node] = low_[node] = next_++;
    stack_.push_back(node);
    on_stack_.insert(node);
    for (const std::size_t needed : edges_[node]) {
      if (!among_.contains(needed)) continue;
      if (index_[needed] == unseen) {
        visit(needed);
        low_[node] = std::min(low_[node], low_[needed]);
      } else if (on_stack_.contains(needed)) {
        low_[node] = std::min(low_[node], index_[needed]);
      }
    }
    if (low_[node] != index_[node]) return;
    Group group;
    while (group.empty() || group.back() != node) {
      group.push_back(stack_.back());
      on_stack_.erase(stack_.back());
      stack_.pop_back();
    }
    std::sort(group.begin(), group.end());
    found.push_back(std::move(group));
  }

  const Edges& edges_;
  std::set<std::size_t> among_;
  std::vector<std::size_t> index_, low_, stack_;
  std::set<std::size_t> on_stack_;
  std::size_t next_ = 0;
};

}  // namespace

bool is_demanding(const Table& table, const ForeignKey& key, const TypePools& types) {
  const auto refuses_null = [&](std::size_t column) {
    return table.columns[column].not_null || types.is_not_null(table.columns[column].type);
  };
  return key.match_full ? std::any_of(key.columns.begin(), key.columns.end(), refuses_null)
                        : std::all_of(key.columns.begin(), key.columns.end(), refuses_null);
}

std::vector<Group> fill_order(const std::vector<const Table*>& tables, const TypePools& types) {
  std::map<unsigned, std::size_t> places;
  for (std::size_t i = 0; i < tables.size(); ++i) places[tables[i]->oid] = i;
  Edges all(tables.size()), demanding(tables.size());
  Group nodes;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    nodes.push_back(i);
    for (const ForeignKey& key : tables[i]->foreign_keys) {
      const auto target = places.find(key.target_oid);
      if (target == places.end()) continue;
      all[i].push_back(target->second);
      if (is_demanding(*tables[i], key, types)) demanding[i].push_back(target->second);
    }
  }
  std::vector<Group> order;
  for (const Group& ring : Components(nodes, all).found) {
    for (Group& group : Components(ring, demanding).found) order.push_back(std::move(group));
  }
  return order;
}

}  // namespace dbtool::rows
