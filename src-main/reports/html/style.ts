import { DARK, LIGHT } from '../../charts/index.ts';

const chartVariables = (colours: Record<string, string>): string =>
  Object.entries(colours)
    .map(([role, colour]) => `--chart-${role}:${colour}`)
    .join(';');

const LIGHT_ROOT = `--ink:#1c2430;--soft:#566173;--line:#d9dee6;--paper:#fff;--ground:#f5f7f9;--accent:#0b6e8f;--warm:#b35300;${chartVariables(LIGHT)}`;

/** The report's style sheet: system fonts, light and dark, paper. On paper it is light, whatever the screen is. */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT_ROOT}}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#a3aebd;--line:#333c48;--paper:#161b22;--ground:#0f1318;--accent:#5cc3e4;--warm:#f0a35c;${chartVariables(DARK)}}}
*{box-sizing:border-box}html{scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.page{display:grid;grid-template-columns:minmax(0,1fr);max-width:1180px;margin:0 auto;padding:0 20px 80px}
nav{padding:18px 0 0;font-size:13px;line-height:1.35}nav ol{margin:0;padding:0;list-style:none;columns:12em;column-gap:20px}nav li{break-inside:avoid;margin:0 0 5px}
nav a{color:var(--soft);text-decoration:none}nav a:hover,nav a:focus-visible{color:var(--accent);text-decoration:underline}
@media (min-width:980px){.page{grid-template-columns:148px minmax(0,1fr);column-gap:28px}nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding:52px 0 24px}nav ol{columns:auto}nav li{margin:0 0 8px}}
@media (min-width:1100px){.page{grid-template-columns:180px minmax(0,1fr);column-gap:48px}nav{font-size:14px}}
main{min-width:0}header{padding:44px 0 8px}h1{font-size:30px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:21px;margin:0 0 12px;letter-spacing:-.005em}h3{font-size:16px;margin:26px 0 8px}
p{max-width:72ch;margin:0 0 12px}.soft,figcaption,caption{color:var(--soft)}
section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:26px 28px;margin:20px 0}
.summary{border-left:4px solid var(--accent)}.summary p:first-of-type{font-size:19px;line-height:1.45}
.notes{margin:0;padding-left:20px}.notes li{margin:0 0 8px;max-width:72ch}
.warning{border-left:4px solid var(--warm);padding:2px 0 2px 14px;margin:12px 0}
.scroll{overflow-x:auto;margin:12px 0 18px}table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;font-size:14px;padding:0 0 8px;max-width:80ch}th,td{padding:7px 14px 7px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;white-space:nowrap}
thead th{color:var(--soft);font-weight:600;white-space:normal;vertical-align:bottom;border-bottom:2px solid var(--line)}tbody th{font-weight:500}td:not(:last-child),th{padding-right:22px}
td .soft{white-space:normal}td:has(.soft){min-width:6.6em}.note{font-size:14px;margin-top:10px}
.strong{font-weight:700;color:var(--accent)}
figure{margin:16px 0 20px}figcaption{font-size:14px;max-width:72ch;margin-top:8px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:12px 32px;align-items:start}
svg{display:block;width:100%;height:auto;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
img{display:block;max-width:100%;height:auto;image-rendering:pixelated}.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px 18px}.pictures figure{margin:8px 0}
.prose td,.prose th{white-space:normal}.prose td{max-width:60ch}span.warning{border:0;padding:0;color:var(--warm);font-weight:600}a{color:var(--accent)}
code{font:13px ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(9em,max-content) minmax(0,1fr);gap:4px 22px;margin:8px 0 14px;font-size:15px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (min-width:760px){dl.short{grid-template-columns:max-content minmax(0,1fr) max-content minmax(0,1fr)}}
@media (max-width:560px){section{padding:20px 16px}dl,dl.short{grid-template-columns:1fr}dd{margin:0 0 8px}h1{font-size:25px}}
@media print{@page{size:A4;margin:16mm}:root{--ground:#fff}body{font-size:10pt}nav{display:none}.page{display:block;max-width:none;padding:0}header{padding:0 0 8px}section{border:0;border-radius:0;padding:8px 0;margin:0;break-inside:auto}.summary{border-left:4px solid var(--accent);padding-left:16px}
figure,tr,.pictures figure,.stage,.warning{break-inside:avoid}section:last-child,section:last-child>:last-child{margin-bottom:0;padding-bottom:0}h2,h3,caption,thead{break-after:avoid}p,li{orphans:3;widows:3}
.scroll{overflow:visible}table{font-size:8.5pt}caption{font-size:8.5pt}th,td{white-space:normal;padding:4px 10px 4px 0}td:not(:last-child),th{padding-right:10px}
table:not(:has(tbody tr:nth-child(13))){break-inside:avoid}tbody tr:first-child{break-before:avoid}
.pair{grid-template-columns:1fr 1fr;gap:8px 24px}figcaption{font-size:8.5pt}dl{font-size:9pt}a{color:inherit}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
