// Annotated octets as one page that needs nothing else: octets beside their explanation, each lights the other. It loads nothing, its
// policy allows only its own style and script (`html-look.ts`) by their hashes, and it reads as well without the script.
import { bitPicture } from './bit-picture.ts'
import { escapeText } from './escape.ts'
import { htmlHashes, htmlScript, htmlStyle } from './html-look.ts'
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
  /** `closed` shows the heading until someone opens it, which needs no script; it keeps long pages quick. */
  readonly shown: 'open' | 'closed'
}

/** The page is `htmlStart`, `htmlSection` as often as wanted, `htmlEnd`, one after the other. */
export function htmlStart(title: string): string {
  return htmlHead(title, policy, htmlStyle)
}

/** Up to the heading of a page. `contentPolicy` has the hash of `style`. */
export function htmlHead(title: string, contentPolicy: string, style: string): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<h1>${escapeHtml(title)}</h1>`,
    '',
  ].join('\n')
}

export function htmlSection(section: HtmlSection): string {
  const counter: Counter = { leaves: 0 }
  return [
    section.shown === 'open' ? '<section>' : '<section class="closed">',
    `<details${section.shown === 'open' ? ' open' : ''}><summary><h2>${escapeHtml(section.heading)}</h2></summary>`,
    ...section.remarks.map((remark) => `<p>${escapeHtml(remark)}</p>`),
    ...section.faults.map((fault) => `<p class="fault">${escapeHtml(fault)}</p>`),
    ...(section.region === undefined ? [] : [region(section.region, counter)]),
    '</details>',
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
  const inner: Region[] = []
  const tree = list(shown.spans, counter, inner, { colour: hue, rfc: '' })
  const seal =
    shown.authentication === 'none' ? '' : ` <small class="${shown.authentication}">${shown.authentication.replace('-', ' ')}</small>`
  const inside = inner.map((each) => region(each, counter)).join('')
  return `<div class="region"><h3>${escapeHtml(shown.title)}${seal}</h3><pre>${octetRows(shown, first)}</pre>${tree}</div>${inside}`
}

/** Neighbouring structures of a region have different colours, in the octets as in the tree. */
const hue = (position: number): string => ` h${position % 6}`
const noColour = (): string => ''

/** What the spans of a list inherit: where their colours come from, and the RFC of the structure around them, which need not be said again. */
interface Context {
  readonly colour: (position: number) => string
  readonly rfc: string
}

/** Regions decrypted from what is listed are added to `inner`: they are shown below. */
function list(spans: readonly Span[], counter: Counter, inner: Region[], context: Context): string {
  const items = spans.map((span, i) => item(span, counter, inner, context.colour(i), context.rfc))
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`
}

function item(span: Span, counter: Counter, inner: Region[], colour: string, rfc: string): string {
  if (span.inner !== undefined) inner.push(span.inner)
  const first = counter.leaves
  if (span.children.length === 0) {
    counter.leaves++
    return `<li class="${span.kind}${colour}" data-f="${first}" data-l="${first}"><p>${row(span, rfc)}</p>${bitList(span)}</li>`
  }
  const children = list(span.children, counter, inner, { colour: noColour, rfc: span.rfc })
  const place = `data-f="${first}" data-l="${counter.leaves - 1}"`
  return `<li class="${span.kind}${colour}" ${place}><details open><summary>${row(span, rfc)}</summary>${children}</details></li>`
}

/** Name; value, meaning and registry; RFC. */
function row(span: Span, rfc: string): string {
  const source = span.rfc === rfc ? '' : `<small>${escapeHtml(span.rfc)}</small>`
  return `<b>${escapeHtml(span.name)}</b><span>${said(span)}</span>${source}`
}

function bitList(span: Span): string {
  if (span.bits.length === 0) return ''
  const all = 8 * (span.end - span.start)
  const rows = span.bits.map(
    (bit) =>
      `<li><p><b>${escapeHtml(bit.name)}</b><span><code class="bits">${escapeHtml(bitPicture(bit, all))}</code> ${said(bit)}</span></p></li>`,
  )
  return `<ul>${rows.join('')}</ul>`
}

function said({ value, meaning, registry }: Pick<Span, 'value' | 'meaning' | 'registry'>): string {
  const words: string[] = []
  if (value !== '') words.push(`<code>${escapeHtml(value)}</code>`)
  if (meaning !== undefined) words.push(escapeHtml(meaning))
  if (registry !== undefined) words.push(`<i>${escapeHtml(registry)}</i>`)
  return words.join(' ')
}

/** Sixteen octets a row behind their offset; those of one leaf are one element a row. */
function octetRows({ bytes, spans }: Region, firstLeaf: number): string {
  let html = ''
  let leaf = firstLeaf
  for (const [position, span] of spans.entries()) {
    html += `<span class="${hue(position).trim()}">`
    for (const { start, end } of leavesOf([span])) {
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
    html += '</span>'
  }
  return html
}

function leavesOf(spans: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => (span.children.length === 0 ? [span] : leavesOf(span.children)))
}
