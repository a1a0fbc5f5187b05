// Annotated octets as one page that needs nothing else: octets beside their explanation, each lights the other. It loads nothing, its
// policy allows only the style and the script below by their hashes, and it reads as well without the script.
import { escapeText } from './escape.ts'
import type { Region, Span } from './span.ts'

/** One frame, or one message, with a heading. */
export interface HtmlSection {
  /** All texts may be hostile in HTML's notation, but not on a terminal: they went through `escapeText`. */
  readonly heading: string
  /** Beside the heading: time, addresses, comments. */
  readonly remarks: readonly string[]
  /** What is wrong, most important first. */
  readonly faults: readonly string[]
  /** `undefined` where there is nothing to show octet by octet. */
  readonly region: Region | undefined
}

/** The page is `htmlStart`, `htmlSection` as often as wanted, `htmlEnd`, one after the other. */
export function htmlStart(title: string): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${htmlStyle}</style>`,
    '</head>',
    '<body>',
    `<h1>${escapeHtml(title)}</h1>`,
    '',
  ].join('\n')
}

export function htmlSection(section: HtmlSection): string {
  const counter: Counter = { leaves: 0 }
  return [
    '<section>',
    `<h2>${escapeHtml(section.heading)}</h2>`,
    ...section.remarks.map((remark) => `<p>${escapeHtml(remark)}</p>`),
    ...section.faults.map((fault) => `<p class="fault">${escapeHtml(fault)}</p>`),
    ...(section.region === undefined ? [] : [region(section.region, counter)]),
    '</section>',
    '',
  ].join('\n')
}

export function htmlEnd(remarks: readonly string[]): string {
  const said = remarks.map((remark) => `<p>${escapeHtml(remark)}</p>\n`).join('')
  return `<footer>\n${said}</footer>\n<script>${htmlScript}</script>\n</body>\n</html>\n`
}

/** Text for element content and quoted attribute values. Invisible and directing characters become visible ones before (`escapeText`). */
export function escapeHtml(text: string): string {
  return text.replace(special, (character) => entities[character] ?? escapeText(character))
}

// What the policy hashes: a test compares. Neither holds a `<`.
export const htmlStyle: string = `
:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;padding:0 1rem;max-width:110rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:0 0 .3rem}p{margin:.2rem 0}
section{border-top:1px solid #8886;padding:1rem 0}
.fault{color:#c22;font-weight:600}
.region{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:0 1.5rem;align-items:start;margin:.5rem 0}
.region>h3{grid-column:1/-1;font-size:.95rem;margin:.3rem 0}
pre{font:13px/1.5 ui-monospace,monospace;margin:0;position:sticky;top:0;max-height:100vh;overflow-y:auto}
pre i{font-style:normal;opacity:.5}
pre b{font-weight:400;border-radius:2px}pre b:nth-of-type(even){background:#8882}
ul{list-style:none;margin:0;padding:0 0 0 1.1rem}.region>ul{padding:0}
li{font-size:.9rem;overflow-wrap:anywhere}summary{cursor:pointer}
code{font:13px ui-monospace,monospace}small{opacity:.65}
.reserved{opacity:.6}.opaque>code{opacity:.6}.not-decoded,.not-authenticated{color:#c22}.authenticated{color:#283}
.on,.on>summary{background:#fd06;outline:1px solid #b80;outline-offset:-1px}
@media (max-width:60rem){.region{display:block}pre{position:static;overflow-x:auto}}
`
export const htmlScript: string = `
let lit=[];
const light=(target)=>{
  for(const element of lit)element.classList.remove('on');
  lit=[];
  const octet=target.closest('b[data-i]'),node=target.closest('li[data-f]');
  const section=target.closest('section');
  if(!section||!(octet||node))return;
  const [first,last]=octet?[octet.dataset.i,octet.dataset.i]:[node.dataset.f,node.dataset.l];
  for(let i=+first;!(i>+last);i++)lit.push(...section.querySelectorAll('b[data-i="'+i+'"]'));
  if(octet)lit.push(...section.querySelectorAll('li[data-f="'+first+'"][data-l="'+first+'"]'));else lit.push(node);
  for(const element of lit)element.classList.add('on');
};
addEventListener('mouseover',(event)=>light(event.target));
addEventListener('focusin',(event)=>light(event.target));
`
/** Base64 of the SHA-256 of each. */
export const htmlHashes = {
  style: '/bO94YrvF/dLNU9Vs49QSMCtjNgvhKVl522D6US3qnc=',
  script: 'yiEaktWPUsygyGAMKf9Y5cSXS04nfFEw83Fdqo6i36w=',
} as const

const policy = `default-src 'none'; style-src 'sha256-${htmlHashes.style}'; script-src 'sha256-${htmlHashes.script}'; base-uri 'none'; form-action 'none'`

// Markup, and whatever cannot be seen or directs the text around it.
const special: RegExp = /[&<>"'`]|[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' }

/** Leaves are numbered through a section: octets and explanations of one leaf have one number. */
interface Counter {
  leaves: number
}

function region(shown: Region, counter: Counter): string {
  const first = counter.leaves
  const tree = list(shown.spans, counter, [])
  const inner = tree.inner.map((inside) => region(inside, counter)).join('')
  const seal =
    shown.authentication === 'none' ? '' : ` <small class="${shown.authentication}">${shown.authentication.replace('-', ' ')}</small>`
  return `<div class="region"><h3>${escapeHtml(shown.title)}${seal}</h3><pre>${octetRows(shown, first)}</pre>${tree.html}</div>${inner}`
}

interface Listed {
  readonly html: string
  /** Decrypted regions, shown below. */
  readonly inner: readonly Region[]
}

function list(spans: readonly Span[], counter: Counter, inner: Region[]): Listed {
  const items = spans.map((span) => item(span, counter, inner))
  return { html: items.length === 0 ? '' : `<ul>${items.join('')}</ul>`, inner }
}

function item(span: Span, counter: Counter, inner: Region[]): string {
  if (span.inner !== undefined) inner.push(span.inner)
  const first = counter.leaves
  if (span.children.length === 0) {
    counter.leaves++
    const bits = span.bits.map((bit) => `<li>${words(bit.name, bit.value, bit.meaning)}</li>`).join('')
    return `<li class="${span.kind}" data-f="${first}" data-l="${first}">${spanWords(span)}${bits === '' ? '' : `<ul>${bits}</ul>`}</li>`
  }
  const { html } = list(span.children, counter, inner)
  return `<li data-f="${first}" data-l="${counter.leaves - 1}"><details open><summary>${spanWords(span)}</summary>${html}</details></li>`
}

const spanWords = (span: Span): string =>
  `${words(span.name, span.value, span.meaning)} <small>${escapeHtml(span.registry === undefined ? span.rfc : `${span.registry}, ${span.rfc}`)}</small>`

function words(name: string, value: string, meaning: string | undefined): string {
  const shownValue = value === '' ? '' : ` <code>${escapeHtml(value)}</code>`
  return `${escapeHtml(name)}${shownValue}${meaning === undefined ? '' : ` ${escapeHtml(meaning)}`}`
}

/** Sixteen octets a row behind their offset; those of one leaf are one element a row. */
function octetRows({ bytes, spans }: Region, firstLeaf: number): string {
  let html = ''
  let leaf = firstLeaf
  for (const { start, end } of leavesOf(spans)) {
    for (let at = start; at < end; ) {
      const stop = Math.min(end, (at | 15) + 1)
      if (at % 16 === 0) html += `${at === 0 ? '' : '\n'}<i>${at.toString(16).padStart(4, '0')}  </i>`
      let text = ''
      for (let i = at; i < stop; i++) text += `${i > at ? ' ' : ''}${(bytes[i] ?? 0).toString(16).padStart(2, '0')}`
      html += `<b data-i="${leaf}">${text}</b>${stop % 16 === 0 ? '' : ' '}`
      at = stop
    }
    leaf++
  }
  return html
}

function leavesOf(spans: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => (span.children.length === 0 ? [span] : leavesOf(span.children)))
}
