/** The look of the page. A colour stands for one thing everywhere: a voice, or the cause of a silence. */

/**
 * Labels of a picture are shown where they fit: the class `needs-600` is hidden in pictures narrower than 600 pixels.
 * What would need more than the most is not shown at all.
 */
export const NEEDS_STEP_PX = 50;
export const MOST_NEEDS_PX = 1_400;

const NEEDS = Array.from({ length: MOST_NEEDS_PX / NEEDS_STEP_PX }, (_, index) => (index + 1) * NEEDS_STEP_PX)
  .map((px) => `@container picture (max-width: ${px - 0.5}px) { .needs-${px} { display: none; } }`)
  .join('\n');

/** What a colour stands for, by day and by night; every page of ours has these. */
export const COLOURS = `
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #1a2230; --dim: #5d6878; --faint: #8b95a5; --line: #e1e5eb; --grid: #e9edf2;
  --caller: #0c8f7c; --agent: #4451b8; --endpointing: #c99a06; --queue: #7b8798; --model: #2483e2; --tool: #e3702a;
  --speech: #a553d6; --bad: #cf2433; --cut: #d01f74; --head: #5f8f00; --good: #1c8a4b; --on: #ffffff; --mark: #fff3c4; --task: #8d5a24; --pause: #66707e;
  --hatch: rgba(255,255,255,.28); --shadow: 0 1px 2px rgba(20,30,50,.05), 0 2px 8px rgba(20,30,50,.05);
  color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12161d; --card: #1a2029; --ink: #e6eaf0; --dim: #9aa5b5; --faint: #6f7b8c; --line: #2b3441; --grid: #242c37;
    --caller: #27b39d; --agent: #7482ea; --endpointing: #d9ae2b; --queue: #8c98aa; --model: #4a9ff0; --tool: #f0894a;
    --speech: #bf7aec; --bad: #ff6370; --cut: #f4559d; --head: #b7e236; --good: #4cc381; --on: #0d1117; --mark: #3b3413; --task: #cf9a5c; --pause: #8390a2;
    --hatch: rgba(10,14,20,.3); --shadow: none;
    color-scheme: dark;
  }
}
`;

export const STYLE = `${COLOURS}* { box-sizing: border-box; }
html { scroll-padding-top: 190px; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 20px 24px 60px; max-width: 1480px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; font-variant-numeric: tabular-nums;
}
h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
code, pre, kbd { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
a { color: inherit; }
i { font-style: normal; }
.patterns { position: absolute; }
[data-at] { cursor: default; }
.has-audio [data-at], .has-audio svg.plot { cursor: pointer; }

.top { margin-bottom: 14px; }
.title { display: flex; align-items: baseline; justify-content: space-between; flex-wrap: wrap; gap: 2px 16px; }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
.call-id { color: var(--faint); overflow-wrap: anywhere; }
.facts { color: var(--dim); display: flex; flex-wrap: wrap; overflow: hidden; overflow-wrap: anywhere; }
.facts > * { position: relative; margin-left: -1.5em; padding: 0 1.5em; }
.facts > :first-child { margin-left: 0; padding-left: 0; }
.facts > * + *::before { content: '·'; position: absolute; left: .6em; color: var(--faint); }

body > .numbers { display: flex; gap: 12px; align-items: stretch; flex-wrap: wrap; margin-bottom: 12px; }
.tiles { display: flex; gap: 10px; flex-wrap: wrap; flex: 1 1 560px; }
.tile, .waits, .notices, .dock, .scene { background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); }
.tile { flex: 1 1 108px; padding: 9px 13px 10px; display: flex; flex-direction: column; }
.tile .name, .waits h2 { color: var(--dim); font-size: 12px; font-weight: 500; white-space: nowrap; }
.tile strong { font-size: 22px; line-height: 1.3; letter-spacing: -.01em; }
.tile .note { color: var(--dim); font-size: 12px; }
.tile.bad strong, .tile.warn .note { color: var(--bad); }
.waits { flex: 1 1 240px; padding: 9px 13px 8px; position: relative; display: flex; flex-direction: column; min-width: 0; }
.columns { display: flex; align-items: flex-end; gap: 2px; height: 58px; margin-top: auto; padding-top: 4px; }
.columns a { flex: 1 1 0; min-width: 1px; max-width: 44px; height: 100%; display: flex; flex-direction: column-reverse; border-radius: 2px; overflow: hidden; background: var(--grid); }
.columns a:hover { outline: 2px solid var(--ink); }
.columns i { display: block; flex: none; }
.waits .scale { position: absolute; top: 9px; right: 13px; font-size: 12px; color: var(--faint); }

.notices { padding: 9px 16px 10px; margin-bottom: 12px; border-left: 4px solid var(--endpointing); }
.notices.bad { border-left-color: var(--bad); }
.notices h2 { font-size: 13px; color: var(--dim); }
.notices.bad h2 { color: var(--bad); }
.notices p a { margin-right: 4px; }
.notices ul { list-style: none; }
.notices li { display: flex; gap: 12px; padding: 2px 0; align-items: baseline; overflow-wrap: anywhere; }
.notices li > a, .notices .what { flex: none; min-width: 5.2em; font-weight: 600; }

.dock { position: sticky; top: 0; z-index: 3; padding: 10px 14px 4px; margin: 0 -1px 16px; }
.controls { display: flex; align-items: center; gap: 6px 18px; flex-wrap: wrap; margin-bottom: 4px; }
audio { height: 34px; flex: 1 1 220px; min-width: 0; max-width: 560px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12px; color: var(--dim); }
.legend i, .chip i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 5px; }
.legend i.held { background: repeating-linear-gradient(90deg, var(--agent) 0 2px, var(--card) 2px 4px); box-shadow: inset 0 0 0 1px var(--agent); }
.legend i.cut-in, .legend i.playing { width: 3px; border-radius: 0; }
.legend i.cut-in { background: var(--cut); } .legend i.playing { background: var(--head); }
.legend .hint { color: var(--faint); }
.legend kbd { font-size: 11px; margin-right: 1px; }
.follow { margin-left: auto; font-size: 12px; color: var(--dim); display: flex; gap: 5px; align-items: center; cursor: pointer; }

i.caller { background: var(--caller); } i.agent { background: var(--agent); } i.endpointing { background: var(--endpointing); }
i.queue { background: var(--queue); } i.model { background: var(--model); } i.tool { background: var(--tool); } i.task { background: var(--task); } i.pause { background: var(--pause); } i.speech { background: var(--speech); }
.caller { --tone: var(--caller); } .agent { --tone: var(--agent); } .endpointing { --tone: var(--endpointing); } .queue { --tone: var(--queue); }
.model { --tone: var(--model); } .tool { --tone: var(--tool); } .speech { --tone: var(--speech); } .task { --tone: var(--task); } .pause { --tone: var(--pause); }

.timeline { display: grid; grid-template-columns: 68px minmax(0, 1fr); min-width: 0; }
.names { padding-top: 18px; font-size: 12px; color: var(--dim); }
.names span { display: block; height: 28px; line-height: 28px; }
${NEEDS}
.needs-${MOST_NEEDS_PX} { display: none; }
.picture { container: picture / inline-size; min-width: 0; }
svg.plot { display: block; width: 100%; overflow: visible; touch-action: manipulation; }
svg text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; fill: var(--dim); font-variant-numeric: tabular-nums; pointer-events: none; }
svg .before, svg text.before { text-anchor: end; }
.rule { stroke: var(--grid); }
.tick { stroke: var(--line); stroke-dasharray: 1 3; }
.tick.zero { stroke: var(--faint); stroke-dasharray: none; }
svg .tick-label { text-anchor: middle; font-size: 11px; fill: var(--faint); }
.shortened { fill: var(--grid); opacity: .35; }
.dotted { fill: url(#short); }
.short-dot { fill: var(--faint); }
.hatch-line { stroke: var(--hatch); stroke-width: 5; }

.bar rect:first-of-type, .working > rect, .flat { fill: var(--tone); }
.backdrop rect { fill: var(--tone); opacity: .2; }
.wave path { fill: var(--tone); pointer-events: none; }
.bar.waiting rect:first-of-type { fill: var(--tone); }
.bar rect.hatch { fill: url(#hatch); }
.bar.faint rect:first-of-type { opacity: .3; }
.bar.held rect:first-of-type { fill: url(#held); }
.held-line { fill: var(--card); }
.bar.around rect:first-of-type { fill-opacity: .13; stroke: var(--tone); }
.bar.around.failed { --tone: var(--bad); } .bar.around.cancelled rect:first-of-type { fill: var(--tone); }
svg .around .inside text { fill: var(--ink); }
svg .around text.arrow { fill: var(--tone); stroke: none; }
.span rect { fill: var(--tone); fill-opacity: .18; stroke: var(--tone); stroke-opacity: .6; }
.span.failed { --tone: var(--bad); } .span.cancelled rect { stroke-dasharray: 3 2; }
svg .span .inside text { fill: var(--ink); font-size: 10.5px; }
.pause-area rect { fill: var(--pause); opacity: .22; }
.pause-area rect.hatch { fill: url(#hatch); opacity: 1; }
.bar:hover rect:first-of-type { filter: brightness(1.12); }
.bar.failed rect:first-of-type, .flat.failed { fill: var(--bad); }
.bar.cancelled rect:first-of-type, .flat.cancelled { fill: var(--card); stroke: var(--tool); stroke-dasharray: 3 2; }
svg .inside text { fill: var(--on); font-weight: 500; }
svg .endpointing .inside text { fill: #241a00; }
svg .cancelled .inside text { fill: var(--ink); }
svg .beside text { fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
svg text.arrow { fill: var(--on); font-size: 11px; paint-order: stroke; stroke: var(--tone); stroke-width: 6px; }
svg .cancelled text.arrow { fill: var(--tone); stroke: var(--card); }
.bar.failed .beside text { fill: var(--bad); }
.mark line { stroke: var(--ink); stroke-width: 1.25; }
.mark.first-word line { stroke: var(--agent); }
.mark.first-word text { fill: var(--agent); font-weight: 600; }
.mark.cut-in line { stroke: var(--cut); stroke-width: 2; }
.mark.cut-in text { fill: var(--cut); font-weight: 600; }
.mark.vendor line { stroke: var(--pause); stroke-dasharray: 4 2; }
.mark.error line { stroke: var(--bad); stroke-width: 2; }
.mark.error text { fill: var(--bad); font-weight: 600; }
.mark.error circle { fill: var(--bad); }
.first-token line { stroke: var(--ink); stroke-width: 1.5; }
.first-token circle { fill: var(--ink); }
.playhead { stroke: var(--head); stroke-width: 2; visibility: hidden; pointer-events: none; }
.playhead.on { visibility: visible; }
.turn-area rect { fill: transparent; }
.turn-area.odd rect { fill: var(--grid); opacity: .6; }
.turn-area:hover rect { fill: var(--mark); opacity: 1; }
svg .turn-number { font-size: 11px; font-weight: 600; text-anchor: middle; }
svg .turn-number.hidden { display: none; }

.scene { padding: 12px 18px 14px; margin-bottom: 12px; position: relative; }
.bracket { position: absolute; left: 3px; top: -1px; bottom: -13px; width: 6px; border-left: 3px solid var(--task); }
.bracket.begins, .bracket.whole { top: 14px; border-top: 3px solid var(--task); border-top-left-radius: 5px; }
.bracket.ends, .bracket.whole { bottom: 14px; border-bottom: 3px solid var(--task); border-bottom-left-radius: 5px; }
.bracket.failed { border-color: var(--bad); } .bracket.cancelled { border-left-style: dashed; }
.bracket.depth-1 { left: 8px; } .bracket.depth-2 { left: 13px; }
.scene:target { border-color: var(--model); box-shadow: 0 0 0 1px var(--model); }
.scene.playing { border-color: var(--head); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 14px; margin-bottom: 8px; }
.head h2 { font-size: 16px; }
.head h2 a { text-decoration: none; }
.head h2 a:hover { text-decoration: underline; }
.when { color: var(--faint); font-size: 13px; }
.head .numbers { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-left: auto; color: var(--dim); font-size: 13px; align-items: baseline; }
.head .numbers strong { color: var(--ink); }
.head .big strong { font-size: 17px; color: var(--agent); }
.causes { display: flex; flex-wrap: wrap; gap: 2px 12px; }
.chip b { color: var(--ink); font-weight: 600; }
.body { display: grid; grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); gap: 6px 28px; align-items: start; }
.between .body, .greeting .body { grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); }

.transcript { grid-column: 2; min-width: 0; display: flex; flex-direction: column; gap: 3px; }
.line { display: grid; grid-template-columns: 50px 58px minmax(0, 1fr); gap: 8px; align-items: baseline; padding: 2px 6px; border-left: 3px solid var(--tone, transparent); }
.team .line { grid-template-columns: 50px 74px minmax(0, 1fr); }
.line time { color: var(--faint); font-size: 12px; text-align: right; }
.line .who { font-size: 12px; color: var(--tone, var(--dim)); font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line p { overflow-wrap: anywhere; }
.words { white-space: pre-line; }
.line.now { background: var(--mark); }
.has-audio .line[data-at]:hover { background: var(--grid); }
.line.failed, .line.error { --tone: var(--bad); }
.line.cut-in { --tone: var(--cut); color: var(--dim); }
.line.quiet, .line.aside { color: var(--dim); }
.line.agent del { color: var(--faint); text-decoration-color: var(--cut); }
.tag { display: inline-block; font-size: 11px; line-height: 16px; padding: 0 6px; border-radius: 8px; background: var(--grid); color: var(--dim); white-space: nowrap; vertical-align: 1px; }
.tag + .tag { margin-left: 4px; }
.tag code { font-size: 11px; line-height: inherit; }
.tag.unheard { background: none; box-shadow: inset 0 0 0 1px var(--cut); color: var(--cut); }
.tag.state.ok { color: var(--good); } .tag.state.failed { background: var(--bad); color: var(--on); } .tag.state.cancelled { color: var(--dim); }
.tag.who { background: none; box-shadow: inset 0 0 0 1px var(--agent); color: var(--agent); font-weight: 600; }
.tag.task { background: none; box-shadow: inset 0 0 0 1px var(--task); color: var(--task); }
.tag.late { background: none; box-shadow: inset 0 0 0 1px var(--tool); color: var(--tool); }
.tag.outcome.replied { color: var(--good); } .tag.outcome.interrupted { color: var(--cut); }
.tag.outcome.failed, .tag.outcome.cut, .tag.outcome.step-limit { background: var(--bad); color: var(--on); }
.tag { white-space: normal; overflow-wrap: anywhere; }
kbd { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; margin-right: 3px; }
details { min-width: 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary code { font-weight: 600; margin-right: 8px; }
summary .preview { color: var(--dim); font-size: 13px; margin-left: 8px; }
details[open] .preview { display: none; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 12px; margin: 4px 0 6px; font-size: 12.5px; }
dt { color: var(--dim); }
dd { overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 320px; overflow: auto; background: var(--paper); border-radius: 6px; padding: 4px 8px; }
.requests { grid-column: 2; margin-left: 9px; font-size: 12.5px; color: var(--dim); }
.requests[open] { grid-column: 1 / -1; margin-left: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin-top: 4px; }
th { text-align: left; font-weight: 500; color: var(--faint); }
th, td { padding: 1px 14px 1px 0; white-space: nowrap; }
footer { color: var(--faint); font-size: 12px; padding: 6px 4px; }

@media (min-width: 981px) { .body .timeline { position: sticky; top: 190px; } }
@media (max-width: 980px) {
  .requests, .transcript { grid-column: 1; }
  .body, .between .body, .greeting .body { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 640px) {
  body { padding: 12px 10px 40px; font-size: 14.5px; }
  html { scroll-padding-top: 200px; }
  h1 { font-size: 22px; }
  .tiles { gap: 8px; }
  .tile { flex-basis: 29%; padding: 7px 10px; }
  .tile strong { font-size: 18px; }
  .dock { padding: 8px 8px 2px; border-radius: 0 0 10px 10px; }
  .legend { display: none; }
  .scene { padding: 10px 10px 12px; }
  .timeline { grid-template-columns: 58px minmax(0, 1fr); }
  .names { font-size: 11px; }
  .head .numbers { margin-left: 0; width: 100%; }
  .line, .team .line { grid-template-columns: 44px minmax(0, 1fr); }
  .line .who { display: none; }
  svg .turn-number.roomy-only { display: none; }
  .notices li { flex-direction: column; gap: 0; }
}
@media print {
  :root { --paper: #fff; --shadow: none; }
  body { padding: 0; font-size: 12px; max-width: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .dock { position: static; }
  audio, .follow, .playhead { display: none; }
  .head, .timeline, .line { break-inside: avoid; }
  .head { break-after: avoid; }
  .scene { break-inside: auto; }
  .body, .between .body, .greeting .body { grid-template-columns: minmax(0, 1fr); }
  pre { max-height: none; }
  .requests, .transcript { grid-column: 1; }
}
`;
