// The words of a leaf: what leaves of the same field with the same value have in common. Of all messages together there are few different
// ones: they are made once, and renderers keep there what they made of them.
import type { Registry } from '../../iana/registry.ts'
import type { Explanation, Struct, ValuesBefore } from '../../wire/fields.ts'
import type { NumberField, StringField } from '../../wire/trace.ts'
import type { BitSpan, SpanKind } from '../span.ts'
import { bitWords, type Explained, explained, hexNumber, nothing, standsAlone } from './explain.ts'

export class LeafWords {
  readonly kind: SpanKind
  readonly name: string
  /** `undefined`: the octets in hexadecimal. */
  readonly value: string | undefined
  readonly meaning: string | undefined
  readonly registry: string | undefined
  readonly rfc: string
  readonly bits: readonly BitSpan[]
  /** Renderers keep here what they made of it, text by depth; `undefined` where the words are of one leaf alone. */
  readonly kept: { readonly lines: (string | undefined)[]; json: string | undefined } | undefined

  constructor(use: 'shared' | 'single', kind: SpanKind, name: string, value: string | undefined, said: Explained, rfc: string) {
    this.kind = kind
    this.name = name
    this.value = value
    this.meaning = said.meaning
    this.registry = said.registry
    this.rfc = rfc
    this.bits = said.bits
    this.kept = use === 'shared' ? { lines: [], json: undefined } : undefined
  }
}

export function numberWords(field: NumberField, value: number, before: ValuesBefore, { rfc }: Struct<never>): LeafWords {
  const known = remembered(field)
  if (field.kind === 'bits') {
    if (!known.alone) return makeWords('single', field, value, bitWords(field, value, before), rfc)
    return (
      known.find(value, undefined, rfc) ??
      known.keep(value, undefined, makeWords('shared', field, value, bitWords(field, value, before), rfc))
    )
  }
  const meaning = field.kind === 'reserved' ? undefined : field.meaning
  const found: Explanation = typeof meaning === 'function' ? meaning(value, before) : meaning
  if (isOfPeer(found)) return makeWords('single', field, value, explained(found, value), rfc)
  return known.find(value, found, rfc) ?? known.keep(value, found, makeWords('shared', field, value, explained(found, value), rfc))
}

/** Their value is in the octets: only what it means may be the same again. */
export function stringWords(field: StringField, value: Uint8Array, before: ValuesBefore, { rfc }: Struct<never>): LeafWords {
  const { meaning } = field
  const found: Explanation = typeof meaning === 'function' ? meaning(value, before) : meaning
  if (isOfPeer(found)) return new LeafWords('single', 'field', field.title, undefined, explained(found, value), rfc)
  const known = remembered(field)
  return (
    known.find(0, found, rfc) ??
    known.keep(0, found, new LeafWords('shared', 'field', field.title, undefined, explained(found, value), rfc))
  )
}

const isOfPeer = (found: Explanation): found is { readonly text: Uint8Array } => typeof found === 'object' && 'text' in found

function makeWords(
  use: 'shared' | 'single',
  field: NumberField,
  value: number,
  said: Explained & { readonly name?: string },
  rfc: string,
): LeafWords {
  if (field.kind === 'bits') return new LeafWords(use, 'field', said.name ?? '', hexNumber(value, field.octets), said, rfc)
  if (field.kind === 'reserved') return new LeafWords(use, 'reserved', 'Reserved', hexNumber(value, field.octets), nothing, rfc)
  const text = field.kind === 'uint' && field.radix === 16 ? hexNumber(value, field.octets) : `${value}`
  return new LeafWords(use, 'field', field.title, text, said, rfc)
}

/** Words of one field. It may stand in several tables, and its meaning may depend on other fields: words of one value are a chain. */
class Known {
  /** The meaning depends on nothing else. */
  readonly alone: boolean
  readonly #small: (Link | undefined)[] = []
  readonly #large = new Map<number, Link>()
  #size = 0

  constructor(field: NumberField | StringField) {
    this.alone = field.kind !== 'bits' || field.parts.every(standsAlone)
  }

  find(value: number, found: string | Registry | undefined, rfc: string): LeafWords | undefined {
    let link = value < smallValues ? this.#small[value] : this.#large.get(value)
    while (link !== undefined && (link.found !== found || link.words.rfc !== rfc)) link = link.next
    return link?.words
  }

  keep(value: number, found: string | Registry | undefined, words: LeafWords): LeafWords {
    if (this.#size === mostRemembered) return words
    this.#size++
    if (value < smallValues) {
      while (this.#small.length <= value) this.#small.push(undefined)
      this.#small[value] = { found, words, next: this.#small[value] }
    } else this.#large.set(value, { found, words, next: this.#large.get(value) })
    return words
  }
}

interface Link {
  readonly found: string | Registry | undefined
  readonly words: LeafWords
  readonly next: Link | undefined
}

const mostRemembered = 256
const smallValues = 256
const fields = new WeakMap<NumberField | StringField, Known>()

function remembered(field: NumberField | StringField): Known {
  const found = fields.get(field)
  if (found !== undefined) return found
  const fresh = new Known(field)
  fields.set(field, fresh)
  return fresh
}
