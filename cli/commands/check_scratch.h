#pragma once

#include "cli/context.h"
#include "cli/reporting.h"

namespace dbtool::cli {

/// `check --scratch`: every version up, down and up in throwaway databases.
Judgement judge_scratch(Context& context);

/// `check --save`: writes schema/catalog/.
ExitCode save_catalog(Context& context);

}  // namespace dbtool::cli
