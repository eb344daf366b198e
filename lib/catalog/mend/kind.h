#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "catalog/mend.h"
#include "model/object.h"

namespace dbtool::catalog::mending {

/// When things are made, where nothing else says; they are dropped the other way round.
enum Phase {
  phase_schema = 1,
  phase_extension,
  phase_language,
  phase_collation,
  phase_type,
  phase_function,
  phase_of_functions,  ///< what is made of functions: operators, casts, base types
  phase_sequence,
  phase_server,
  phase_table,
  phase_column,
  phase_constraint,
  phase_index,
  phase_foreign_key,
  phase_attach,
  phase_view,
  phase_trigger,
  phase_publication,
  phase_take_back,  ///< what others passed on of what they were given
  phase_grant,
  phase_pass_on,
  phase_last
};

/// A mend on its way into order.
struct Step {
  Mend mend;
  int phase = 0;
  std::vector<std::string> creates;  ///< names that are there after it
  std::vector<std::string> drops;    ///< names that are gone after it
  std::string uses;                  ///< a text whose names must be there before
  std::string frees;                 ///< a text whose names may go once it has run
};

/// Both catalogs, and what is to be done about them.
class Context {
 public:
  Context(const std::vector<Difference>& differences, const MendRequest& request);

  const Object* expected(const std::string& key) const { return find(expected_, key); }
  /// Also under the name that it is expected to have, where it is renamed.
  const Object* live(const std::string& key) const { return find(live_, key); }
  void rename(const Object& live, const std::string& to) { live_[to] = &live; }
  std::span<const Object> all_expected() const { return request_.expected; }
  std::span<const Object> all_live() const { return request_.live; }
  /// Expected, and not there, or dropped to be made anew.
  bool is_made(const std::string& key) const { return made_.contains(key); }
  /// There, and dropped.
  bool is_dropped(const std::string& key) const { return dropped_.contains(key); }
  void remake(const std::string& key);

  /// What stands in `whole` in the live database.
  const std::vector<const Object*>& live_parts(const std::string& whole) const {
    static const std::vector<const Object*> none;
    const auto found = live_parts_.find(whole);
    return found == live_parts_.end() ? none : found->second;
  }

  /// A role as a fact or an identity names it, as SQL must.
  std::string role(std::string_view name) const;
  int server_version() const { return request_.server_version; }
  bool from(int major) const { return request_.server_version / 10000 >= major; }

  void add(Step step) { steps_.push_back(std::move(step)); }
  std::vector<Step>& steps() { return steps_; }

 private:
  using Objects = std::unordered_map<std::string, const Object*>;
  static const Object* find(const Objects& objects, const std::string& key) {
    const auto found = objects.find(key);
    return found == objects.end() ? nullptr : found->second;
  }

  const MendRequest& request_;
  Objects expected_;
  Objects live_;
  std::unordered_map<std::string, std::vector<const Object*>> live_parts_;
  std::unordered_set<std::string> made_;
  std::unordered_set<std::string> dropped_;
  std::vector<Step> steps_;
};

/// An object that is there and differs.
class Alteration {
 public:
  Alteration(const Object& wanted, const Object& found, std::set<std::string> differing, Context& all)
      : expected(wanted), live(found), context(all), facts_(std::move(differing)) {}

  const Object& expected;
  const Object& live;
  Context& context;

  /// Whether the fact differs; it then counts as taken care of.
  bool take(std::string_view fact) {
    const auto found = facts_.find(std::string(fact));
    if (found == facts_.end()) return false;
    facts_.erase(found);
    return true;
  }
  bool differs(std::string_view fact) const { return facts_.contains(std::string(fact)); }
  /// What nobody took.
  const std::set<std::string>& rest() const { return facts_; }
  std::string wanted(std::string_view fact) const { return std::string(expected.facts.text(fact)); }
  std::string found(std::string_view fact) const { return std::string(live.facts.text(fact)); }

  void run(std::string statement) { sql.push_back(std::move(statement)); }
  void warn(std::string_view text) { warning += (warning.empty() ? "" : "; ") + std::string(text); }
  /// Says that there is no statement for a part of it.
  void give_up(std::string_view why) { impossible.emplace_back(why); }
  /// Drops it and makes it anew, with what stands on it; then nothing else is to be done.
  void remake() { is_remade = true; }

  std::vector<std::string> sql;
  std::vector<std::string> impossible;
  std::string warning;
  bool is_remade = false;
  bool loses_data = false;
  Mend::Part part = Mend::Part::transaction;
  bool is_concurrent = false;
  std::vector<Step> steps;               ///< of the same object at other times
  std::vector<std::string> also_remade;  ///< what stands in the way, and is dropped and made anew

 private:
  std::set<std::string> facts_;
};

/// What is known about mending the objects of one kind. Owners and comments are the same for all.
struct Kind {
  const char* name = nullptr;
  Phase phase = phase_last;
  /// Statements, without the owner and the comment, each with its `;`. May add more steps.
  std::string (*create)(const Object& expected, Context& context) = nullptr;
  /// nullptr: `drop`, and the object as a comment would name it.
  std::string (*drop)(const Object& live, Context& context) = nullptr;
  /// nullptr: what differs must be made anew.
  void (*alter)(Alteration& alteration) = nullptr;
  /// Says more of the step that creates one.
  void (*adjust)(const Object& expected, Context& context, Step& step) = nullptr;
};

// One list a family, as the reader has its queries.
const std::vector<Kind>& schema_kinds();
const std::vector<Kind>& table_kinds();
const std::vector<Kind>& column_kinds();
const std::vector<Kind>& index_kinds();
const std::vector<Kind>& constraint_kinds();
const std::vector<Kind>& sequence_kinds();
const std::vector<Kind>& view_kinds();
const std::vector<Kind>& function_kinds();
const std::vector<Kind>& type_kinds();
const std::vector<Kind>& operator_kinds();
const std::vector<Kind>& trigger_kinds();
const std::vector<Kind>& text_search_kinds();
const std::vector<Kind>& foreign_kinds();
const std::vector<Kind>& publication_kinds();
const std::vector<Kind>& grant_kinds();

/// The objects of one kind; a part of the sorted catalog.
std::span<const Object> of_kind_in(std::span<const Object> catalog, std::string_view kind);

/// nullptr for a kind that nobody knows.
const Kind* find_kind(std::string_view name);

/// What a missing, extra or different object comes to.
void make(const Object& expected, Context& context, std::string_view why = "");
void drop(const Object& live, Context& context, std::string_view why = "");

/// The same of what is given to whom, once all else is known.
void mend_grants(const std::vector<Difference>& differences, Context& context);

/// A column as `create table` and `add column` have it.
std::string column_definition(const Object& column);
/// The facts that the definition says and `column_settings` could say as well.
Facts said_by_definition(const Facts& column);
/// What sets the facts that differ from `from`: default, storage, statistics and the like.
std::string column_settings(const Object& column, const Facts& from, const Context& context);

}  // namespace dbtool::catalog::mending
