#include "extras/reports/style.h"

namespace slimscale::reports {

// Series colours: near Okabe and Ito's set for colour-blind readers, darkened on white and lightened on black until
// each has a contrast of 4.5:1 or more, as for text.
const char *const kStyleSheet = R"css(
:root {
    color-scheme: light dark;
    --page: #fff; --panel: #f6f7f8; --text: #1a1e23; --muted: #5a636e; --rule: #dfe3e7; --accent: #0a62a9;
    --s0: #0a62a9; --s1: #c2490a; --s2: #00806a; --s3: #a3467f; --s4: #8a6d00; --s5: #4b5563;
}
@media (prefers-color-scheme: dark) {
    :root {
        --page: #131619; --panel: #1b1f23; --text: #e3e6ea; --muted: #9aa4af; --rule: #2d333a; --accent: #64b1f2;
        --s0: #64b1f2; --s1: #f08a4b; --s2: #3cc7a6; --s3: #e08fc0; --s4: #d8b83a; --s5: #aab4c0;
    }
}
* { box-sizing: border-box; }
body {
    margin: 0; background: var(--page); color: var(--text);
    font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
    -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
main { max-width: 1168px; margin: 0 auto; padding: 28px 24px 56px; }
h1 { margin: 0; font-size: 24px; line-height: 1.25; font-weight: 650; overflow-wrap: anywhere; }
h2 { margin: 36px 0 12px; padding-top: 10px; border-top: 1px solid var(--rule); font-size: 16px; font-weight: 650; }
h3 { margin: 20px 0 8px; font-size: 14px; font-weight: 600; }
p { max-width: 72ch; margin: 0 0 12px; overflow-wrap: anywhere; }
.subtitle { margin: 2px 0 14px; color: var(--muted); font-variant-numeric: tabular-nums; }
.progress { height: 4px; margin: 0; border-radius: 2px; background: var(--rule); overflow: hidden; }
.progress span { display: block; height: 100%; background: var(--accent); }
.facts { display: flex; flex-wrap: wrap; gap: 14px 32px; margin: 18px 0; }
.facts dt { color: var(--muted); font-size: 12px; line-height: 1.4; }
.facts dd { margin: 0; font-weight: 550; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 14px 0; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 6px; text-align: left; color: var(--muted); font-size: 13px; }
th, td { padding: 5px 24px 5px 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--rule); }
th { font-weight: 400; }
thead th { color: var(--muted); font-size: 12px; font-weight: 500; vertical-align: bottom; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
td b { font-weight: 700; }
figure { margin: 0; }
figcaption { font-size: 13px; line-height: 1.4; color: var(--muted); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 28px 32px; }
.plot { min-width: 0; container-type: inline-size; margin: 0 0 4px; }
.plot figcaption { margin: 0 0 8px; }
.plot figcaption b { color: var(--text); font-size: 14px; font-weight: 600; }
.plot figcaption b + span { margin-left: 6px; }
.plot .narrow, .plot .full { display: none; }
.plot .half { max-width: 680px; }
@container (max-width: 460px) {
    .plot .half { display: none; }
    .plot .narrow { display: block; }
}
@container (min-width: 860px) {
    .wide .half { display: none; }
    .wide .full { display: block; }
}
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { fill: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
.chart .name, .chart .note { fill: var(--text); }
.chart .note { paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; }
.chart .end { text-anchor: end; }
.chart .middle { text-anchor: middle; }
.chart path { fill: none; }
.chart .grid { stroke: var(--rule); }
.chart .base { stroke: var(--muted); }
.chart .reference { stroke: var(--text); stroke-dasharray: 2 3; }
.chart .line { stroke: var(--c); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.chart .mark { fill: var(--c); stroke: var(--page); stroke-width: 1; stroke-linejoin: round; }
.chart .faint .line { stroke-width: 1; stroke-dasharray: none; opacity: .38; }
.chart .s0 { --c: var(--s0); }
.chart .s1 { --c: var(--s1); }
.chart .s2 { --c: var(--s2); }
.chart .s3 { --c: var(--s3); }
.chart .s4 { --c: var(--s4); }
.chart .s5 { --c: var(--s5); }
.chart .s1 .line { stroke-dasharray: 7 4; }
.chart .s2 .line { stroke-dasharray: 2 4; }
.chart .s3 .line { stroke-dasharray: 9 4 2 4; }
.chart .s4 .line { stroke-dasharray: 14 4; }
.chart .s5 .line { stroke-dasharray: 5 4 2 4 2 4; }
.chart .probe rect, .chart .point circle { fill: transparent; }
.chart .probe path { visibility: hidden; }
.chart .probe:hover path { visibility: visible; }
.chart .guide { stroke: var(--muted); stroke-width: 1; }
.chart .point:hover circle { fill: var(--muted); opacity: .25; }
.pictures { display: flex; flex-wrap: wrap; gap: 16px; margin: 12px 0; }
.pictures figure { flex: none; min-width: 96px; max-width: 100%; }
.pictures img { display: block; max-width: 100%; height: auto; background: var(--panel); }
.pictures .pixelated { image-rendering: pixelated; }
.pictures figcaption { margin-top: 5px; font-variant-numeric: tabular-nums; }
details { margin: 14px 0; }
summary { cursor: pointer; color: var(--muted); font-size: 14px; }
summary:hover { color: var(--text); }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
pre {
    overflow-x: auto; margin: 10px 0 0; padding: 14px 16px; border-radius: 4px; background: var(--panel);
    font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; tab-size: 4;
}
@media (max-width: 600px) {
    main { padding: 18px 16px 40px; }
    h1 { font-size: 21px; }
    .facts { gap: 12px 24px; }
    th, td { padding-right: 16px; }
    .pictures { gap: 12px; }
    .pictures figure { max-width: calc(50% - 6px); }
}
@media print {
    main { max-width: none; padding: 0; }
    .plot, .pictures figure { break-inside: avoid; }
}
)css";

}  // namespace slimscale::reports
