#include "load/setting_values.h"

#include <algorithm>

#include "base/text.h"
#include "load/scalar.h"

namespace dbtool::load {

bool is_version_table(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos
             ? is_simple_name(name)
             : is_simple_name(name.substr(0, dot)) && is_simple_name(name.substr(dot + 1));
}

bool is_server_demand(std::string_view demand) {
  bool any = false;
  while (!(demand = trim(demand)).empty()) {
    for (const std::string_view sign : {">=", "<=", ">", "<", "="}) {
      if (!demand.starts_with(sign)) continue;
      demand = trim(demand.substr(sign.size()));
      break;
    }
    const std::size_t end = std::min(demand.find_first_not_of("0123456789."), demand.size());
    if (end == 0 || demand.front() == '.' || demand[end - 1] == '.') return false;
    any = true;
    demand = trim(demand.substr(end));
    if (demand.starts_with(',')) demand.remove_prefix(1);
  }
  return any;
}

}  // namespace dbtool::load
