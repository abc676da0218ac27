// The page's only style. One scale of type (1.25), one of space (.25rem), colours by their role, for light and dark in one place; the
// category colours are told apart by those who see no red or green, too. System fonts; a layout for the phone, and one for paper.
export const STYLE = `
:root {
  color-scheme: light dark;
  --t-1: .8rem; --t0: 1rem; --t1: 1.25rem; --t3: 1.95rem; --t4: 2.44rem;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  --paper: light-dark(#fbfcfd, #0f1215); --ink: light-dark(#15191e, #e6e9ec); --dim: light-dark(#565e68, #9aa3ad);
  --line: light-dark(#dde2e7, #2b3138); --soft: light-dark(#eef2f6, #1b2127); --link: light-dark(#0b5fae, #7ab8ff);
  --bad: light-dark(#a3122b, #ff9aa8);
  --k0: light-dark(#66707c, #98a2ad); --k1: light-dark(#0b5fae, #6cb2ff); --k2: light-dark(#b5480a, #ff9a5c);
  --k3: light-dark(#8a3d94, #dd96ea); --k4: light-dark(#007a68, #4fd1bb); --k5: light-dark(#7a6200, #e0c65a);
  --l1: light-dark(#d3e3f4, #17324f); --l2: light-dark(#94bde7, #23558a); --l3: light-dark(#2f74ba, #5c9fe0); --l4: light-dark(#0b3c73, #b5d9ff);
}
html { font: 93.75%/1.5 var(--sans); scroll-padding-top: 4rem; -webkit-text-size-adjust: 100% }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere }
h1, h2, h3, p, ul, ol, dl, dd, fieldset { margin: 0; padding: 0; border: 0; font-size: inherit }
ul, ol { list-style: none }
h2 { font-size: var(--t1); line-height: 1.3; letter-spacing: -.01em; font-weight: 650 }
a { color: var(--link); text-underline-offset: .2em }
code, pre { font-family: var(--mono); font-size: var(--t-1) }
summary { cursor: pointer }
table { border-collapse: collapse; text-align: left }
th { font-weight: inherit }
em { font-style: normal; color: var(--dim) }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px }
.wrap, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem }
main:focus { outline: 0 }
.dim { color: var(--dim) }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.defs { position: absolute }
.skip { position: absolute; left: -99rem; z-index: 9; padding: .5rem .75rem; background: var(--paper) }
.skip:focus { left: .5rem; top: .5rem }
[hidden] { display: none !important }

.icon { width: 1em; height: 1em; flex: none; vertical-align: -.12em; margin-right: .45em; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
.mark { width: .85rem; height: .85rem; vertical-align: -.1rem; margin-right: .4rem }
.mark, .lane a, .lane g { fill: currentColor; stroke: currentColor; stroke-width: 2.4; stroke-linecap: round }
#changed { stroke: none }
.k0 { --k: var(--k0) } .k1 { --k: var(--k1) } .k2 { --k: var(--k2) } .k3 { --k: var(--k3) } .k4 { --k: var(--k4) } .k5 { --k: var(--k5) }

.answer { --on: #fff; --link: #fff; color: var(--on); background: var(--band); padding: 1.5rem 0 1.25rem }
.answer.ok { --band: light-dark(#0c4740, #0d3d38); --on-dim: #bcd9d3 }
.answer.warning { --band: light-dark(#6b4300, #573803); --on-dim: #efd5a8 }
.answer.critical { --band: light-dark(#7c1626, #6a1422); --on-dim: #f6c4c9 }
.brand { display: flex; flex-wrap: wrap; gap: 0 .75rem; color: var(--on-dim) }
.brand b { color: var(--on) }
.brand time { margin-left: auto }
h1 { display: flex; align-items: center; font-size: var(--t4); line-height: 1.15; letter-spacing: -.025em; font-weight: 680; margin: 1.5rem 0 1.25rem; text-wrap: balance }
h1 .icon { width: .9em; height: .9em; margin-right: .35em }
.needs { margin-bottom: 1.5rem; border-top: 1px solid color-mix(in srgb, var(--on) 25%, transparent) }
.needs li { display: flex; align-items: baseline; gap: .25rem .75rem; padding: .5rem 0; border-bottom: 1px solid color-mix(in srgb, var(--on) 25%, transparent) }
.needs .icon { position: relative; top: .12em; margin-right: -.3em }
.needs p { flex: 1 }
.needs a { margin-left: .5rem; color: var(--on-dim) }
.answer .cmd { color: var(--on); background: color-mix(in srgb, #000 22%, transparent); padding: .15rem .5rem; border-radius: .3rem }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; background: color-mix(in srgb, var(--on) 25%, var(--band)); border: 1px solid color-mix(in srgb, var(--on) 25%, var(--band)); border-radius: .5rem; overflow: hidden }
.tiles li { background: var(--band); padding: .75rem .9rem .8rem }
.tiles h2 { font-size: var(--t0); font-weight: 400; letter-spacing: 0; color: var(--on-dim); display: flex; align-items: center }
.value { line-height: 1.2; margin: .35rem 0 .25rem }
.value b { font-size: var(--t3); font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; white-space: nowrap }
.note { font-size: var(--t-1); line-height: 1.4; color: var(--on-dim) }
.tiles .warning, .tiles .critical { background: #fff; color: #15191e }
.tiles .warning h2, .tiles .warning b { color: #6b4300 }
.tiles .critical h2, .tiles .critical b { color: #a3122b }
.tiles .warning .note, .tiles .critical .note { color: #3d444c }
.fine { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin-top: .9rem; font-size: var(--t-1); color: var(--on-dim) }
.fine dl { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; flex: 1 }
.fine dl div { display: flex; gap: .4rem }
.fine dd { color: var(--on) }
.checks ul { columns: 2 18rem; margin-top: .4rem }
.checks li { break-inside: avoid }
.checks[open] { flex-basis: 100% }

nav { position: sticky; top: 0; z-index: 5; background: var(--paper); border-bottom: 1px solid var(--line) }
nav .wrap { display: flex; align-items: center; gap: 1.5rem; min-height: 3rem }
nav a { color: var(--ink); text-decoration: none; padding: .25rem 0 }
nav a:hover { text-decoration: underline }
.search { margin-left: auto }
.search input { width: 15rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--k0); border-radius: .4rem; padding: .25rem .6rem }
.search input::placeholder { color: var(--dim); opacity: 1 }

main > * { margin-top: 2.5rem }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .5rem 1.5rem; margin-bottom: .75rem }
.chips { display: flex; flex-wrap: wrap; gap: .35rem; font-size: var(--t-1); min-width: 0 }
.chips label { padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 1rem; cursor: pointer; position: relative }
.chips label:has(:checked) { background: var(--ink); border-color: var(--ink); color: var(--paper) }
.chips label:has(:focus-visible) { outline: 2px solid var(--link); outline-offset: 2px }
.chips input { position: absolute; opacity: 0; pointer-events: none }
.chips i, .tag i, .legend i { display: inline-block; width: .6rem; height: .6rem; border-radius: 50%; background: var(--k); margin-right: .15rem }
main:has(#k-k0:checked) .entry:not(.k0), main:has(#k-k1:checked) .entry:not(.k1), main:has(#k-k2:checked) .entry:not(.k2),
main:has(#k-k3:checked) .entry:not(.k3), main:has(#k-k4:checked) .entry:not(.k4), main:has(#k-k5:checked) .entry:not(.k5) { display: none }
.entry { display: grid; grid-template-columns: 8rem minmax(0, 1fr) auto; gap: 0 2rem; padding: .7rem 0 .9rem; position: relative; border-top: 1px solid var(--line) }
.when { font-variant-numeric: tabular-nums; color: var(--dim) }
.when b { color: var(--ink); font-weight: 600; white-space: nowrap }
.when b, .when time { display: block }
.what { position: relative }
.what::before, .quiet details::before { content: ""; position: absolute; left: -1.45rem; top: .35rem; width: .8rem; height: .8rem; border-radius: 50%; background: var(--k) }
.none .what::before, .quiet details::before { background: var(--paper); border: 2px solid var(--k) }
.quiet details { position: relative; color: var(--dim) }
.quiet .when b { font-weight: 400; color: inherit; white-space: normal }
.quiet .cmds { columns: 2 15rem; margin-top: .3rem }
.entry h3 { display: inline; font-weight: 650; margin-right: .4rem }
.tags { display: inline; font-size: var(--t-1) }
.tags .dim { white-space: nowrap }
.tags .git { white-space: normal }
.git::before { content: "· " }
.tag { display: inline-block; margin-right: .5rem }
.tag.bad, .bad { color: var(--bad) }
ul.bad { font-size: var(--t-1) }
.told { margin-top: .35rem }
.told li { padding: .1rem 0 .1rem 1.3rem; text-indent: -1.3rem }
.told li > * { text-indent: 0 }
.told b { font-weight: 600; margin-right: .35rem }
.told .mark { color: var(--k) }
.told details { padding-left: 1.3rem; color: var(--dim) }
.told + details { margin-top: .1rem; color: var(--dim) }
.told + details .told { color: var(--ink) }
.verb, .sep { color: var(--dim) }
del { text-decoration: none; color: var(--dim) }
ins { text-decoration: none; font-weight: 600 }
pre { margin: .4rem 0; padding: .5rem .75rem; background: var(--soft); border-radius: .3rem; overflow-x: auto; white-space: pre; line-height: 1.45; text-indent: 0 }
pre i { font-style: normal; color: var(--dim) }
pre ins { color: var(--ink) }
:target { background: var(--soft); box-shadow: 0 0 0 .4rem var(--soft); border-radius: .1rem }
.cmds { font-size: var(--t-1); color: var(--dim) }
.cmds div { display: grid; grid-template-columns: 7.5rem 18rem; gap: .75rem }
.cmds dt { text-align: right }
.cmd { color: var(--ink); user-select: all }
button.cmd { border: 0; background: none; padding: 0; text-align: left; cursor: copy; color: var(--ink); font-family: var(--mono); font-size: var(--t-1); overflow-wrap: anywhere }
button.cmd:hover { text-decoration: underline }
.month { border-top: 1px solid var(--line) }
.month > summary { padding: .7rem 0; color: var(--dim) }
.month > summary h3 { display: inline; color: var(--ink); font-weight: 650; margin-right: .4rem }
.untold { border-top: 1px solid var(--line); padding-top: .7rem; color: var(--dim) }
.untold ul { columns: 5 12rem; font-size: var(--t-1); margin-top: .3rem }
.toast { position: fixed; left: 50%; bottom: 1.5rem; translate: -50%; background: var(--ink); color: var(--paper); padding: .5rem 1rem; border-radius: .4rem; max-width: 90vw; z-index: 9 }

.patterns { display: grid; grid-template-columns: 25rem minmax(0, 1fr); gap: 2.5rem 3.5rem }
.patterns > div > * + * { margin-top: 2.5rem }
.months { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; margin-top: .75rem }
.month h3 { font-weight: 600 }
div.month { border: 0 }
.month ol { display: grid; grid-template-columns: repeat(7, 1.55rem); grid-auto-rows: 1.55rem; gap: 2px; font-size: var(--t-1); font-variant-numeric: tabular-nums; text-align: center; line-height: 1.55rem }
.month ol :is(a, b, li > span) { display: block; border-radius: .2rem; color: var(--ink); text-decoration: none; font-weight: inherit }
.month ol li > span { color: var(--dim) }
.month ol .l0, i.l0 { box-shadow: inset 0 0 0 1px var(--k0) }
.l1 { background: var(--l1) } .l2 { background: var(--l2) } .l3 { background: var(--l3) } .l4 { background: var(--l4) }
.month ol .l2 { color: light-dark(#10151a, #fff) }
.month ol :is(.l3, .l4) { color: light-dark(#fff, #0b1016) }
.d1 { grid-column-start: 2 } .d2 { grid-column-start: 3 } .d3 { grid-column-start: 4 } .d4 { grid-column-start: 5 } .d5 { grid-column-start: 6 } .d6 { grid-column-start: 7 }
.small { gap: .9rem 1.2rem }
.small .month h3 { font-size: var(--t-1) }
.small .month ol { grid-template-columns: repeat(7, .8rem); grid-auto-rows: .8rem; font-size: 0; line-height: 0 }
.small .month ol :is(a, b, li > span) { height: .8rem; border-radius: .15rem }
.small .month ol li > span { background: var(--soft) }
.scale { display: flex; align-items: center; gap: .3rem; margin-top: .75rem; font-size: var(--t-1) }
.scale i { width: .8rem; height: .8rem; border-radius: .15rem; margin-left: .5rem }
.restless { width: 100%; margin-top: .5rem }
.restless th, .restless td { padding: .2rem .5rem .2rem 0 }
.restless thead { font-size: var(--t-1); color: var(--dim) }
.restless .n { text-align: right; font-variant-numeric: tabular-nums }
.restless .bar { width: 35% }
.restless svg { display: block; width: 100%; height: .6rem; fill: var(--l3) }
.restless td:last-child { white-space: nowrap; text-align: right; padding-right: 0; font-variant-numeric: tabular-nums }
.hours { width: 100%; margin-top: .5rem }
.hours th { width: 3rem; vertical-align: top; font-weight: 650; font-variant-numeric: tabular-nums; padding: .2rem .75rem .2rem 0; white-space: nowrap }
.hours td { padding: .2rem 0; border-top: 1px solid var(--line) }
.hours .empty th { font-weight: 400; color: var(--dim); font-size: var(--t-1); line-height: 1; padding-block: .1rem }
.hours .empty td { padding: 0 }
.hours ul { display: flex; flex-wrap: wrap; gap: 0 1.1rem }
.min { color: var(--dim); font-variant-numeric: tabular-nums; font-size: var(--t-1); margin-right: .3rem }
.down { color: var(--bad) }
.down span { font-weight: 400 }
.rest th { font-weight: 400; color: var(--dim) }

.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .35rem 0 .6rem; font-size: var(--t-1) }
.scroll { overflow-x: auto; border-block: 1px solid var(--line) }
.matrix { width: 100%; border-collapse: separate; border-spacing: 0 }
.matrix th, .matrix td { padding: 0 }
.matrix tr > th { position: sticky; left: 0; z-index: 1; width: 1%; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; background: var(--paper); padding-right: 1rem; white-space: nowrap }
.matrix td, .matrix thead th { min-width: 28rem }
.matrix thead th { max-width: none; overflow: visible }
.matrix thead th:first-child { min-width: 0; color: var(--dim); font-size: var(--t-1) }
.matrix thead th:last-child { position: static; width: auto; padding: 0 }
.axis, .lane { display: block; width: 100%; overflow: visible }
.axis { height: 1.4rem; font-size: var(--t-1); fill: var(--dim) }
.lane { height: 24px }
.bars { height: 56px }
.bars rect { width: 7px; translate: -3.5px; stroke: none }
.all th span { display: block; font-size: var(--t-1); color: var(--dim) }
#grid line { stroke: var(--line) }
.life { stroke: var(--k0); opacity: .45 }
.lane :is(a, g) { color: var(--k) }
.group th, .group td { padding-top: 1rem; font-weight: 650 }
.group td { color: var(--dim); font-weight: 400; font-size: var(--t-1) }
.still td { padding: .25rem 0; color: var(--dim) }
.still ul { columns: 5 11rem; font-size: var(--t-1); padding: .25rem 0 }
.matrix tr:hover .life { opacity: 1 }
footer { margin-top: 3rem; padding-block: 1.25rem 2.5rem; color: var(--dim); font-size: var(--t-1) }

.steps { counter-reset: step; margin-top: .75rem }
.steps li { counter-increment: step; display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .6rem 0; border-top: 1px solid var(--line) }
.steps li::before { content: counter(step); font-weight: 650; color: var(--dim) }
.steps p { flex: 1 20rem }

@media (max-width: 68rem) {
  .tiles { grid-template-columns: repeat(3, 1fr) }
  .patterns { grid-template-columns: minmax(0, 1fr) }
  .entry { grid-template-columns: 8rem minmax(0, 1fr) }
  .cmds { grid-column: 2; margin-top: .4rem }
  .cmds div { grid-template-columns: 7.5rem minmax(0, 1fr) }
  .cmds dt { text-align: left }
}
@media (max-width: 40rem) {
  .wrap, main, footer { padding: 0 1rem }
  .brand time { margin-left: 0; flex-basis: 100% }
  h1 { font-size: var(--t3) }
  .tiles { grid-template-columns: repeat(2, 1fr) }
  .value b { font-size: var(--t1) }
  .needs li { flex-wrap: wrap }
  .needs p { flex: 1 1 80% }
  .needs .cmd { margin-left: 1.45em }
  nav { position: static }
  nav .wrap { gap: .25rem 1rem; flex-wrap: wrap; padding-block: .5rem }
  .search, .search input { width: 100% }
  .entry { grid-template-columns: minmax(0, 1fr); padding-left: 1.4rem }
  .when b, .when time { display: inline }
  .cmds { grid-column: 1 }
  .cmds div { grid-template-columns: 6.2rem minmax(0, 1fr); gap: .5rem }
  .what, .quiet details { position: static }
  .what::before, .quiet details::before { left: 0; top: 1.05rem }
  .matrix tr > th { max-width: 38vw }
  .matrix thead th:last-child { max-width: none }
  .hours td { overflow-wrap: anywhere }
}
@media print {
  :root { color-scheme: light }
  html { font-size: 9pt }
  .skip, nav, .chips, .toast { display: none }
  .wrap, main, footer { max-width: none; padding: 0 }
  details::details-content { content-visibility: visible; height: auto }
  .entry, tr, .month ol { break-inside: avoid }
  .scroll { overflow: visible }
  .matrix tr > th { position: static }
  .matrix td, .matrix thead th { min-width: 0 }
  pre { white-space: pre-wrap }
  .answer, .tiles li, .what::before, .month ol *, .scale i, .chips i, .tag i, .legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
`;
