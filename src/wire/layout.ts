// The words in which tables are written: one function for each kind of field of `fields.ts`.
/* oxlint-disable typescript/no-unsafe-type-assertion -- from here on, for the interpreters, keys are strings and addresses are text */
import { fromHex, toHex } from '../bytes/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../net/address.ts'
import type {
  BitsField,
  Choice,
  ConstantField,
  CountField,
  Description,
  ExtentField,
  Field,
  Form,
  GroupField,
  LengthField,
  LinkField,
  ListField,
  MappedField,
  OctetsField,
  ReservedField,
  StringsField,
  Struct,
  UintField,
  Words,
} from './fields.ts'
import type { Countable } from './limits.ts'

type Meaning = Words['meaning']

export function struct<T extends object>(description: Description<T>): Struct<T> {
  // FieldOf<T> narrows the keys of Field: for the interpreters they are strings.
  const fields = description.fields as readonly Field[]
  return {
    kind: 'struct',
    name: description.name,
    rfc: description.rfc,
    fields,
    tag: description.tag ?? {},
    rules: description.rules ?? [],
    minimum: minimumOf(fields),
  }
}

export function choice<T extends object>(peek: Choice<T>['peek'], pick: Choice<T>['pick']): Choice<T> {
  return { kind: 'choice', peek, pick }
}

export function uint<K extends string>(key: K, octets: 1 | 2 | 4, title: string, meaning?: Meaning): UintField<K> {
  return { kind: 'uint', key, octets, ...words(title, meaning) }
}

type NumberPart<K> = { readonly kind: 'number'; readonly key: K; readonly width: number } & Words
type FlagPart<K> = { readonly kind: 'flag'; readonly key: K; readonly width: 1 } & Words

export function bits<N extends string = never, F extends string = never>(
  octets: 1 | 2,
  ...parts: BitsField<N, F>['parts']
): BitsField<N, F> {
  return { kind: 'bits', octets, parts }
}
export function number<K extends string>(key: K, width: number, title: string, meaning?: Meaning): NumberPart<K> {
  return { kind: 'number', key, width, ...words(title, meaning) }
}
export function flag<K extends string>(key: K, title: string): FlagPart<K> {
  return { kind: 'flag', key, width: 1, title }
}
export function reservedBits(width: number): { readonly kind: 'reserved'; readonly width: number } {
  return { kind: 'reserved', width }
}
export function constantBit(value: 0 | 1, title: string): { readonly kind: 'constant'; readonly value: number; readonly width: 1 } & Words {
  return { kind: 'constant', value, width: 1, title }
}

export function reserved(octets: 1 | 2 | 3): ReservedField {
  return { kind: 'reserved', octets }
}

export function constant(path: string, value: number, title: string, meaning?: Meaning): ConstantField {
  return { kind: 'constant', path, octets: 1, value, ...words(title, meaning) }
}

/** `path` is the name of the field in faults, since it is none of the value. */
export function link(path: string, title: string, meaning?: Meaning): LinkField {
  return { kind: 'link', path, octets: 1, ...words(title, meaning) }
}

/** The length of the structure that it stands in. */
export function extent(title: string): ExtentField {
  return { kind: 'extent', path: 'length', octets: 2, title }
}

/** The length of the octets `of`, which come later. */
export function lengthOf<K extends string>(of: K, octets: 1 | 2, path: string, title: string): LengthField<K> {
  return { kind: 'length', path, octets, of, title }
}

/** The number of elements `of`, which come later. */
export function countOf<K extends string>(of: K, octets: 1 | 2, path: string, title: string): CountField<K> {
  return { kind: 'count', path, octets, of, title }
}

/** As many octets as `lengthOf` says. */
export function counted<K extends string>(key: K, title: string): OctetsField<K> {
  return { kind: 'octets', key, size: 'counted', least: 0, most: 65_535, title }
}

/** All octets to the end of the structure. */
export function rest<K extends string>(key: K, title: string, least = 0, most = 65_535): OctetsField<K> {
  return { kind: 'octets', key, size: 'rest', least, most, title }
}

export function ikeSpi<K extends string>(key: K, title: string): MappedField<K> {
  return { kind: 'mapped', key, octets: 8, form: hexadecimal, title }
}
export function address<K extends string>(key: K, octets: 4 | 16, title: string): MappedField<K> {
  return { kind: 'mapped', key, octets, form: addressText, title }
}
const hexadecimal: Form = { decode: toHex, encode: fromHex }
const addressText: Form = { decode: addressFromBytes, encode: (text) => addressBytes(text as Address) }

export interface ListWords<E extends object> {
  readonly title: string
  readonly each: string
  readonly element: ListField<string, E>['element']
  readonly limit: Countable
  readonly least: number
  readonly more?: number
}
export function list<K extends string, E extends object>(key: K, description: ListWords<E>): ListField<K, E> {
  return { kind: 'list', key, more: undefined, ...description }
}

export function strings<K extends string, S extends string>(
  key: K,
  sizedBy: S,
  each: string,
  limit: Countable,
  title: string,
): StringsField<K, S> {
  return { kind: 'strings', key, sizedBy, each, limit, title }
}

export function group<K extends string, F extends readonly Field[]>(key: K, ...fields: F): GroupField<K> & { readonly fields: F } {
  return { kind: 'group', key, fields }
}

/** Octets of fields whose size never changes, plus the least that the others can have. */
export function minimumOf(fields: readonly Field[]): number {
  return fields.reduce((sum, field) => sum + leastOctets(field), 0)
}

/** Where the field with this name in faults starts, from the start of its structure; all fields before it have a fixed size. */
export function offsetOf(table: Struct<never>, name: string): number {
  const before = table.fields.findIndex((field) => ('key' in field ? field.key : 'path' in field ? field.path : undefined) === name)
  return minimumOf(table.fields.slice(0, Math.max(before, 0)))
}

function leastOctets(field: Field): number {
  switch (field.kind) {
    case 'octets':
      return field.least
    case 'list':
    case 'strings':
      return 0
    case 'group':
      return minimumOf(field.fields)
    default:
      return field.octets
  }
}

function words(title: string, meaning: Meaning): Words {
  return meaning === undefined ? { title } : { title, meaning }
}
