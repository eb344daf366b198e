#pragma once

#include "new/fill.h"
#include "new/online_template.h"

namespace dbtool {

/// Lists, conditions and remarks that the templates of online migrations are made of.
Blanks online_blanks(const OnlineValues& values);

}  // namespace dbtool
