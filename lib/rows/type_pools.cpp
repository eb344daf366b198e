#include "rows/type_pools.h"

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "rows/hinted.h"
#include "rows/literals.h"
#include "rows/random.h"
#include "rows/trial.h"

namespace dbtool::rows {
namespace {

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr std::size_t combinations = 14;

}  // namespace

std::string casts(const std::string& expression, const std::string& cast) {
  return "select num_nulls((" + expression + ")::" + cast + ") >= 0";
}

const Type& TypePools::type_of(unsigned oid) const {
  static const Type unknown;
  const auto found = tables_.types.find(oid);
  return found == tables_.types.end() ? unknown : found->second;
}

const Type& TypePools::base_of(unsigned oid) const {
  const Type* type = &type_of(oid);
  while (type->kind == 'd') type = &type_of(type->base);
  return *type;
}

bool TypePools::is_not_null(unsigned type) const {
  for (const Type* one = &type_of(type); one->kind == 'd'; one = &type_of(one->base)) {
    if (one->not_null) return true;
  }
  return false;
}

const Pool& TypePools::of(unsigned type, int modifier, const std::string& cast) {
  const auto known = pools_.find(cast);
  if (known != pools_.end()) return known->second;
  // A type that holds itself, as a table with a column of its own type's array.
  if (!under_way_.insert(cast).second) {
    static const Pool none;
    return none;
  }
  Pool pool = make(type, modifier, cast);
  under_way_.erase(cast);
  if (taste_.only_ascii) std::erase_if(pool, [](const std::string& value) { return !is_ascii(value); });
  return pools_.emplace(cast, std::move(pool)).first->second;
}

Pool TypePools::make(unsigned oid, int modifier, const std::string& cast) {
  const Type& type = type_of(oid);
  switch (type.kind) {
    case 'e':
      return literal_pool(type.labels, cast);
    case 'd':
      return make_domain(type, cast);
    case 'c':
      return make_composite(type, cast);
    case 'r':
      return make_range(type, cast);
    case 'm':
      return make_multirange(type, cast);
    default:
      if (type.category == 'A' && type.element != 0 && cast.ends_with("[]"))
        return make_array(type, modifier, cast);
      return make_literals(type, modifier, cast);
  }
}

Pool TypePools::make_literals(const Type& type, int modifier, const std::string& cast) {
  Random random(taste_.seed, cast);
  Literals literals = literals_of(type.name, modifier, random);
  const bool is_known = !literals.plain.empty();
  if (!is_known) literals.plain = guesses();
  if (taste_.edges) literals.plain.insert(literals.plain.end(), literals.edges.begin(), literals.edges.end());
  Pool pool = literal_pool(literals.plain, cast);
  // What another server may not know or have, or has by another name.
  const bool is_sure = is_known && type.is_system && type.name != "xml" && !type.name.starts_with("reg");
  return is_sure ? pool : only_valid(pool, cast);
}

Pool TypePools::make_domain(const Type& type, const std::string& cast) {
  std::vector<Hints> hints;
  for (const std::string& check : type.checks) {
    for (Hints& one : read_hints(check)) hints.push_back(std::move(one));
  }
  const Type& base = type_of(type.base);
  Pool pool = hinted(type.base, type.base_modifier, base.text, hints);
  const Pool& usual = of(type.base, type.base_modifier, base.text);
  pool.insert(pool.end(), usual.begin(), usual.end());
  for (std::string& value : pool) value = "(" + value + ")::" + cast;
  return only_valid(pool, cast);
}

Pool TypePools::make_composite(const Type& type, const std::string& cast) {
  Random random(taste_.seed, cast);
  Pool pool;
  for (std::size_t i = 0; i < combinations; ++i) {
    std::string row = "row(";
    for (const Type::Attribute& attribute : type.attributes) {
      const Pool& values = of(attribute.type, attribute.modifier, attribute.type_text);
      const bool is_null = values.empty() || (!is_not_null(attribute.type) && random.once_in(6));
      if (row.size() > 4) row += ", ";
      row += is_null ? "null" : random.pick(values);
    }
    pool.push_back(row + ")::" + cast);
  }
  return pool;
}

Pool TypePools::make_range(const Type& type, const std::string& cast) {
  Random random(taste_.seed, cast);
  const Type& subtype = type_of(type.element);
  const Pool& bounds = of(type.element, -1, subtype.text);
  Pool pool;
  if (taste_.edges) pool = {"'empty'::" + cast, "'(,)'::" + cast};
  if (bounds.empty()) return pool;
  for (std::size_t i = 0; i < 2 * combinations; ++i) {
    const std::string& one = random.pick(bounds);
    const std::string& other = random.pick(bounds);
    pool.push_back(cast + "(least(" + one + ", " + other + "), greatest(" + one + ", " + other + "))");
  }
  if (taste_.edges) pool.push_back(cast + "(" + bounds.front() + ", null)");
  // Functions of a range type may make more of its bounds, and fail.
  return only_valid(pool, cast);
}

Pool TypePools::make_multirange(const Type& type, const std::string& cast) {
  const Type& range = type_of(type.element);
  const Pool& ranges = of(type.element, -1, range.text);
  Pool pool{"'{}'::" + cast};
  for (std::size_t i = 0; i + 1 < ranges.size(); ++i) {
    pool.push_back(cast + "(" + ranges[i] + ")");
    pool.push_back(cast + "(" + ranges[i] + ", " + ranges[i + 1] + ")");
  }
  return only_valid(pool, cast);
}

std::string TypePools::element_cast(const Type& type, const std::string& cast) const {
  return cast.ends_with("[]") ? cast.substr(0, cast.size() - 2) : type_of(type.element).text;
}

Pool TypePools::make_array(const Type& type, int modifier, const std::string& cast) {
  Random random(taste_.seed, cast);
  const Pool& values = of(type.element, modifier, element_cast(type, cast));
  Pool pool{"'{}'::" + cast};
  if (values.empty()) return pool;
  const bool takes_null = !is_not_null(type.element);
  const auto value = [&] { return random.pick(values); };
  for (std::size_t i = 0; i < combinations; ++i) {
    std::string elements = value();
    for (std::size_t more = random.below(4); more > 0; --more) elements += ", " + value();
    pool.push_back("array[" + elements + "]::" + cast);
  }
  if (taste_.edges && takes_null) {
    pool.push_back("array[null]::" + cast);
    pool.push_back("array[" + value() + ", null, " + value() + "]::" + cast);
  }
  if (taste_.edges && type_of(type.element).kind != 'd')
    pool.push_back("array[[" + value() + ", " + value() + "], [" + value() + ", " + value() + "]]::" + cast);
  return pool;
}

Pool TypePools::arrays_for(const Type& type, int modifier, const std::string& cast, const Hints& hints) {
  Pool pool;
  const std::string element = element_cast(type, cast);
  const Pool& values = of(type.element, modifier, element);
  const auto add = [&](const Pool& elements) {
    pool.push_back("array[" + join(elements, ", ") + "]::" + cast);
  };
  const Pool strings = literal_pool(hints.strings, element);
  for (const std::string& text : strings) add({text});
  if (!strings.empty()) add(strings);
  for (const std::int64_t length : lengths_of(hints)) {
    if (values.empty() || length == 0 || length > 50) continue;
    Pool elements;
    for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i)
      elements.push_back(values[i % values.size()]);
    add(elements);
    if (!strings.empty()) add(Pool(static_cast<std::size_t>(length), strings.front()));
  }
  return pool;
}

Pool TypePools::hinted(unsigned oid, int modifier, const std::string& cast, const std::vector<Hints>& hints) {
  const Type& base = base_of(oid);
  Random random(taste_.seed, cast + " hinted");
  Pool pool;
  for (const Hints& one : hints) {
    if (base.category == 'A' && base.element != 0) {
      Pool arrays = arrays_for(base, modifier, cast, one);
      pool.insert(pool.end(), arrays.begin(), arrays.end());
    } else {
      Pool values = hinted_values(base, cast, one, random);
      pool.insert(pool.end(), values.begin(), values.end());
    }
  }
  // Pieces of a pattern may be no text of any encoding; that would fail the whole query.
  std::erase_if(pool, [&](const std::string& value) {
    return !is_utf8(value) || (taste_.only_ascii && !is_ascii(value));
  });
  return pool;
}

Pool TypePools::only_valid(const Pool& pool, const std::string& cast) {
  std::vector<std::string> queries;
  queries.reserve(pool.size());
  for (const std::string& value : pool) queries.push_back(casts(value, cast));
  const std::vector<bool> held = which_hold(connection_, queries);
  Pool valid;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (held[i]) valid.push_back(pool[i]);
  }
  return valid;
}

}  // namespace dbtool::rows
