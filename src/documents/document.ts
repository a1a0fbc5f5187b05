// A text in YAML 1.2 as a tree of maps, lists and words, each with its place. Every scalar is a word: `yes` and `10` are what they look like.
// Total and bounded: any text gives a tree or findings; aliases are counted, and what they stand for counts each time.
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type Scalar, type YAMLMap } from 'yaml'
import { error, type Finding, type Span } from './diagnostic.ts'
import { syntaxWords } from './syntax-words.ts'

export type Placed = PlacedWord | PlacedList | PlacedMap
export interface PlacedWord {
  readonly kind: 'word'
  readonly span: Span
  readonly text: string
  /** Where its first character is, when the source has it character by character; `undefined` for escapes and several lines. */
  readonly textStart: number | undefined
}
export interface PlacedList {
  readonly kind: 'list'
  readonly span: Span
  readonly items: readonly Placed[]
}
export interface PlacedMap {
  readonly kind: 'map'
  readonly span: Span
  readonly entries: readonly PlacedEntry[]
}
export interface PlacedEntry {
  readonly key: PlacedWord
  readonly value: Placed
}

export interface ReadDocument {
  /** `undefined` when nothing of the text can be used. */
  readonly root: Placed | undefined
  readonly findings: readonly Finding[]
}

/** Aliases count with all that they stand for. */
export interface DocumentLimits {
  /** Of the text, in UTF-16 units. */
  readonly length: number
  readonly depth: number
  readonly aliases: number
  readonly nodes: number
}

/** For what people write by hand. */
export const documentLimits: DocumentLimits = { length: 64 * 1024, depth: 16, aliases: 100, nodes: 20_000 }

const syntaxFindings = 5

export function readDocument(text: string, limits: DocumentLimits = documentLimits): ReadDocument {
  if (text.length > limits.length) {
    const most = `${limits.length / 1024} KiB`
    return {
      root: undefined,
      findings: [error('too-large', { start: 0, end: 0 }, `the file is longer than ${most}, the most that is read`)],
    }
  }
  try {
    return readBounded(text, limits)
  } catch (thrown) {
    // The library walks nested nodes by calling itself.
    if (!(thrown instanceof RangeError)) throw thrown
    return { root: undefined, findings: [tooDeep({ start: 0, end: 0 }, limits.depth)] }
  }
}

function readBounded(text: string, limits: DocumentLimits): ReadDocument {
  // Without `uniqueKeys`, which compares each key with each: below, a set does.
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: false,
  })
  const faults = [...document.errors, ...document.warnings].slice(0, syntaxFindings)
  const findings = faults.map(({ code, pos }) => error('syntax', withoutMargin(text, pos), syntaxWords(code)))
  const reading: Reading = { text, limits, findings, anchors: new Map(), aliases: 0, nodes: 0 }
  const root = document.contents === null ? undefined : place(reading, document.contents, 0)
  return { root, findings }
}

interface Reading {
  readonly text: string
  readonly limits: DocumentLimits
  readonly findings: Finding[]
  readonly anchors: Map<string, Node>
  aliases: number
  nodes: number
}

/** `undefined` where a limit is passed, of which a finding tells, once. */
function place(reading: Reading, node: Node, depth: number): Placed | undefined {
  const { limits } = reading
  const span = spanOf(node)
  if (++reading.nodes > limits.nodes) return refuse(reading, 'too-large', span, tooMany('nodes', limits.nodes))
  if (depth > limits.depth) return refuse(reading, 'too-large', span, tooDeep(span, limits.depth).message)
  if (isAlias(node)) return placeAlias(reading, node.source, span, depth)
  if ('anchor' in node && typeof node.anchor === 'string') reading.anchors.set(node.anchor, node)
  if (isScalar(node)) return placeWord(reading, node)
  if (isSeq<Node>(node)) {
    const items = node.items.flatMap((item) => place(reading, item, depth + 1) ?? [])
    return { kind: 'list', span, items }
  }
  if (isMap<Node | null, Node | null>(node)) return { kind: 'map', span, entries: placeEntries(reading, node, depth) }
  return refuse(reading, 'syntax', span, 'a map, a list or a word is expected here')
}

function placeAlias(reading: Reading, name: string, span: Span, depth: number): Placed | undefined {
  const { limits } = reading
  if (++reading.aliases > limits.aliases) return refuse(reading, 'too-large', span, tooMany('aliases', limits.aliases))
  const target = reading.anchors.get(name)
  if (target === undefined) return refuse(reading, 'syntax', span, 'this alias has no anchor before it')
  return place(reading, target, depth + 1)
}

function placeEntries(reading: Reading, map: YAMLMap<Node | null, Node | null>, depth: number): readonly PlacedEntry[] {
  const seen = new Set<string>()
  return map.items.flatMap(({ key, value }) => {
    const placed = key === null ? undefined : place(reading, key, depth + 1)
    if (placed === undefined) return []
    if (placed.kind !== 'word') {
      refuse(reading, 'syntax', placed.span, 'a word is expected before the colon, not a list or a map')
      return []
    }
    if (seen.has(placed.text)) refuse(reading, 'duplicate', placed.span, 'this word is here twice: the second would replace the first')
    seen.add(placed.text)
    const { end } = placed.span
    const nothing: Placed = { kind: 'word', span: { start: end, end }, text: '', textStart: undefined }
    const content = value === null ? nothing : place(reading, value, depth + 1)
    return content === undefined ? [] : [{ key: placed, value: content }]
  })
}

function placeWord({ text: source }: Reading, scalar: Scalar): Placed {
  const span = spanOf(scalar)
  // With the schema `failsafe` all values are text, except for what merge keys and the like are made into.
  const text = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '')
  const start = [span.start, span.start + 1].find((at) => text !== '' && source.slice(at, at + text.length) === text)
  return { kind: 'word', span, text, textStart: start }
}

/** Once for each message at most: what follows from a limit is not worth reading. */
function refuse(reading: Reading, code: Finding['code'], span: Span, message: string): undefined {
  const isKnown = code === 'too-large' && reading.findings.some((finding) => finding.code === code)
  if (!isKnown && reading.findings.length < 2 * syntaxFindings) reading.findings.push(error(code, span, message))
  return undefined
}

/** The library points at the start of a line where its indentation is wrong. */
function withoutMargin(text: string, [from, to]: readonly [number, number]): Span {
  let start = from
  while (text[start] === ' ' || text[start] === '\t') start++
  return { start, end: Math.max(start, to) }
}

const tooDeep = (span: Span, depth: number): Finding => error('too-large', span, `maps and lists are more than ${depth} deep`)
const tooMany = (what: string, most: number): string =>
  `there are more than ${most} ${what}, where aliases count with all that they stand for`

function spanOf({ range }: Node): Span {
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 }
}
