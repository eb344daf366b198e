#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbtool::lint {

/// A sorted map by text whose copies share what they have in common: a copy costs nothing, a change the path
/// to its key, and two copies are told apart in the time that their differences take. A state of the schema
/// is kept for each version's way up and down, of which there may be thousands.
///
/// A treap whose nodes never change: the order of priorities, which are hashes of the keys, gives the same
/// keys the same shape, however they came in.
template <typename Value>
class SharedMap {
 public:
  using Entry = std::pair<const std::string, Value>;

 private:
  struct Node;
  using Link = std::shared_ptr<const Node>;
  struct Node {
    std::shared_ptr<const Entry> entry;
    std::size_t priority;
    Link left, right;

    const std::string& key() const { return entry->first; }
  };

 public:
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = const Entry&;

    const_iterator() = default;
    explicit const_iterator(const Node* root) { descend(root); }
    reference operator*() const { return *path_.back()->entry; }
    pointer operator->() const { return path_.back()->entry.get(); }
    const_iterator& operator++() {
      const Node* node = path_.back();
      path_.pop_back();
      descend(node->right.get());
      return *this;
    }
    const_iterator operator++(int) {
      const_iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const const_iterator&) const = default;

   private:
    void descend(const Node* node) {
      for (; node != nullptr; node = node->left.get()) path_.push_back(node);
    }

    std::vector<const Node*> path_;  ///< to the entry, without those whose entries come before it
  };

  const_iterator begin() const { return const_iterator(root_.get()); }
  const_iterator end() const { return {}; }

  /// nullptr: not there. Valid until this key is changed in the last map that holds it.
  const Value* find(std::string_view key) const {
    const Node* node = root_.get();
    while (node != nullptr && node->key() != key) node = (key < node->key() ? node->left : node->right).get();
    return node == nullptr ? nullptr : &node->entry->second;
  }
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  /// The value to be changed, which no other map sees; one made by default when there was none. Valid until
  /// the next call for the same key.
  Value& change(const std::string& key) {
    const Value* known = find(key);
    auto entry = std::make_shared<Entry>(key, known == nullptr ? Value() : *known);
    Value& value = entry->second;
    root_ = put(root_, Node{std::move(entry), std::hash<std::string>()(key), nullptr, nullptr});
    return value;
  }
  void set(const std::string& key, Value value) { change(key) = std::move(value); }

  void erase(std::string_view key) {
    if (contains(key)) root_ = without(root_, key);
  }

  template <typename Belongs>
  void erase_if(const Belongs& belongs) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : *this) {
      if (belongs(value)) keys.push_back(key);
    }
    for (const std::string& key : keys) erase(key);
  }

  /// What is at `from` goes to `to`, or away where there is something already.
  void rename(const std::string& from, const std::string& to) {
    const Value* found = find(from);
    if (found == nullptr) return;
    Value value = *found;
    erase(from);
    if (!contains(to)) set(to, std::move(value));
  }

  /// Calls `visit(entry)`, in the order of the keys, for what this map holds and `other` lacks or was given
  /// anew.
  template <typename Visit>
  void for_each_unlike(const SharedMap& other, const Visit& visit) const {
    visit_unlike(root_, other.root_, visit);
  }

 private:
  static bool is_above(const Node& one, const Node& other) {
    return one.priority != other.priority ? one.priority > other.priority : one.key() < other.key();
  }
  static Link with_children(const Node& node, Link left, Link right) {
    return std::make_shared<const Node>(Node{node.entry, node.priority, std::move(left), std::move(right)});
  }

  /// Those before and those behind `key`, itself left out.
  static std::pair<Link, Link> split(const Link& tree, std::string_view key) {
    if (tree == nullptr) return {};
    if (tree->key() == key) return {tree->left, tree->right};
    if (tree->key() < key) {
      auto [less, more] = split(tree->right, key);
      return {with_children(*tree, tree->left, std::move(less)), std::move(more)};
    }
    auto [less, more] = split(tree->left, key);
    return {std::move(less), with_children(*tree, std::move(more), tree->right)};
  }

  static Link put(const Link& tree, Node node) {
    if (tree == nullptr || is_above(node, *tree)) {
      auto [less, more] = split(tree, node.key());
      return with_children(node, std::move(less), std::move(more));
    }
    if (node.key() == tree->key()) return with_children(node, tree->left, tree->right);
    if (node.key() < tree->key()) return with_children(*tree, put(tree->left, std::move(node)), tree->right);
    return with_children(*tree, tree->left, put(tree->right, std::move(node)));
  }

  /// All of two trees, the keys of the first being less.
  static Link join(const Link& less, const Link& more) {
    if (less == nullptr) return more;
    if (more == nullptr) return less;
    if (is_above(*less, *more)) return with_children(*less, less->left, join(less->right, more));
    return with_children(*more, join(less, more->left), more->right);
  }

  static Link without(const Link& tree, std::string_view key) {
    if (tree->key() == key) return join(tree->left, tree->right);
    if (key < tree->key()) return with_children(*tree, without(tree->left, key), tree->right);
    return with_children(*tree, tree->left, without(tree->right, key));
  }

  template <typename Visit>
  static void visit_unlike(const Link& tree, const Link& other, const Visit& visit) {
    if (tree == other || tree == nullptr) return;
    if (other != nullptr && is_above(*other, *tree)) {
      // The other's root is none of these: it would be above.
      const auto [less, more] = split(tree, other->key());
      visit_unlike(less, other->left, visit);
      visit_unlike(more, other->right, visit);
      return;
    }
    const bool same_key = other != nullptr && other->key() == tree->key();
    const auto [less, more] = same_key ? std::pair(other->left, other->right) : split(other, tree->key());
    visit_unlike(tree->left, less, visit);
    if (!same_key || other->entry != tree->entry) visit(*tree->entry);
    visit_unlike(tree->right, more, visit);
  }

  Link root_;
};

}  // namespace dbtool::lint
