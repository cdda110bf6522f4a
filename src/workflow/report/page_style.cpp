#include "src/workflow/report/page_style.hpp"

namespace tessera {

const char* const page_style = R"(
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d1f24; --soft: #666a73; --line: #dcdad3; --card: #ffffff;
  --accent: #29579f; --c1: #c9581c; --c2: #2f8a4c; --c3: #8a63b8; --good: #2c7a45; --bad: #b3261e; --warn: #8a5a00;
  --warnpaper: #fff5dc; --badpaper: #fdeceb; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171b; --ink: #e6e4de; --soft: #9a9ea8; --line: #33363d;
  --card: #1e2127; --accent: #84aef0; --c1: #f0945c; --c2: #74c98f; --c3: #bb9be8; --good: #74c98f; --bad: #ff8a80;
  --warn: #f0c263; --warnpaper: #2c2617; --badpaper: #331d1c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1.5rem 1.2rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .7rem; }
header p { flex-basis: 100%; margin: .2rem 0 0; color: var(--soft); overflow-wrap: anywhere; }
.state { font-weight: 600; font-size: .9rem; padding: .1rem .7rem; border-radius: 1rem; border: 1.5px solid currentColor; }
.finished { color: var(--good); } .failed, .dead { color: var(--bad); } .stopped, .stopping { color: var(--warn); }
.running { color: var(--accent); }
section { margin: 2.2rem 0 0; break-inside: avoid-page; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .6rem; margin: 1.2rem 0 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .45rem .8rem .55rem; }
.facts dt { color: var(--soft); font-size: .8rem; } .facts dd { margin: 0; font-size: 1.08rem; font-weight: 600; }
.note { border-left: 4px solid var(--warn); background: var(--warnpaper); border-radius: .3rem; padding: .5rem .9rem;
  margin: 1rem 0 0; overflow-wrap: anywhere; }
.note.error { border-color: var(--bad); background: var(--badpaper); }
.note p { margin: .2rem 0; } .note ul { margin: .2rem 0; padding-left: 1.2rem; }
.table + .pictures { margin-top: 1rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem;
  max-width: 100%; break-inside: avoid; }
figure img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: .25rem; }
figcaption { color: var(--soft); font-size: .85rem; margin: .5rem .2rem 0; max-width: 60ch; }
.object { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: flex-start; }
.object section { flex: 1 1 24rem; min-width: 0; max-width: 46rem; }
section > figure { width: fit-content; }
#probe img { max-height: 26rem; width: auto; }
.pictures figure { flex: 0 1 auto; max-width: min(100%, 35rem); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
.charts svg { width: 100%; height: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .5rem; font: 12.5px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .tick { fill: var(--soft); } svg .grid { stroke: var(--line); } svg .axes { fill: none; stroke: var(--soft); }
svg .mark { stroke: var(--soft); stroke-dasharray: 5 4; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke: var(--accent); }
svg .c1 { stroke: var(--c1); } svg .c2 { stroke: var(--c2); } svg .c3 { stroke: var(--c3); }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem 1.2rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; } td.number, th.number { text-align: right; }
tr.outside td { color: var(--warn); font-weight: 600; }
.bar { display: flex; height: 1.4rem; border-radius: .3rem; overflow: hidden; margin: 0 0 .8rem; max-width: 46rem;
  border: 1px solid var(--line); }
.bar i { display: block; } .key { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem;
  margin-right: .5rem; vertical-align: -.05rem; }
.k0 { background: #29579f; } .k1 { background: #c9581c; } .k2 { background: #2f8a4c; } .k3 { background: #8a63b8; }
.k4 { background: #b3a125; } .k5 { background: #4d9fb5; } .k6 { background: #9b9b9b; }
progress { width: 100%; max-width: 46rem; height: 1rem; accent-color: var(--accent); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem; overflow-x: auto;
  font: 12.5px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; max-height: 40rem; }
summary { cursor: pointer; color: var(--accent); margin: .4rem 0; }
.stack { display: flex; flex-wrap: wrap; gap: .8rem; }
.stack figure { max-width: 18rem; } .legend { color: var(--soft); font-size: .85rem; }
.stack.one { display: block; } .stack.one figure { display: none; max-width: 100%; width: fit-content; }
.stack.one figure.shown { display: block; }
.slider { display: flex; gap: .8rem; align-items: center; max-width: 40rem; margin: 0 0 .7rem; }
.slider input { flex: 1; accent-color: var(--accent); } .slider output { min-width: 7rem; color: var(--soft); }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media print { body { max-width: none; padding: 0; font-size: 11px; background: #fff; } pre { max-height: none; white-space: pre-wrap; }
  .slider { display: none; } figure img { max-height: 16cm; }
  .stack.one { display: flex; } .stack.one figure { display: block; max-width: 30%; } }
)";

const char* const page_script = R"(
document.querySelectorAll('.stack').forEach(function (stack) {
  var slices = Array.from(stack.querySelectorAll('figure'));
  var bar = document.createElement('label'), slider = document.createElement('input'), name = document.createElement('output');
  bar.className = 'slider';
  slider.type = 'range'; slider.min = 0; slider.max = slices.length - 1; slider.step = 1; slider.value = 0;
  slider.setAttribute('aria-label', 'slice');
  bar.append(slider, name);
  stack.before(bar);
  stack.classList.add('one');
  function show() {
    slices.forEach(function (slice, i) { slice.classList.toggle('shown', i === Number(slider.value)); });
    name.textContent = slices[Number(slider.value)].querySelector('figcaption').textContent;
  }
  slider.addEventListener('input', show);
  show();
});
)";

}  // namespace tessera
