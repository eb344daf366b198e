#include "report/run_parts.h"

namespace dbtool::report {

const char* const run_style = R"css(
:root { color-scheme: light dark; --ground: #fff; --ink: #1a1d21; --dim: #59616b; --line: #d5dae0; --raised: #f5f7f9;
  --good: #1a7f4b; --bad: #c0322b; --warn: #b26a00; --blue: #2f6fc4; --band: #9cc1ee; --before: #e3e8ee; --reserve: #f2c879; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e6e9ed; --dim: #a3acb7; --line: #353c45; --raised: #1d2228;
  --good: #4cc38a; --bad: #ff7b72; --warn: #e3a23c; --blue: #6ea8f7; --band: #2d5588; --before: #2b3138; --reserve: #7a5a1e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h1 { font-size: 1.4rem; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.steps td:not(:last-child) { white-space: nowrap; }
.outcome { font-weight: 600; }
.outcome.done { color: var(--good); } .outcome.other { color: var(--bad); }
.message { background: var(--raised); border-left: 4px solid var(--bad); padding: .5rem .8rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .9rem; margin: .8rem 0; }
dt, .dim { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: normal; }
figure { margin: 1rem 0; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .7rem; }
figcaption { font-weight: 600; }
.top { color: var(--dim); font-size: .85rem; margin-bottom: .4rem; }
.key { white-space: nowrap; margin-right: .6rem; }
.key i { display: inline-block; width: .9em; height: .9em; margin-right: .3em; vertical-align: -.1em; border: 1px solid var(--line); }
svg { display: block; width: 100%; height: 9rem; border: 1px solid var(--line); background: var(--ground); }
svg.low { height: 4rem; } svg.strip { height: .8rem; margin-bottom: .4rem; }
.ticks { display: flex; justify-content: space-between; font-size: .8rem; color: var(--dim); }
.locks div { font-size: .85rem; overflow-wrap: anywhere; }
.window { fill: var(--before); background: var(--before); } .reserve { fill: var(--reserve); background: var(--reserve); }
.closed { fill: var(--ink); background: var(--ink); } .done { fill: var(--good); } i.done { background: var(--good); }
.failed, .reading { fill: var(--bad); background: var(--bad); } .writing { fill: var(--warn); background: var(--warn); }
.harmless { fill: var(--blue); background: var(--blue); }
.band { fill: var(--band); background: var(--band); } .before { fill: var(--before); background: var(--before); }
.line, .truth { fill: none; stroke: var(--blue); stroke-width: 2; vector-effect: non-scaling-stroke; }
.worst { fill: none; stroke: var(--warn); stroke-width: 2; vector-effect: non-scaling-stroke; }
i.line { background: var(--blue); } i.worst { background: var(--warn); }
.truth { stroke: var(--bad); stroke-dasharray: 6 4; } i.truth { background: var(--bad); }
)css";

}  // namespace dbtool::report
