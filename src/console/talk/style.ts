/** The look of the page that talks: that of a recorded call's, and what is its own. */
import { STYLE } from '../../page/style.ts';

export const TALK_STYLE = `${STYLE}
html { scroll-padding-top: 120px; }
.talk { max-width: 1560px; padding-bottom: 30px; }
.talk .top { display: flex; flex-wrap: wrap; gap: 10px 28px; align-items: flex-end; justify-content: space-between; }
.talk .title { display: block; min-width: 0; }
.talk #version { color: var(--good); }
.talk #version:empty { display: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
[hidden] { display: none !important; }

.ways { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 0; }
.ways legend { padding: 0 0 3px; font-size: 12px; color: var(--dim); }
.way { cursor: pointer; }
.way input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.way span { display: block; padding: 5px 14px; border: 1px solid var(--line); background: var(--card); margin-left: -1px; font-size: 14px; }
.way:first-of-type span { border-radius: 8px 0 0 8px; margin-left: 0; }
.way:last-of-type span { border-radius: 0 8px 8px 0; }
.way input:checked + span { background: var(--agent); border-color: var(--agent); color: var(--on); font-weight: 600; }
.way input:disabled + span { color: var(--faint); cursor: not-allowed; text-decoration: line-through; }
.way input:focus-visible + span, .talk button:focus-visible, .talk input:focus-visible, .talk summary:focus-visible, .talk a:focus-visible { outline: 3px solid var(--model); outline-offset: 2px; }
#way-note { flex-basis: 100%; font-size: 12px; color: var(--dim); padding-top: 3px; }

.talk .notices li { align-items: baseline; white-space: normal; }
.talk .notices li p { white-space: pre-wrap; min-width: 0; }
.talk .notices .what { color: var(--bad); font-weight: 600; overflow-wrap: anywhere; }

.talk .dock { padding: 12px 16px; }
.talk .controls { gap: 8px 12px; margin: 0; }
.talk button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 6px 16px; cursor: pointer; }
.talk button:hover:enabled { border-color: var(--faint); }
.talk button:disabled { color: var(--faint); cursor: default; }
.talk button[aria-pressed='true'], .talk button[aria-expanded='true'] { background: var(--mark); border-color: var(--endpointing); }
.talk button.main { background: var(--agent); border-color: var(--agent); color: var(--on); font-weight: 600; min-width: 136px; }
.talk button.main.end { background: var(--bad); border-color: var(--bad); }
.meters { display: flex; flex-direction: column; gap: 3px; }
.meters span { display: flex; align-items: center; gap: 6px; }
.meters i { width: 8px; height: 8px; border-radius: 2px; }
meter { width: 110px; height: 8px; appearance: none; background: none; border: 0; }
meter::-webkit-meter-inner-element { display: block; height: 8px; }
meter::-webkit-meter-bar { height: 8px; border: 0; border-radius: 4px; background: var(--grid); }
meter::-webkit-meter-optimum-value { border-radius: 4px; background: var(--caller); transition: width .08s; }
#level-agent::-webkit-meter-optimum-value { background: var(--agent); }
#state { color: var(--dim); }
.talk .when { min-width: 4.2em; font-variant-numeric: tabular-nums; }
#say { display: flex; gap: 8px; margin-top: 10px; }
#words { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 7px 12px; }
#words::placeholder { color: var(--faint); }
.understood { color: var(--caller); font-style: italic; }
.understood:not(:empty), .talk .notice:not(:empty) { margin-top: 8px; }
.talk .notice { color: var(--bad); }
.keypad { display: grid; grid-template-columns: repeat(12, minmax(30px, 1fr)); gap: 6px; margin-top: 10px; max-width: 620px; }
.keypad button { padding: 6px 0; font-weight: 600; }

.columns-of-page { display: grid; grid-template-columns: minmax(0, 1fr) 380px; gap: 16px; align-items: start; }
.talk aside { position: sticky; top: 132px; display: flex; flex-direction: column; gap: 12px; min-width: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); padding: 12px 16px; min-width: 0; }
.card h2 { font-size: 14px; margin-bottom: 6px; }
.card p + h2, .card pre + h2 { margin-top: 10px; }
#after { margin-bottom: 16px; }
#after .files { display: flex; flex-wrap: wrap; gap: 6px 20px; align-items: center; }
#after audio { flex: 1 1 260px; }
.card p code { color: var(--faint); overflow-wrap: anywhere; }
.empty { color: var(--faint); }
main > .empty { padding: 34px 18px; text-align: center; border: 1px dashed var(--line); border-radius: 10px; }
.talk .body { grid-template-columns: minmax(0, 1.2fr) minmax(0, 1fr); }
.talk .body .timeline { top: 140px; }
.live .scene { border-color: var(--agent); }
.live .line.agent del { text-decoration: none; color: var(--faint); }
.live .tag.unheard { display: none; }

.history { list-style: none; margin: 0; padding: 0; max-height: calc(100vh - 330px); min-height: 120px; overflow-y: auto; font-size: 13px; }
.message { display: grid; grid-template-columns: 66px minmax(0, 1fr); gap: 8px; padding: 5px 0; border-top: 1px solid var(--grid); }
.message:first-child { border-top: 0; }
.message .role { font-size: 12px; font-weight: 600; color: var(--dim); }
.message.user .role { color: var(--caller); } .message.assistant .role { color: var(--agent); } .message.tool .role { color: var(--tool); }
.message.system { display: block; }
.message.system .role { display: inline-block; width: 70px; }
.message p { overflow-wrap: anywhere; white-space: pre-line; }
.message pre { max-height: 160px; font-size: 12px; }
.message pre + pre, .message p + pre { margin-top: 4px; }

@media (max-width: 1180px) {
  .columns-of-page { grid-template-columns: minmax(0, 1fr); }
  .talk aside { position: static; }
  .history { max-height: 420px; }
}
@media (max-width: 980px) {
  .talk .body { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 640px) {
  .way span { padding: 6px 10px; font-size: 13px; }
  .talk .dock { padding: 10px; }
  .meters, .talk .when { display: none; }
  .keypad { grid-template-columns: repeat(3, 1fr); max-width: none; }
  .keypad button { padding: 12px 0; }
  .talk button { padding: 9px 14px; }
  .talk button.main { min-width: 0; flex: 1; }
  #state { flex-basis: 100%; font-size: 13px; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
