/** The look of an evaluation's page: the colours of a call's, and squares, dots and maps of its own. */
import { COLOURS } from '../../page/style.ts';

export const REPORT_STYLE = `${COLOURS}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 20px 24px 60px; max-width: 1280px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, ul, ol { margin: 0; padding: 0; }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 18px; overflow-wrap: anywhere; }
h3 { font-size: 13px; font-weight: 500; color: var(--dim); }
a { color: inherit; }
.facts, .notes { color: var(--dim); overflow-wrap: anywhere; }
.counts { display: flex; gap: 10px; flex-wrap: wrap; margin: 14px 0; }
.card, .count { background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); }
.count { padding: 9px 16px 10px; min-width: 108px; }
.count strong { display: block; font-size: 22px; line-height: 1.3; }
.count.pass strong, .sign.holds { color: var(--good); }
.count.fail strong, .sign.fails { color: var(--bad); }
.count.void strong, .sign.unknown { color: var(--endpointing); }
.card { padding: 14px 18px 16px; margin-bottom: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
.numbers { width: 100%; }
.numbers th, .numbers td { padding: 4px 12px 4px 0; text-align: right; white-space: nowrap; border-top: 1px solid var(--grid); }
.numbers thead th { border-top: 0; color: var(--dim); font-weight: 500; font-size: 12.5px; }
.numbers th:first-child, .numbers td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.numbers a { text-decoration: none; }
.sides th, .sides td { width: 48%; text-align: left; vertical-align: top; white-space: normal; overflow-wrap: anywhere; }
.sides th:first-child, .sides td:first-child { width: 4%; }
.sides thead a { text-decoration: underline; }
.sides .parts td { background: color-mix(in oklab, var(--bad) 12%, var(--card)); }
.numbers a:hover { text-decoration: underline; }
.scenario > header { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; }
.scenario .file { color: var(--faint); font-size: 13px; }
.gate { margin-top: 4px; }
.gate.fails { color: var(--bad); }
.flaky { display: inline-block; padding: 0 7px; border-radius: 8px; background: var(--endpointing); color: #241a00; font-size: 12px; }
.strip { display: flex; flex-wrap: wrap; gap: 4px; margin: 10px 0; }
.square { width: 22px; height: 22px; border-radius: 4px; display: block; font-size: 11px; line-height: 22px; text-align: center; color: var(--on); text-decoration: none; }
.square:hover, .map a:hover { outline: 2px solid var(--ink); }
.square.pass { background: var(--good); } .square.fail { background: var(--bad); }
.square.void, .map .void { background: repeating-linear-gradient(45deg, var(--queue) 0 4px, var(--card) 4px 8px); color: var(--ink); box-shadow: inset 0 0 0 1px var(--queue); }
.findings { list-style: none; display: grid; gap: 3px; margin: 8px 0; }
.findings li { display: grid; grid-template-columns: 150px 130px minmax(0, 1fr); gap: 10px; border-top: 1px solid var(--grid); padding-top: 3px; }
.findings .run { color: var(--dim); overflow-wrap: anywhere; }
.findings .check { font-weight: 600; overflow-wrap: anywhere; }
.findings .fault .check { color: var(--bad); }
.findings q { color: var(--dim); overflow-wrap: anywhere; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 10px 28px; margin-top: 10px; }
.plots svg { display: block; width: 100%; overflow: visible; }
.plots text { font-size: 11px; fill: var(--dim); }
.dot { fill: var(--agent); opacity: .65; }
.dot.fail { fill: var(--bad); opacity: .9; }
a:hover .dot { opacity: 1; stroke: var(--ink); }
.axis { stroke: var(--line); }
.quantile { stroke: var(--ink); stroke-dasharray: 2 2; }
.map { margin-top: 10px; border-spacing: 2px; border-collapse: separate; }
.map th { font-weight: 500; font-size: 12px; color: var(--dim); padding: 2px 6px; text-align: right; }
.map thead th { text-align: center; }
.map td { padding: 0; min-width: 42px; height: 26px; text-align: center; border-radius: 4px; font-size: 12px; background: color-mix(in oklab, var(--bad), var(--good) calc(var(--share) * 100%)); color: var(--on); }
.map td.nothing { background: var(--grid); }
.map td a { display: block; color: inherit; text-decoration: none; line-height: 26px; border-radius: 4px; }
.legend { color: var(--dim); font-size: 12.5px; }
footer { color: var(--faint); font-size: 12px; padding: 6px 4px; }
@media (max-width: 640px) {
  body { padding: 12px 10px 40px; }
  .findings li { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media print { :root { --paper: #fff; --shadow: none; } body { padding: 0; font-size: 12px; -webkit-print-color-adjust: exact; print-color-adjust: exact; } .card { break-inside: avoid; } }
`;
