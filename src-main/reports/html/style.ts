/** The report's style sheet: system fonts, light and dark, paper. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#566173;--line:#d9dee6;--paper:#fff;--ground:#f5f7f9;--accent:#0b6e8f;--warm:#b35300;--s0:#0072b2;--s1:#d55e00;--s2:#008060;--s3:#a04a87;--s4:#8a6d00;--s5:#4a4a4a;--heat:11,110,143}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#a3aebd;--line:#333c48;--paper:#161b22;--ground:#0f1318;--accent:#5cc3e4;--warm:#f0a35c;--s0:#56b4e9;--s1:#ff9750;--s2:#3fd1a4;--s3:#e39ccb;--s4:#e6c84a;--s5:#c8c8c8;--heat:92,195,228}}
*{box-sizing:border-box}html{scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.page{display:grid;grid-template-columns:minmax(0,1fr);max-width:1180px;margin:0 auto;padding:0 20px 80px}
nav{padding:20px 0 0;font-size:14px}nav ol{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px}
nav a{color:var(--soft);text-decoration:none}nav a:hover,nav a:focus-visible{color:var(--accent);text-decoration:underline}
@media (min-width:1100px){.page{grid-template-columns:180px minmax(0,1fr);column-gap:48px}nav{position:sticky;top:0;align-self:start;padding-top:52px}nav ol{display:block}nav li{margin:0 0 8px}}
main{min-width:0}header{padding:44px 0 8px}h1{font-size:30px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:21px;margin:0 0 12px;letter-spacing:-.005em}h3{font-size:16px;margin:26px 0 8px}
p{max-width:72ch;margin:0 0 12px}.soft,figcaption,caption{color:var(--soft)}
section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:26px 28px;margin:20px 0}
.summary{border-left:4px solid var(--accent)}.summary p:first-of-type{font-size:19px;line-height:1.45}
.notes{margin:0;padding-left:20px}.notes li{margin:0 0 8px;max-width:72ch}
.warning{border-left:4px solid var(--warm);padding:2px 0 2px 14px;margin:12px 0}
.scroll{overflow-x:auto;margin:12px 0 18px}table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;font-size:14px;padding:0 0 8px;max-width:80ch}th,td{padding:7px 14px 7px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;white-space:nowrap}
thead th{color:var(--soft);font-weight:600;border-bottom:2px solid var(--line)}tbody th{font-weight:500}td:not(:last-child),th{padding-right:22px}
.range{white-space:normal}.note{font-size:14px;margin-top:10px}
.strong{font-weight:700;color:var(--accent)}
figure{margin:16px 0 20px}figcaption{font-size:14px;max-width:72ch;margin-top:8px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:12px 32px;align-items:start}
svg{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}svg.wide{max-width:760px}
svg text{fill:var(--ink)}svg text.small{font-size:11px;fill:var(--soft)}svg .grid{stroke:var(--line);stroke-width:1}svg .mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
polyline,.legend line{stroke-width:2.2;stroke-linejoin:round}.s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}.s4{stroke:var(--s4)}.s5{stroke:var(--s5)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:6px 0 0;padding:0 0 0 44px;font-size:13px}.legend li{display:flex;align-items:center;gap:7px}.legend svg{width:34px;height:10px}
.interval{stroke-width:3}.interval.own{stroke:var(--s1)}.interval.other{stroke:var(--s0)}circle.own{fill:var(--s1)}circle.other{fill:var(--s0)}
.cell{fill:rgba(var(--heat),calc(.06 + .84*var(--part)));stroke:var(--line)}svg text.on{fill:var(--paper);font-weight:600}
.bars{list-style:none;margin:6px 0 14px;padding:0;font-size:14px}.bars li{display:grid;grid-template-columns:minmax(0,11em) minmax(0,1fr) 3.4em;gap:10px;align-items:center;margin:0 0 4px}
.bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.bars .bar i{display:block;height:11px;border-radius:2px;background:var(--accent);opacity:.75}.bars .count{text-align:right;font-variant-numeric:tabular-nums}
.map{display:grid;gap:10px;margin:14px 0}.stage{border:1px solid var(--line);border-radius:8px;padding:10px 14px}.stage b{display:inline-block;min-width:7em}
.layers{display:flex;flex-wrap:wrap;gap:3px;margin-top:8px}.layers i{display:block;width:15px;height:20px;border-radius:3px;border:1px solid var(--s0)}
.layers i.frozen{background:repeating-linear-gradient(135deg,transparent 0 3px,var(--s0) 3px 4.5px)}.layers i.learns{background:var(--s1);border-color:var(--s1)}.layers i.none{border-color:var(--line);height:8px;align-self:end}
.key{display:flex;flex-wrap:wrap;gap:6px 22px;font-size:14px}.key span{display:inline-flex;gap:8px;align-items:center}.key .layers{margin:0}
code{font:13px ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(9em,max-content) minmax(0,1fr);gap:4px 22px;margin:8px 0 14px;font-size:15px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:560px){section{padding:20px 16px}dl{grid-template-columns:1fr}dd{margin:0 0 8px}h1{font-size:25px}}
@media print{@page{size:A4;margin:16mm}:root{--ground:#fff}body{font-size:10.5pt}nav{display:none}.page{display:block;max-width:none;padding:0}section{border:0;padding:8px 0;margin:0;break-inside:auto}figure,tr,.stage{break-inside:avoid}h2,h3{break-after:avoid}}
`;
