#include "docs/html_parts.h"

namespace dbtool::docs {

const std::string_view html_style = R"css(
:root {
  --ground: #fff; --raised: #f6f7f9; --line: #d9dde3; --ink: #1b1f24; --dim: #5b6570; --link: #0b5cad;
  --read: #e3effb; --read-ink: #0b4a86; --write: #fdecd8; --write-ink: #7a4100; --gone: #fbe3e3; --gone-ink: #8c1d1d;
  --key: #e6f4e8; --key-ink: #1d6129; --mark: #fff6cc;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1d2127; --line: #353b44; --ink: #e4e7eb; --dim: #9aa4af; --link: #7db7f5;
    --read: #17324d; --read-ink: #a9d1fb; --write: #47300f; --write-ink: #f6cf9a; --gone: #4d2020; --gone-ink: #f6b3b3;
    --key: #1b3a22; --key-ink: #a5dcb0; --mark: #3d3612;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font-family: var(--mono); font-size: .88em; }
code { overflow-wrap: anywhere; }
small, .dim { color: var(--dim); font-weight: normal; }
header { position: sticky; top: 0; z-index: 2; background: var(--ground); border-bottom: 1px solid var(--line); padding: .5rem 1rem; }
.bar { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .8rem; }
.name { font-weight: 700; font-size: 1.1rem; color: var(--ink); overflow-wrap: anywhere; }
.at { color: var(--dim); white-space: nowrap; }
.bar nav { margin-left: auto; display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
.search { position: relative; margin-top: .4rem; }
#search { width: 100%; font: inherit; font-size: 16px; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); color: var(--ink); }
#search:focus { outline: 2px solid var(--link); outline-offset: -1px; }
#results { position: absolute; left: 0; right: 0; top: 100%; margin: .2rem 0 0; padding: .2rem; list-style: none; max-height: min(70vh, 32rem); overflow-y: auto; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; box-shadow: 0 8px 24px rgb(0 0 0 / 25%); }
#results a { display: flex; gap: .6rem; align-items: baseline; padding: .3rem .5rem; border-radius: 4px; color: var(--ink); }
#results [aria-selected=true] a, #results a:hover { background: var(--read); text-decoration: none; }
#results .kind { flex: 0 0 3.8rem; color: var(--dim); font-size: .82em; }
#results .found { font-family: var(--mono); font-size: .88em; overflow-wrap: anywhere; }
#results .hint { flex: 1 1 0; min-width: 0; color: var(--dim); font-size: .85em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#results .none { padding: .4rem .6rem; color: var(--dim); }
.page { display: flex; align-items: flex-start; max-width: 84rem; margin: 0 auto; }
aside { display: none; }
main { flex: 1 1 0; min-width: 0; padding: 0 1rem 6rem; }
h1 { margin: 1.2rem 0 .2rem; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.3rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1.05rem; }
h4 { margin: 1.1rem 0 .3rem; font-size: .95rem; }
.groups { columns: 15rem; column-gap: .7rem; }
.group { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem .7rem; margin: 0 0 .7rem; break-inside: avoid; }
.group h3 { margin: 0 0 .2rem; }
.group ul { list-style: none; margin: 0; padding: 0; }
.entry { border: 1px solid var(--line); border-radius: 6px; margin: .3rem 0; }
.entry > summary { display: flex; flex-wrap: wrap; gap: .1rem .6rem; align-items: baseline; padding: .35rem .7rem; cursor: pointer; list-style: none; }
.entry > summary::-webkit-details-marker { display: none; }
.entry > summary::before { content: "▸"; color: var(--dim); width: .8em; }
.entry[open] > summary::before { content: "▾"; }
.entry > summary:hover, .entry[open] > summary { background: var(--raised); }
.entry[open] > summary { border-bottom: 1px solid var(--line); }
.entry[open] > summary .what { display: none; }
.entry.old > summary .title { color: var(--dim); font-weight: normal; }
.title { font-weight: 600; }
.what { color: var(--dim); flex: 1 1 12rem; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.body { padding: .5rem .9rem .8rem; }
.body > p { margin: .3rem 0 .6rem; }
.here { outline: 2px solid var(--link); outline-offset: 1px; }
tr.here td { background: var(--mark); }
.inner { margin: .7rem 0 0; }
.inner > summary { cursor: pointer; color: var(--link); }
.badge { font-size: .75em; padding: 0 .5em; border-radius: 9px; white-space: nowrap; }
.badge.read { background: var(--read); color: var(--read-ink); }
.badge.write { background: var(--write); color: var(--write-ink); }
.badge.gone { background: var(--gone); color: var(--gone-ink); }
.badge.key { background: var(--key); color: var(--key-ink); }
.warn { background: var(--gone); color: var(--gone-ink); border-radius: 6px; padding: .4rem .7rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .9rem; margin: .5rem 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { padding-left: 1.3rem; }
.scroll { overflow-x: auto; max-width: 100%; margin: .4rem 0; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .22rem .9rem .22rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: normal; font-size: .85em; }
td code { overflow-wrap: normal; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; margin: .4rem 0; line-height: 1.4; tab-size: 2; }
.diagram { border: 1px solid var(--line); border-radius: 6px; padding: .5rem; background: #fff; }
@media (min-width: 62rem) {
  header { display: flex; align-items: center; gap: 1.5rem; }
  .bar { flex: 1 1 auto; flex-wrap: nowrap; }
  .search { flex: 0 1 34rem; margin: 0; order: 1; }
  aside { display: block; flex: 0 0 17rem; position: sticky; top: 3.6rem; height: calc(100vh - 3.6rem); overflow: auto; padding: 0 .5rem 2rem 1rem; border-right: 1px solid var(--line); font-size: .92em; }
  aside h2 { font-size: .85rem; color: var(--dim); margin: 1.1rem 0 .2rem; }
  aside ul { list-style: none; margin: 0; padding: 0; }
  main { padding: 0 1.8rem 6rem; }
}
@media (max-width: 30rem) {
  .bar nav { margin: 0; flex-basis: 100%; }
  td { white-space: normal; padding-right: .6rem; }
  dl { grid-template-columns: fit-content(7rem) minmax(0, 1fr); }
  .body { padding: .4rem .7rem .7rem; }
  .what { flex-basis: 100%; padding-left: 1.3rem; }
  #results .hint { display: none; }
}
@media print { header, aside { display: none; } }
)css";

}  // namespace dbtool::docs
