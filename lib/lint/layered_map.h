#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dbtool::lint {

/// A map that can be laid over another one: it begins as that one's copy at no cost, and keeps only what
/// differs. Of a map of n entries a copy costs n, and each version's way down would need one.
template <typename Value>
class LayeredMap {
 public:
  /// nullptr: not there. Valid until the key is changed.
  const Value* find(std::string_view key) const {
    const auto own = own_.find(key);
    if (own != own_.end()) return own->second ? &*own->second : nullptr;
    return below_ == nullptr ? nullptr : below_->find(key);
  }

  bool contains(std::string_view key) const { return find(key) != nullptr; }
  void set(const std::string& key, Value value) { own_[key] = std::move(value); }

  void erase(const std::string& key) {
    if (below_ == nullptr || !below_->contains(key))
      own_.erase(key);
    else
      own_[key] = std::nullopt;
  }

  /// Calls `visit(key, value)` in the order of the keys of each layer, this one first.
  void for_each(const std::function<void(const std::string&, const Value&)>& visit) const {
    for (const auto& [key, value] : own_) {
      if (value) visit(key, *value);
    }
    if (below_ == nullptr) return;
    below_->for_each([&](const std::string& key, const Value& value) {
      if (!own_.contains(key)) visit(key, value);
    });
  }

  /// One that is laid over this one, which must live as long and not change meanwhile.
  LayeredMap over() const {
    LayeredMap map;
    map.below_ = this;
    return map;
  }

 private:
  const LayeredMap* below_ = nullptr;
  std::map<std::string, std::optional<Value>, std::less<>> own_;
};

}  // namespace dbtool::lint
