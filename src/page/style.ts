// The page's only style: system fonts, one measure, colours for light and dark, and a layout for paper.
export const STYLE = `
:root{color-scheme:light dark;--paper:light-dark(#fdfcfa,#17181a);--ink:light-dark(#1d1d1f,#e8e6e3);--dim:light-dark(#5d5f66,#a3a5ab);--line:light-dark(#e2dfd9,#34363b);--soft:light-dark(#f3f0ea,#222428);--changed:light-dark(#a33a08,#ffae70);--added:light-dark(#1a6b35,#7fd49a);--removed:light-dark(#a11a3a,#ff9aae);--focus:light-dark(#0b57d0,#8ab4f8)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;letter-spacing:-.02em;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .4rem}h3{font-size:.95rem;margin:0}
header p,header h1{margin:0;overflow-wrap:anywhere}
p{margin:.3rem 0}.dim{color:var(--dim)}a{color:inherit}code,pre,time{font-family:ui-monospace,monospace;font-size:.86em}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.3rem .6rem;z-index:3}
.ok,.added,ins{color:var(--added)}.warning,.changed,.incomplete,.modified{color:var(--changed)}.critical,.unknown,.damaged,.removed,del{color:var(--removed)}
ins,del{text-decoration:none}
.health ul{margin:.3rem 0;padding-left:1.2rem}summary{cursor:pointer}
figure{margin:1.5rem 0 0}svg{display:block;width:100%;height:3rem;border-bottom:1px solid var(--line)}rect{fill:var(--dim)}rect.incomplete{fill:var(--changed)}rect.damaged{fill:var(--removed)}figcaption{font-size:.85em}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem;max-height:75vh;overflow-y:auto}
table{border-collapse:separate;border-spacing:0;font-size:.85rem}caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden;white-space:nowrap}
td,th{padding:0;height:1.55rem;border-bottom:1px solid var(--line);font-weight:400;text-align:center}
td{min-width:1.6rem}td a{display:block;min-width:1.6rem;line-height:1.55rem;text-decoration:none}td.absent{background:var(--soft)}td a:hover{background:var(--soft)}
thead th{position:sticky;top:0;z-index:1;background:var(--paper);vertical-align:bottom}thead a{writing-mode:vertical-rl;white-space:nowrap;transform:rotate(180deg);padding:.4rem 0;text-decoration:none;font:.75rem/1.6rem ui-monospace,monospace;color:var(--dim)}
tr>th:first-child{position:sticky;left:0;z-index:1;background:var(--paper);text-align:left;padding:0 .6rem;max-width:min(22rem,42vw);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;border-right:1px solid var(--line)}
thead th:first-child{z-index:2}th[scope=rowgroup]{color:var(--dim);font-weight:600}
ol{list-style:none;margin:0;padding:0;border-left:2px solid var(--line)}
li[id]{padding:.15rem 0 .15rem .9rem;position:relative}li[id]::before{content:"";position:absolute;left:-.36rem;top:.75rem;width:.55rem;height:.55rem;border-radius:50%;background:var(--dim)}
summary .what{font-weight:600;overflow-wrap:anywhere}.tag{background:var(--soft);border-radius:.3rem;padding:0 .4rem;font-size:.85em;overflow-wrap:anywhere}
article,li[id]{scroll-margin-top:1rem}article{margin:.7rem 0;padding:.6rem .8rem;background:var(--soft);border-radius:.4rem;overflow-wrap:anywhere}article:target{outline:2px solid var(--focus)}
.keys{margin:.3rem 0;padding-left:1.1rem}pre{margin:.4rem 0 0;overflow-x:auto;white-space:pre;line-height:1.4}
@media print{body{max-width:none;padding:0;font-size:10pt}.skip{display:none}.scroll{overflow:visible;max-height:none;border:0}table{font-size:6pt}thead th,tr>th:first-child{position:static}td,td a{min-width:0}details::details-content{content-visibility:visible;height:auto}article{break-inside:avoid;border:1px solid var(--line)}pre{white-space:pre-wrap}}
`;
