#include "catalog/mend/order.h"

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "catalog/mend/names.h"

namespace dbtool::catalog::mending {
namespace {

using Number = std::size_t;
using ByName = std::unordered_map<std::string, std::vector<Number>>;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Graph {
 public:
  explicit Graph(const std::vector<Step>& steps) : steps_(steps), next_(steps.size()), open_(steps.size()) {
    ByName creators;
    ByName droppers;
    for (Number i = 0; i < steps.size(); ++i) {
      for (const std::string& name : steps[i].creates) creators[name].push_back(i);
      for (const std::string& name : steps[i].drops) droppers[name].push_back(i);
    }
    for (Number i = 0; i < steps.size(); ++i) {
      for (const std::string& name : names_in(steps[i].uses)) {
        if (!has(steps[i].creates, name)) connect_all(creators, name, i, false);
      }
      for (const std::string& name : names_in(steps[i].frees)) {
        if (!has(steps[i].drops, name)) connect_all(droppers, name, i, true);
      }
      // A name is free only when what bore it has gone.
      for (const std::string& name : steps[i].creates) connect_all(droppers, name, i, false);
    }
  }

  const std::vector<Number>& after(Number step) const { return next_[step]; }

  std::vector<Number> order() {
    const auto later = [this](Number a, Number b) {
      return steps_[a].phase != steps_[b].phase ? steps_[a].phase > steps_[b].phase : a > b;
    };
    std::priority_queue<Number, std::vector<Number>, decltype(later)> ready(later);
    std::priority_queue<Number, std::vector<Number>, decltype(later)> all(later);
    std::vector<bool> is_done(steps_.size());
    for (Number i = 0; i < steps_.size(); ++i) {
      all.push(i);
      if (open_[i] == 0) ready.push(i);
    }
    std::vector<Number> order;
    while (order.size() < steps_.size()) {
      auto& source = ready.empty() ? all : ready;
      const Number step = source.top();
      source.pop();
      if (is_done[step]) continue;
      is_done[step] = true;
      order.push_back(step);
      for (const Number other : next_[step]) {
        if (--open_[other] == 0 && !is_done[other]) ready.push(other);
      }
    }
    return order;
  }

 private:
  void connect_all(const ByName& others, const std::string& name, Number step, bool step_is_first) {
    const auto found = others.find(name);
    if (found == others.end()) return;
    for (const Number other : found->second) {
      if (other == step) continue;
      const Number first = step_is_first ? step : other;
      const Number second = step_is_first ? other : step;
      next_[first].push_back(second);
      ++open_[second];
    }
  }

  const std::vector<Step>& steps_;
  std::vector<std::vector<Number>> next_;
  std::vector<Number> open_;
};

/// A step after the transaction takes all that follows from it along; one that may not run tells it.
void pass_on(const Graph& graph, const std::vector<Number>& order, std::vector<Step>& steps) {
  for (const Number number : order) {
    const Mend& mend = steps[number].mend;
    const bool may_not_run = mend.loses_data || !mend.impossible.empty();
    for (const Number next : graph.after(number)) {
      Mend& other = steps[next].mend;
      if (mend.part == Mend::Part::after && other.part == Mend::Part::transaction)
        other.part = Mend::Part::after;
      if (other.object == mend.object || !other.waits_for.empty()) continue;
      if (may_not_run) other.waits_for = mend.object;
      if (!mend.waits_for.empty()) other.waits_for = mend.waits_for;
    }
  }
}

}  // namespace

std::vector<Mend> in_order(std::vector<Step> steps) {
  Graph graph(steps);
  const std::vector<Number> order = graph.order();
  pass_on(graph, order, steps);
  std::vector<Mend> mends;
  mends.reserve(steps.size());
  for (const Mend::Part part : {Mend::Part::first, Mend::Part::transaction, Mend::Part::after}) {
    for (const Number number : order) {
      if (steps[number].mend.part == part) mends.push_back(steps[number].mend);
    }
  }
  return mends;
}

}  // namespace dbtool::catalog::mending
