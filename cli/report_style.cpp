// How the page looks. Colours are told apart by eyes that see no red or no green, and each has a
// word or a pattern beside it; text has a contrast of 4.5 to 1 at least, in light and in dark.
#include "cli/report_parts.h"

namespace tidesync {

const char* const kReportStyle = R"css(
:root{color-scheme:light dark;--paper:#f6f6f3;--card:#fff;--ink:#1c2227;--soft:#566069;--line:#dcdfdd;
--grid:#e9ebe9;--ok:#3f7cac;--part:#d99a1c;--bad:#b4361f;--in:#3f7cac;--out:#8a6fb0;--link:#24618f;
--ok-bg:#e4eef5;--ok-ink:#1f4f75;--warn-bg:#fbf0d6;--warn-ink:#6b4700;--bad-bg:#f9e3de;--bad-ink:#8c2411}
@media (prefers-color-scheme:dark){:root{--paper:#14181b;--card:#1c2125;--ink:#e6e9ea;--soft:#a3adb4;
--line:#343b41;--grid:#282e33;--ok:#6ba7d6;--part:#e0ad45;--bad:#e5705a;--in:#6ba7d6;--out:#b39ad6;
--link:#8cc0e8;--ok-bg:#1d3344;--ok-ink:#a9d2f2;--warn-bg:#3d3115;--warn-ink:#f3d48c;--bad-bg:#47231c;
--bad-ink:#ffb9aa}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:72rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.5rem}
h1{font-size:1.75rem;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:0 0 .35rem}
h2{font-size:1.2rem;line-height:1.3;font-weight:650;margin:0 0 .75rem}
h3{font-size:1rem;font-weight:650;margin:1.5rem 0 .5rem}
p{margin:.35rem 0;max-width:46rem}
.soft,figcaption,footer{color:var(--soft)}
.soft,footer{font-size:.9rem}
a{color:var(--link)}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1.25rem 1.5rem 1.5rem;margin:1.25rem 0}
.lead{font-size:1.15rem;line-height:1.45;max-width:52rem;margin:0 0 1rem}
.note{border-left:3px solid var(--part);padding:.1rem 0 .1rem .75rem;margin:.75rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:1rem 1.5rem;margin:1.25rem 0 0}
.tiles div{border-top:2px solid var(--line);padding-top:.5rem;min-width:0}
.tiles dt{font-size:.85rem;color:var(--soft)}
.tiles dd{margin:0;font-size:1.6rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
.tiles dd small{display:block;font-size:.85rem;line-height:1.4;font-weight:400;color:var(--soft)}
figure{margin:0}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1.5rem 2.5rem}
.two>*{min-width:0}
.two h3{margin-top:0}
.chart{display:block;width:calc(100% - 5rem);margin:.75rem 1.5rem 0 3.5rem;overflow:visible}
.chart text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
.chart .y{text-anchor:end}
.chart .x{text-anchor:middle}
.grid{stroke:var(--grid)}
.axis{stroke:var(--soft);stroke-opacity:.6}
.hover{fill:transparent}
.hover:hover{fill:var(--ink);fill-opacity:.06}
.ok{fill:var(--ok)}
.part{fill:var(--part)}
.bad{fill:url(#failed) var(--bad)}
.bad-ground{fill:var(--bad)}
.bad-line{stroke:var(--card);stroke-opacity:.7}
.in{fill:var(--in)}
.out{fill:var(--out)}
.median line,.p95 line{stroke-width:2;stroke-linecap:round}
.median line{stroke:var(--ok)}
.median circle{fill:var(--ok)}
.p95 line{stroke:var(--out);stroke-dasharray:5 4}
.p95 circle{fill:var(--card);stroke:var(--out);stroke-width:1.5}
.spark{display:block;max-width:100%}
.spark .base{stroke:var(--line);fill:none}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0;padding:0;font-size:.9rem}
.legend li{display:flex;align-items:center;gap:.45rem}
.legend svg{flex:none}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4;margin:.5rem 0 0}
caption{text-align:left;font-weight:650;padding:.25rem 0 .4rem}
caption.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere;font-weight:400}
thead th{color:var(--soft);font-size:.825rem;border-bottom-color:var(--soft);vertical-align:bottom;overflow-wrap:normal}
tbody th{font-weight:600;min-width:5rem}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;overflow-wrap:normal}
.t{font-variant-numeric:tabular-nums;white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
tbody tr:last-child>*{border-bottom:0}
td small,th small{display:block;color:var(--soft);font-weight:400;font-size:.85em}
.zero{color:var(--soft)}
.state{display:inline-block;white-space:nowrap;border-radius:999px;padding:.05rem .6rem;font-size:.85rem;font-weight:600;background:var(--ok-bg);color:var(--ok-ink)}
.state.warn{background:var(--warn-bg);color:var(--warn-ink)}
.state.bad{background:var(--bad-bg);color:var(--bad-ink)}
.state.off{background:var(--grid);color:var(--soft)}
details{margin:.9rem 0 0}
summary{cursor:pointer;color:var(--link);font-size:.9rem;width:fit-content;padding:.15rem 0}
.scroll{overflow-x:auto;max-width:100%}
.scroll table{width:auto;min-width:100%}
.scroll td,.scroll th{white-space:nowrap}
.conflict{border-top:1px solid var(--line);margin-top:1.25rem;padding-top:1rem}
.conflict h4{font-size:1rem;line-height:1.45;font-weight:600;margin:0;max-width:52rem}
.conflict table{table-layout:fixed}
.conflict thead th:nth-child(1){width:22%}
.mark{font-weight:650}
.mark.stays{color:var(--ok-ink)}
.mark.kept{color:var(--bad-ink)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
footer{padding-bottom:3rem;padding-top:.5rem}
@media (max-width:44rem){
header,main,footer{padding-left:.75rem;padding-right:.75rem}
header{padding-top:1.25rem}
h1{font-size:1.4rem}
section{padding:1rem .875rem 1.1rem;margin:.75rem 0}
.lead{font-size:1.05rem}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:.9rem 1rem}
.tiles dd{font-size:1.35rem}
.chart{width:calc(100% - 4rem);margin-left:3rem;margin-right:1rem}
table{font-size:.85rem}
th,td{padding-right:.4rem}
.n,.t{white-space:normal}
.conflict table{font-size:.8rem}
.conflict thead th:nth-child(1){width:27%}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards,.cards tbody,.cards caption{display:block}
.cards tr{display:block;padding:.6rem 0;border-bottom:1px solid var(--line)}
.cards tr:last-child{border-bottom:0}
.cards td,.cards tbody th{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem 0;text-align:right;white-space:normal}
.cards td>span,.cards tbody th>span{min-width:0}
.cards td:empty,.cards .none{display:none}
.cards td::before{content:attr(data-label);color:var(--soft);text-align:left;flex:none;max-width:45%}
.cards tbody th{font-size:1rem;text-align:left}
.cards td.wide{display:block;text-align:left}
.cards td.wide::before{content:none}
}
@media print{
:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--grid:#e5e5e5;--ok:#3f7cac;--part:#d99a1c;--bad:#b4361f;--in:#3f7cac;--out:#8a6fb0;--ok-ink:#1f4f75;--ok-bg:#e4eef5;--warn-bg:#fbf0d6;--warn-ink:#6b4700;--bad-bg:#f9e3de;--bad-ink:#8c2411}
body{font-size:10.5pt}
header,main,footer{max-width:none;padding:0}
section{border:0;border-top:1px solid var(--line);border-radius:0;padding:.75rem 0}
figure,tr,.conflict,.tiles{break-inside:avoid}
h2,h3,h4{break-after:avoid}
.chart rect,.chart circle,.spark path,.state,.legend svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.scroll{overflow:visible}
}
)css";

}  // namespace tidesync
