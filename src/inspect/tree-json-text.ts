// `JSON.stringify(regionJson(region))`, fast: no objects in between, and what leaves with the same words have in common is kept. A test keeps
// the two equal.
import { toHex } from '../bytes/bytes.ts'
import { LeafSpan } from './annotate/leaf-span.ts'
import type { LeafWords } from './annotate/leaf-words.ts'
import type { Region, Span } from './span.ts'
import { bitJson, faultJson } from './tree-json.ts'

export function regionJsonText({ title, authentication, bytes, spans, fault }: Region): string {
  let text = `{"title":${JSON.stringify(title)},"authentication":"${authentication}","octets":"${toHex(bytes)}","spans":${listText(spans)}`
  if (fault !== undefined) text += `,"fault":${JSON.stringify(faultJson(fault))}`
  return `${text}}`
}

function listText(spans: readonly Span[]): string {
  let text = '['
  let isFirst = true
  for (const span of spans) {
    if (isFirst) isFirst = false
    else text += ','
    text += span instanceof LeafSpan ? leafText(span) : structureText(span)
  }
  return `${text}]`
}

function leafText(span: LeafSpan): string {
  const { words, start, end } = span
  const head = `{"kind":"${words.kind}","start":${start},"end":${end},`
  if (words.value === undefined || words.kept === undefined) {
    const tail = `${nameAndValue(words.name, span.value)},${meaningText(words)}`
    return head + (span.inner === undefined ? `${tail}}` : `${tail},"inner":${regionJsonText(span.inner)}}`)
  }
  words.kept.json ??= `${nameAndValue(words.name, words.value)},${meaningText(words)}}`
  return head + words.kept.json
}

function structureText({ kind, start, end, name, value, rfc, children }: Span): string {
  const list = children.length === 0 ? '' : `,"children":${listText(children)}`
  return `{"kind":"${kind}","start":${start},"end":${end},${nameAndValue(name, value)},"rfc":${quoted(rfc)}${list}}`
}

const nameAndValue = (name: string, value: string): string => `"name":${quoted(name)},"value":${JSON.stringify(value)}`

function meaningText({ rfc, meaning, registry, bits }: LeafWords): string {
  let text = `"rfc":${quoted(rfc)}`
  if (meaning !== undefined) text += `,"meaning":${JSON.stringify(meaning)}`
  if (registry !== undefined) text += `,"registry":${quoted(registry)}`
  return bits.length === 0 ? text : `${text},"bits":${JSON.stringify(bits.map(bitJson))}`
}

/** Names and RFCs: words of ours, few and the same each time. */
const quotations = new Map<string, string>()
const mostQuotations = 4096

function quoted(text: string): string {
  const known = quotations.get(text)
  if (known !== undefined) return known
  const fresh = JSON.stringify(text)
  if (quotations.size < mostQuotations) quotations.set(text, fresh)
  return fresh
}
