// Spans from what a decoder tells: names and meanings from the field tables, text of peers escaped on the way in.
import { toHex } from '../../bytes/bytes.ts'
import type { WireFault } from '../../contract/faults.ts'
import type { Registry } from '../../iana/registry.ts'
import { Decoder } from '../../wire/decode.ts'
import type { BitsField, Explanation, Meaning, Struct, ValuesBefore } from '../../wire/fields.ts'
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
 */
export type Divider = (field: StringField, at: number, end: number, before: ValuesBefore, table: Struct<never>) => 'done' | 'pass'

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
    const start = this.#base + at
    const { rfc } = table
    if (field.kind === 'bits') {
      const bits = bitSpans(field, value, before)
      const value16 = hexNumber(value, field.octets)
      const words = bits.length > 1 ? bitWords(field, bits) : undefined
      this.#add(
        leafSpan(
          'field',
          start,
          this.#base + end,
          bitsName(field),
          value16,
          { meaning: words, registry: bits.find(({ registry }) => registry !== undefined)?.registry },
          rfc,
          bits,
        ),
      )
    } else if (field.kind === 'reserved') {
      this.#add(leafSpan('reserved', start, this.#base + end, 'Reserved', hexNumber(value, field.octets), unexplained, rfc, none))
    } else {
      const text = field.kind === 'uint' && field.radix === 16 ? hexNumber(value, field.octets) : `${value}`
      this.#add(leafSpan('field', start, this.#base + end, field.title, text, explain(field.meaning, value, before), rfc, none))
    }
  }

  octets(field: StringField, at: number, end: number, value: Uint8Array, before: ValuesBefore, table: Struct<never>): void {
    if (end === at) return
    if (this.divider?.(field, this.#base + at, this.#base + end, before, table) === 'done') return
    const text = field.kind === 'mapped' ? (field.form.decode(value) ?? octetsText(value)) : octetsText(value)
    const explained = explain(field.meaning, value, before)
    this.#add(leafSpan('field', this.#base + at, this.#base + end, field.title, text, explained, table.rfc, none))
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
const unexplained: Explained = { meaning: undefined, registry: undefined }
const longestValue = 32
/** Octets of text that a peer may put into a meaning. */
const longestText = 256

function leafSpan(
  kind: SpanKind,
  start: number,
  end: number,
  name: string,
  value: string,
  { meaning, registry }: Explained,
  rfc: string,
  bits: readonly BitSpan[],
): Span {
  return { kind, start, end, name, value, meaning, registry, rfc, bits, children: none, inner: undefined }
}

function explain<V extends number | Uint8Array>(meaning: Meaning<V> | undefined, value: V, before: ValuesBefore): Explained {
  if (meaning === undefined) return unexplained
  const found: Explanation = typeof meaning === 'function' ? meaning(value, before) : meaning
  if (found === undefined) return unexplained
  if (typeof found === 'string') return { meaning: found, registry: undefined }
  if ('text' in found) return { meaning: escapedText(found.text), registry: undefined }
  return typeof value === 'number' ? named(found, value) : unexplained
}

const named = (registry: Registry, value: number): Explained => ({ meaning: registry.name(value), registry: registry.title })

function escapedText(text: Uint8Array): string {
  return text.length <= longestText ? escapeOctets(text) : `${escapeOctets(text.subarray(0, longestText))}…`
}

function briefOf(table: Struct<never>, value: object): string {
  // The value is what this very table decoded to.
  const whole: Struct<object> = table
  return whole.brief(value)
}

const hexNumber = (value: number, octets: number): string => `0x${value.toString(16).padStart(2 * octets, '0')}`

// ---- bits ----------------------------------------------------------------------------------------------------------------

function bitSpans(field: BitsField<string, string>, whole: number, before: ValuesBefore): readonly BitSpan[] {
  let below = 8 * field.octets
  return field.parts.map((part) => {
    below -= part.width
    const value = (whole >>> below) & ((1 << part.width) - 1)
    const { meaning, registry } = part.kind === 'reserved' ? unexplained : explain(part.meaning, value, before)
    const name = part.kind === 'reserved' ? 'Reserved' : part.title
    return { first: 8 * field.octets - below - part.width, width: part.width, name, value: `${value}`, meaning, registry }
  })
}

const bitsName = (field: BitsField<string, string>): string =>
  field.parts.map((part) => (part.kind === 'reserved' ? 'Reserved' : part.title)).join(', ')

/** Flags by name where they are set, numbers with their names, reserved bits where they are not zero. */
function bitWords(field: BitsField<string, string>, bits: readonly BitSpan[]): string | undefined {
  const words = bits.flatMap((bit, i) => {
    const kind = field.parts[i]?.kind
    if (kind === 'flag') return bit.value === '1' ? [bit.name] : []
    if (kind === 'reserved') return bit.value === '0' ? [] : [`${bit.name} ${bit.value}`]
    return [`${bit.name} ${bit.meaning ?? bit.value}`]
  })
  return words.length === 0 ? undefined : words.join(', ')
}
