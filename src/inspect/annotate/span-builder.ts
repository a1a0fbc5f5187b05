// Spans from what a decoder tells: names and meanings from the field tables, text of peers escaped on the way in.
import { toHex } from '../../bytes/bytes.ts'
import type { WireFault } from '../../contract/faults.ts'
import type { Registry } from '../../iana/registry.ts'
import { Decoder } from '../../wire/decode.ts'
import type { BitsField, BitsPart, Explanation, MappedField, Meaning, Struct, ValuesBefore } from '../../wire/fields.ts'
import { defaultLimits } from '../../wire/limits.ts'
import type { NumberField, StringField, Trace } from '../../wire/trace.ts'
import { escapeOctets } from '../escape.ts'
import type { Authentication, BitSpan, Region, RegionFault, Span, SpanKind } from '../span.ts'

/** A leaf that no table describes as it is: sealed octets, data of who knows whom. */
export interface Leaf {
  readonly kind: SpanKind
  readonly name: string
  readonly rfc: string
  readonly meaning?: string | undefined
  readonly inner?: Region | undefined
}

/**
 * Takes the octets of a string field in hand, adding leaves for all of them, instead of a leaf for the field; `pass`: they are not its.
 * An object, not a function: V8 lets the last closure of a call site live on, and with it all spans of the message that it is of, which
 * makes collecting garbage cost more than all the rest.
 */
export interface Divider {
  divide(builder: SpanBuilder, field: StringField, at: number, end: number, before: ValuesBefore, table: Struct<never>): 'done' | 'pass'
}

/** Builds the spans of one region, from its first octet to its last. */
export class SpanBuilder implements Trace {
  readonly bytes: Uint8Array
  readonly #roots: Span[] = []
  /** Structures that are not over yet, from the outside in. */
  readonly #open: Open[] = []
  /** Where new spans go: the children of the innermost open structure, or the roots. */
  #siblings: Span[] = this.#roots
  /** Positions that are told count from here. */
  #base = 0
  #covered = 0
  #fault: RegionFault | undefined
  divider: Divider | undefined
  /** Some leaf has a region inside. */
  hasInner = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Octets before this one have spans. */
  get covered(): number {
    return this.#covered
  }

  get fault(): RegionFault | undefined {
    return this.#fault
  }

  /** Complete structures so far that stand in no other. */
  get roots(): readonly Span[] {
    return this.#roots
  }

  /** What is told from now on counts from `base`. */
  startAt(base: number): void {
    this.#base = base
  }

  /** The structure that starts at the first octet without a span, and ends at `end` at the latest. `undefined`: see `fault`. */
  decode<T extends object>(table: Struct<T>, end: number): T | undefined {
    this.startAt(this.#covered)
    const decoder = new Decoder(this.bytes.subarray(this.#covered, end), this.#covered, defaultLimits, this)
    const value = decoder.decode(table)
    if (decoder.fault !== undefined) this.fail(decoder.fault)
    return value
  }

  /** Only the first fault counts. `undefined`, for callers to return. */
  fail(fault: RegionFault): undefined {
    this.#fault ??= fault
    return undefined
  }

  /** A wire fault of ours, where no table finds it. */
  failAt(code: WireFault['code'], offset: number, field: string, rfc: string, says: string): undefined {
    return this.fail({ family: 'wire', code, offset, field, rfc, message: `${field}: ${says}` })
  }

  /** Covers all octets up to `end`; nothing when there are none. */
  leaf(end: number, { kind, name, rfc, meaning, inner }: Leaf): void {
    const start = this.#covered
    if (end <= start) return
    if (inner !== undefined) this.hasInner = true
    const value = octetsText(this.bytes.subarray(start, end))
    this.#add({ kind, start, end, name, value, meaning, registry: undefined, rfc, bits: none, children: none, inner })
  }

  /** No more spans: whatever is left is not decoded. */
  region(title: string, authentication: Authentication): Region {
    while (this.#open.length > 0) this.#close('')
    this.leaf(this.bytes.length, { kind: 'not-decoded', name: 'not decoded', rfc: this.#fault?.rfc ?? '' })
    return { title, bytes: this.bytes, spans: this.#roots, authentication, fault: this.#fault }
  }

  enter(table: Struct<never>, at: number): void {
    const children: Span[] = []
    this.#open.push({ table, start: this.#base + at, children })
    this.#siblings = children
  }

  leave(table: Struct<never>, _end: number, value: object): void {
    this.#close(briefOf(table, value))
  }

  number(field: NumberField, at: number, end: number, value: number, before: ValuesBefore, table: Struct<never>): void {
    if (field.kind === 'bits') this.#bits(field, at, end, value, before, table)
    else if (field.kind === 'reserved') this.#leaf('reserved', at, end, 'Reserved', hexNumber(value, field.octets), nothing, table, none)
    else {
      const text = field.kind === 'uint' && field.radix === 16 ? hexNumber(value, field.octets) : `${value}`
      this.#leaf('field', at, end, field.title, text, explain(field.meaning, value, before), table, none)
    }
  }

  mapped(field: MappedField<string>, at: number, end: number, text: string | undefined, table: Struct<never>): void {
    this.#leaf('field', at, end, field.title, text ?? '', nothing, table, none)
  }

  octets(field: StringField, at: number, end: number, value: Uint8Array, before: ValuesBefore, table: Struct<never>): void {
    if (end === at || this.divider?.divide(this, field, this.#base + at, this.#base + end, before, table) === 'done') return
    this.#leaf('field', at, end, field.title, octetsText(value), explain(field.meaning, value, before), table, none)
  }

  #bits(field: BitsField<string, string>, at: number, end: number, value: number, before: ValuesBefore, table: Struct<never>): void {
    const { name, bits, explained } = bitWords(field, value, before)
    this.#leaf('field', at, end, name, hexNumber(value, field.octets), explained, table, bits)
  }

  #leaf(
    kind: SpanKind,
    at: number,
    end: number,
    name: string,
    value: string,
    explained: Explained,
    table: Struct<never>,
    bits: readonly BitSpan[],
  ): void {
    const { meaning, registry } = explained
    const { rfc } = table
    this.#add({
      kind,
      start: this.#base + at,
      end: this.#base + end,
      name,
      value,
      meaning,
      registry,
      rfc,
      bits,
      children: none,
      inner: undefined,
    })
  }

  #add(span: Span): void {
    this.#siblings.push(span)
    this.#covered = span.end
  }

  #close(value: string): void {
    const closed = this.#open.pop()
    if (closed === undefined) return
    this.#siblings = this.#open.at(-1)?.children ?? this.#roots
    const { table, start, children } = closed
    if (children.length === 0) return
    this.#siblings.push({
      kind: 'structure',
      start,
      end: this.#covered,
      name: table.title,
      value,
      meaning: undefined,
      registry: undefined,
      rfc: table.rfc,
      bits: none,
      children,
      inner: undefined,
    })
  }
}

/** Hexadecimal, cut after 32 octets. */
export function octetsText(octets: Uint8Array): string {
  return octets.length <= longestValue ? toHex(octets) : `${toHex(octets.subarray(0, longestValue))}…`
}

interface Open {
  readonly table: Struct<never>
  readonly start: number
  readonly children: Span[]
}

interface Explained {
  readonly meaning: string | undefined
  readonly registry: string | undefined
}

const none: readonly never[] = []
const nothing: Explained = { meaning: undefined, registry: undefined }
const longestValue = 32
/** Octets of text that a peer may put into a meaning. */
const longestText = 256

function explain<V extends number | Uint8Array>(meaning: Meaning<V> | undefined, value: V, before: ValuesBefore): Explained {
  if (meaning === undefined) return nothing
  const found: Explanation = typeof meaning === 'function' ? meaning(value, before) : meaning
  if (found === undefined) return nothing
  if (typeof found === 'string') return { meaning: found, registry: undefined }
  if ('text' in found) return { meaning: escapedText(found.text), registry: undefined }
  return typeof value === 'number' ? named(found, value) : nothing
}

/** What registries said: the same few numbers come again and again. */
const said = new WeakMap<Registry, Map<number, Explained>>()

function named(registry: Registry, value: number): Explained {
  const known = said.get(registry) ?? new Map<number, Explained>()
  const found = known.get(value)
  if (found !== undefined) return found
  const explained = { meaning: registry.name(value), registry: registry.title }
  if (known.size === 0) said.set(registry, known)
  if (known.size < mostRemembered) known.set(value, explained)
  return explained
}

function escapedText(text: Uint8Array): string {
  return text.length <= longestText ? escapeOctets(text) : `${escapeOctets(text.subarray(0, longestText))}…`
}

function briefOf(table: Struct<never>, value: object): string {
  // The value is what this very table decoded to.
  const whole: Struct<object> = table
  return whole.brief(value)
}

/** Most are of one octet. */
const hexOctets: readonly string[] = Array.from({ length: 256 }, (_, octet) => `0x${toHex(Uint8Array.of(octet))}`)

const hexNumber = (value: number, octets: number): string =>
  octets === 1 ? (hexOctets[value] ?? '') : `0x${value.toString(16).padStart(2 * octets, '0')}`

// ---- bits ----------------------------------------------------------------------------------------------------------------

interface BitWords {
  readonly name: string
  readonly bits: readonly BitSpan[]
  readonly explained: Explained
}

/** Of all messages together there are few different octets of flags: they are put into words once. */
const remembered = new WeakMap<BitsField<string, string>, Map<number, BitWords>>()
const mostRemembered = 256

function bitWords(field: BitsField<string, string>, whole: number, before: ValuesBefore): BitWords {
  let known = remembered.get(field)
  if (known === undefined) {
    known = new Map()
    remembered.set(field, known)
  }
  const found = known.get(whole)
  if (found !== undefined) return found
  const words = makeBitWords(field, whole, before)
  if (known.size < mostRemembered && field.parts.every(standsAlone)) known.set(whole, words)
  return words
}

/** Its meaning does not depend on fields before it. */
function standsAlone(part: BitsPart<string, string>): boolean {
  return part.kind === 'reserved' || typeof part.meaning !== 'function' || part.meaning.length < 2
}

function makeBitWords(field: BitsField<string, string>, whole: number, before: ValuesBefore): BitWords {
  let below = 8 * field.octets
  const bits: BitSpan[] = []
  const meanings: string[] = []
  for (const part of field.parts) {
    below -= part.width
    const value = (whole >>> below) & ((1 << part.width) - 1)
    const name = part.kind === 'reserved' ? 'Reserved' : part.title
    const { meaning, registry } = part.kind === 'reserved' ? nothing : explain(part.meaning, value, before)
    bits.push({ first: 8 * field.octets - below - part.width, width: part.width, name, value: `${value}`, meaning, registry })
    // Flags by name where they are set, numbers with their names, reserved bits where they are not zero.
    if (part.kind === 'flag' && value === 1) meanings.push(name)
    else if (part.kind !== 'flag' && (part.kind !== 'reserved' || value !== 0)) meanings.push(`${name} ${meaning ?? value}`)
  }
  const registry = bits.find((bit) => bit.registry !== undefined)?.registry
  const meaning = meanings.length === 0 ? undefined : meanings.join(', ')
  return { name: bits.map(({ name }) => name).join(', '), bits, explained: { meaning, registry } }
}
