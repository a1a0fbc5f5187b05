// A leaf as it is kept: where it is, and the words that it shares with others. What depends on its octets is made when it is asked for.
import type { BitSpan, Region, Span, SpanKind } from '../span.ts'
import { none, octetsText } from './explain.ts'
import type { LeafWords } from './leaf-words.ts'

export class LeafSpan implements Span {
  readonly start: number
  readonly end: number
  readonly words: LeafWords
  readonly inner: Region | undefined
  /** Of the region. */
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, start: number, end: number, words: LeafWords, inner: Region | undefined) {
    this.#bytes = bytes
    this.start = start
    this.end = end
    this.words = words
    this.inner = inner
  }

  get kind(): SpanKind {
    return this.words.kind
  }
  get name(): string {
    return this.words.name
  }
  get value(): string {
    return this.words.value ?? octetsText(this.#bytes.subarray(this.start, this.end))
  }
  get meaning(): string | undefined {
    return this.words.meaning
  }
  get registry(): string | undefined {
    return this.words.registry
  }
  get rfc(): string {
    return this.words.rfc
  }
  get bits(): readonly BitSpan[] {
    return this.words.bits
  }
  get children(): readonly Span[] {
    return none
  }

  /** For `JSON.stringify`: all properties of a span, as if they were its own. */
  toJSON(): Span {
    const { kind, start, end, name, value, meaning, registry, rfc, bits, children, inner } = this
    return { kind, start, end, name, value, meaning, registry, rfc, bits, children, inner }
  }
}
