// Spans from what a decoder tells: names and meanings from the field tables, text of peers escaped on the way in.
import type { WireFault } from '../../contract/faults.ts'
import { Decoder } from '../../wire/decode.ts'
import type { MappedField, Struct, ValuesBefore } from '../../wire/fields.ts'
import { defaultLimits } from '../../wire/limits.ts'
import type { NumberField, StringField, Trace } from '../../wire/trace.ts'
import type { Authentication, Region, RegionFault, Span, SpanKind } from '../span.ts'
import { none, nothing } from './explain.ts'
import { LeafSpan } from './leaf-span.ts'
import { LeafWords, numberWords, stringWords } from './leaf-words.ts'

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
    const words = new LeafWords('single', kind, name, undefined, { meaning, registry: undefined, bits: none }, rfc)
    this.#add(new LeafSpan(this.bytes, start, end, words, inner))
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
    this.#leaf(at, end, numberWords(field, value, before, table))
  }

  mapped(field: MappedField<string>, at: number, end: number, text: string | undefined, table: Struct<never>): void {
    this.#leaf(at, end, new LeafWords('single', 'field', field.title, text ?? '', nothing, table.rfc))
  }

  octets(field: StringField, at: number, end: number, value: Uint8Array, before: ValuesBefore, table: Struct<never>): void {
    if (end === at || this.divider?.divide(this, field, this.#base + at, this.#base + end, before, table) === 'done') return
    this.#leaf(at, end, stringWords(field, value, before, table))
  }

  #leaf(at: number, end: number, words: LeafWords): void {
    this.#add(new LeafSpan(this.bytes, this.#base + at, this.#base + end, words, undefined))
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

interface Open {
  readonly table: Struct<never>
  readonly start: number
  readonly children: Span[]
}

function briefOf(table: Struct<never>, value: object): string {
  // The value is what this very table decoded to.
  const whole: Struct<object> = table
  return whole.brief(value)
}
