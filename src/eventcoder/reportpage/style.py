"""The style sheet of the page: wide and narrow, on paper, for the keyboard. Floor 5.

Text stands on its ground with a contrast of 4.5 or more. On paper everything that is folded is open and nothing is cut off.
"""

STYLE = """
:root { color-scheme: light; --ink: #222; --faint: #595959; --line: #d9d9d9; --soft: #f5f5f3; --link: #0b5394; --bar: #9cc4de; }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .4rem 0; overflow-wrap: anywhere; } h2 { font-size: 1.35rem; margin: 2.4rem 0 .5rem; }
h2:target { text-decoration: underline; } h3 { font-size: 1.05rem; margin: 1.5rem 0 .3rem; } p { max-width: 46rem; margin: .4rem 0; }
a { color: var(--link); } .faint, figcaption { color: var(--faint); font-size: .92rem; }
.skip { position: absolute; left: -99rem; background: #fff; padding: .5rem 1rem; } .skip:focus { left: 1rem; top: .5rem; z-index: 1; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; padding: 0; margin: .8rem 0 0; }
.warning { border-left: .4rem solid #b45309; background: #fdf3e4; padding: .5rem .9rem; max-width: none; }
.query { border-left: .4rem solid var(--link); background: #eef5fb; padding: .5rem .9rem; max-width: none; overflow-wrap: anywhere; }
.verdict { font-weight: 600; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1rem 0; }
dl.facts div { background: var(--soft); padding: .6rem .8rem; } dl.facts dt { color: var(--faint); font-size: .85rem; }
dl.facts dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
dd small { display: block; font-size: .82rem; font-weight: 400; }
figure { margin: .8rem 0; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; font-family: "Liberation Sans", Arial, Helvetica, sans-serif; }
svg.wide { max-width: 1120px; } figure svg.narrow { display: none; max-width: 360px; }
figure svg.map { overflow: hidden; border: 1px solid var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; list-style: none; padding: 0; margin: .4rem 0; font-size: .92rem; }
figure .legend svg { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; }
.beside { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 2fr); gap: 1.2rem; align-items: start; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.6rem; align-items: start; }
.scroll { overflow-x: auto; margin: .4rem 0 1rem; }
table { border-collapse: collapse; min-width: min(100%, 24rem); font-size: .92rem; } table.bars { width: 100%; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .22rem .5rem; border-bottom: 1px solid var(--line); }
td { overflow-wrap: break-word; } thead th, thead td { border-bottom: 2px solid var(--faint); vertical-align: bottom; }
thead th.number { white-space: normal; }
tbody th { font-weight: 500; overflow-wrap: break-word; min-width: 7rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.bar { width: 26%; min-width: 3.5rem; } td.bar svg { display: block; width: 100%; height: .8rem; margin-top: .3rem; }
td.bar rect { fill: var(--bar); }
tr.sum th { font-weight: 700; } tr.under th { padding-left: 1.4rem; font-weight: 400; }
table.weeks { width: auto; font-size: .8rem; } table.weeks td { text-align: right; min-width: 2rem; padding: .15rem .3rem; border: 1px solid #fff; }
table.weeks thead th { font-weight: 400; white-space: nowrap; writing-mode: vertical-rl; transform: rotate(180deg); padding: .3rem .1rem; border: 0; }
table.weeks thead th:first-child { writing-mode: horizontal-tb; transform: none; font-weight: 600; }
table.weeks tbody th { position: sticky; left: 0; background: #fff; white-space: nowrap; overflow-wrap: normal; }
.read { background: #bcd9ea; } .zero { background: #e3f0f7; } .part { background: #fbe7c3; } .unread { background: #f1f1f1; color: var(--faint); }
.key { display: inline-block; min-width: 1.6rem; text-align: center; padding: 0 .3rem; margin-right: .3rem; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--link); padding: .2rem 0; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); }
:focus-visible { outline: 3px solid #0b5394; outline-offset: 2px; }
@media (max-width: 46rem) {
  .beside, .pair { grid-template-columns: minmax(0, 1fr); } svg.map text { display: none; }
  figure svg.wide { display: none; } figure svg.narrow { display: block; }
  table { min-width: 100%; } tbody th { min-width: 5.5rem; }
  h1 { font-size: 1.5rem; } th, td { padding: .2rem .35rem; } dl.facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@media print {
  @page { margin: 14mm; } html { font-size: 9.5pt; } body { max-width: none; padding: 0; } nav, .skip { display: none; } a { color: inherit; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  figure svg.wide { display: block; } figure svg.narrow { display: none; } figure, tr, dl.facts div { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  dl.facts { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .scroll { overflow: visible; } thead { display: table-header-group; } table.weeks { font-size: 6pt; } table.weeks td { min-width: 0; padding: 1pt; }
  table.weeks tbody th { position: static; min-width: 0; }
  details::details-content { content-visibility: visible; display: block; height: auto; } details > summary { list-style: none; }
}
"""
