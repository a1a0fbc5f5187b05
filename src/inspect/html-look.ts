// How the page of `html.ts` looks, and what its script does: it lights octets and rows that belong together. The page's policy allows
// these two texts by their hashes; a test compares, and says the hashes when they have changed. Neither holds a `<`.

export const htmlStyle: string = `
:root{color-scheme:light dark;--paper:#fcfcfa;--ink:#222;--quiet:#6b6b66;--line:#dcdcd6;--bad:#b3261e;--good:#2a7a3b;--careful:#8a5a00;
--tint:55% 94%;--tint2:48% 88%;--edge:35% 62%;--on:#ffd84a;--over:#fff1b8;--on-ink:#111}
@media (prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e2e2de;--quiet:#9a9a94;--line:#34373b;--bad:#ff8a80;--good:#7fd18f;--careful:#f0bf60;
--tint:24% 17%;--tint2:26% 24%;--edge:30% 45%;--over:#4a4020}}
.h0{--h:210}.h1{--h:150}.h2{--h:32}.h3{--h:275}.h4{--h:350}.h5{--h:185}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;padding:1.2rem 1.5rem 3rem;max-width:100rem}
h1{font-size:1.35rem;margin:0 0 1rem;overflow-wrap:anywhere}
h2{display:inline;font-size:1.05rem;overflow-wrap:anywhere}
h3{grid-column:1/-1;font-size:.95rem;margin:.4rem 0;color:var(--quiet)}
p{margin:.2rem 0;overflow-wrap:anywhere}
section{border-top:1px solid var(--line);padding:.7rem 0;content-visibility:auto;contain-intrinsic-size:auto 60rem}
.closed{contain-intrinsic-size:auto 2rem;padding:.25rem 0}.closed h2{font-size:.95rem;font-weight:500}
summary{cursor:pointer}
section>details>p{color:var(--quiet);margin-left:1.1rem}
section>details>.fault,.fault{color:var(--bad);font-weight:600}
.region{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:0 2rem;align-items:start;margin:.5rem 0 1.2rem;--n:16rem}
.region>pre{font:14px/1.55 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;margin:0;padding:.15rem 0;position:sticky;top:.5rem;
max-height:calc(100vh - 3.5rem);overflow-y:auto;scrollbar-width:thin}
pre i{font-style:normal;color:var(--quiet)}
pre b{font-weight:400;border-radius:2px;padding:1px 0;background:hsl(var(--h) var(--tint))}
pre b:is([data-i$="1"],[data-i$="3"],[data-i$="5"],[data-i$="7"],[data-i$="9"]){background:hsl(var(--h) var(--tint2))}
ul{list-style:none;margin:0;padding:0 0 0 1rem}
.region>ul{padding:0}
.region>ul>li{border-left:4px solid hsl(var(--h) var(--edge));padding-left:.5rem;margin-bottom:.5rem}
ul ul{--n:15rem}ul ul ul{--n:14rem}ul ul ul ul{--n:13rem}ul ul ul ul ul{--n:12rem}ul ul ul ul ul ul{--n:11rem}ul ul ul ul ul ul ul{--n:10rem}
li>p,li summary{display:grid;grid-template-columns:var(--n) minmax(0,1fr) max-content;gap:0 .8rem;align-items:baseline;margin:0;padding:.06rem .3rem;
border-radius:3px;font-size:.92rem;overflow-wrap:anywhere}
li b{font-weight:400}
li summary b{font-weight:650}
li summary>b::before{content:"\\25be";display:inline-block;width:1rem;margin-left:-1rem;color:var(--quiet);font-weight:400}
li details:not([open])>summary>b::before{content:"\\25b8"}
li summary{padding-left:1.1rem;grid-template-columns:calc(var(--n) - .8rem) minmax(0,1fr) max-content}
li code{margin-right:.45em}
code{font:.9em/1.4 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.bits,small,li i{color:var(--quiet)}
li i{font-size:.85em}
h3 small{border:1px solid;border-radius:1rem;padding:0 .6em;margin-left:.5em;font-weight:500}
.reserved>p{color:var(--quiet)}.opaque>p code{color:var(--quiet)}
.not-decoded>p,.not-authenticated{color:var(--bad)}.authenticated{color:var(--good)}
b.on,li>p.on,li summary.on{background:var(--on);color:var(--on-ink)}
.on *,pre .on{color:var(--on-ink)}
pre b.on:is([data-i]){background:var(--on)}
li summary.over{background:var(--over)}
#here{position:fixed;inset:auto 0 0;padding:.4rem 1.5rem;background:var(--paper);border-top:1px solid var(--line);overflow-wrap:anywhere}
footer{color:var(--quiet)}
.failure>summary{font-size:1.05rem;font-weight:600;color:var(--bad);overflow-wrap:anywhere}
.failure>pre{font:14px/1.55 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;margin:.6rem 0;padding:.7rem 1rem;border:1px solid var(--line);
border-radius:4px;overflow-x:auto}
.failure mark{background:none;color:var(--bad);font-weight:600}
@media (max-width:62rem){body{padding:.8rem .8rem 3rem}.region{display:block;--n:min(11rem,38vw)}
.region ul{--n:min(10rem,34vw)}
.region>pre{font-size:clamp(8px,calc((100vw - 3rem)/33),14px);top:0;max-height:36vh;background:var(--paper);border-bottom:1px solid var(--line);z-index:1}
li>p,li summary{grid-template-columns:var(--n) minmax(0,1fr)}li small{grid-column:2}ul{padding-left:.6rem}}
@media print{section{content-visibility:visible}.region>pre{position:static;max-height:none}#here{display:none}}
`
export const htmlScript: string = `
const here=document.createElement('output');
here.id='here';
const hint='Point at octets or at rows: what belongs together lights up. A click on an octet goes to its row.';
here.textContent=hint;
if(document.querySelector('.region'))document.body.append(here);
let lit=[];
const mark=(element,name)=>{element.classList.add(name);lit.push([element,name])};
const rowOf=(item)=>item.querySelector('p,summary');
const leafOf=(octet)=>[...octet.closest('.region').querySelectorAll('li[data-f="'+octet.dataset.i+'"][data-l="'+octet.dataset.i+'"]')].pop();
const around=(item)=>{const all=[];for(let at=item;at;at=at.parentElement.closest('li[data-f]'))all.unshift(at);return all};
const show=(box,octet)=>{
  const inside=box.getBoundingClientRect(),at=octet.getBoundingClientRect();
  if(inside.top>at.top||at.bottom>inside.bottom)box.scrollTop+=at.top-inside.top-inside.height/3;
};
const light=(target)=>{
  for(const [element,name] of lit)element.classList.remove(name);
  lit=[];
  const octet=target.closest('pre b[data-i]'),item=octet?leafOf(octet):target.closest('li[data-f]');
  here.textContent=item?'':hint;
  if(!item)return;
  const rows=around(item),box=item.closest('.region').querySelector('pre');
  const belong=[...box.querySelectorAll('b')].filter(({dataset:{i}})=>+i>=+item.dataset.f&&+item.dataset.l>=+i);
  for(const each of belong)mark(each,'on');
  mark(rowOf(item),'on');
  if(octet)for(const each of rows.slice(0,-1))mark(rowOf(each),'over');
  else if(belong.length>0)show(box,belong[0]);
  here.textContent=rows.map((each)=>rowOf(each).children[0].textContent).join(' \\u203a ')+': '+rowOf(item).children[1].textContent;
  const source=rows.map((each)=>rowOf(each).querySelector('small')).filter(Boolean).pop();
  if(source)here.append(' ',source.cloneNode(true));
};
addEventListener('mouseover',(event)=>light(event.target));
addEventListener('focusin',(event)=>light(event.target));
addEventListener('click',(event)=>{
  const octet=event.target.closest('pre b[data-i]');
  if(!octet)return;
  const item=leafOf(octet);
  for(const each of around(item))each.querySelector('details')?.setAttribute('open','');
  rowOf(item).scrollIntoView({block:'center'});
});
`
/** Base64 of the SHA-256 of each. */
export const htmlHashes = {
  style: 'qavKN4qVVcTJ5RIYLyh5GKGdlZlVYWf99ox11LeY88w=',
  script: '6MUmEmIU/DNNDmhumod1L4+Mjp2vgp0roUr1B8jPMJ8=',
} as const
