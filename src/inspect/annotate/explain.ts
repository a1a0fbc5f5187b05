// What values mean, in words: from registries, from the tables' own functions, bit by bit. Text of peers is escaped here.
import { toHex } from '../../bytes/bytes.ts'
import type { BitsField, BitsPart, Explanation, Meaning, ValuesBefore } from '../../wire/fields.ts'
import { escapeOctets } from '../escape.ts'
import type { BitSpan } from '../span.ts'

export interface Explained {
  readonly meaning: string | undefined
  readonly registry: string | undefined
  readonly bits: readonly BitSpan[]
}
export const none: readonly never[] = []
export const nothing: Explained = { meaning: undefined, registry: undefined, bits: none }

export function explained(found: Explanation, value: number | Uint8Array): Explained {
  if (found === undefined) return nothing
  if (typeof found === 'string') return { meaning: found, registry: undefined, bits: none }
  if ('text' in found) return { meaning: escapedText(found.text), registry: undefined, bits: none }
  return typeof value === 'number' ? { meaning: found.name(value), registry: found.title, bits: none } : nothing
}

/** Octets of text that a peer may put into a meaning. */
const longestText = 256

function escapedText(text: Uint8Array): string {
  return text.length <= longestText ? escapeOctets(text) : `${escapeOctets(text.subarray(0, longestText))}…`
}

export const hexNumber = (value: number, octets: number): string => `0x${value.toString(16).padStart(2 * octets, '0')}`

/** Hexadecimal, cut after 32 octets. */
export function octetsText(octets: Uint8Array): string {
  return octets.length <= longestValue ? toHex(octets) : `${toHex(octets.subarray(0, longestValue))}…`
}
const longestValue = 32

// ---- bits ----------------------------------------------------------------------------------------------------------------

/** Its meaning does not depend on fields before it. */
export function standsAlone(part: BitsPart<string, string>): boolean {
  return part.kind === 'reserved' || typeof part.meaning !== 'function' || part.meaning.length < 2
}

export function bitWords(field: BitsField<string, string>, whole: number, before: ValuesBefore): Explained & { readonly name: string } {
  let below = 8 * field.octets
  const bits: BitSpan[] = []
  const meanings: string[] = []
  for (const part of field.parts) {
    below -= part.width
    const value = (whole >>> below) & ((1 << part.width) - 1)
    const name = part.kind === 'reserved' ? 'Reserved' : part.title
    const { meaning, registry } = part.kind === 'reserved' ? nothing : explainedPart(part.meaning, value, before)
    bits.push({ first: 8 * field.octets - below - part.width, width: part.width, name, value: `${value}`, meaning, registry })
    // Flags by name where they are set, numbers with their names, reserved bits where they are not zero.
    if (part.kind === 'flag' && value === 1) meanings.push(name)
    else if (part.kind !== 'flag' && (part.kind !== 'reserved' || value !== 0)) meanings.push(`${name} ${meaning ?? value}`)
  }
  const registry = bits.find((bit) => bit.registry !== undefined)?.registry
  const meaning = meanings.length === 0 ? undefined : meanings.join(', ')
  return { name: bits.map(({ name }) => name).join(', '), meaning, registry, bits }
}

const explainedPart = (meaning: Meaning<number> | undefined, value: number, before: ValuesBefore): Explained =>
  explained(typeof meaning === 'function' ? meaning(value, before) : meaning, value)
