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
  Meaning,
  Measure,
  OctetsField,
  ReservedField,
  StringsField,
  Struct,
  UintField,
  Words,
} from './fields.ts'
import type { Countable } from './limits.ts'

export function struct<T extends object>(description: Description<T>): Struct<T> {
  // FieldOf<T> narrows the keys of Field: for the interpreters they are strings.
  const fields = description.fields as readonly Field[]
  return {
    kind: 'struct',
    name: description.name,
    title: description.title ?? description.name,
    rfc: description.rfc,
    fields,
    blank: { ...description.tag, ...Object.fromEntries(fields.flatMap(keysOf).map((key) => [key, undefined])) },
    rules: description.rules ?? [],
    minimum: minimumOf(fields),
    brief: description.brief ?? (() => ''),
  }
}

export function choice<T extends object>(peek: Choice<T>['peek'], pick: Choice<T>['pick']): Choice<T> {
  return { kind: 'choice', peek, pick }
}

export function uint<K extends string>(key: K, octets: 1 | 2 | 4, title: string, meaning?: Meaning<number>): UintField<K> {
  return { kind: 'uint', key, octets, radix: 10, ...words(title, meaning) }
}
/** For SPIs, flags and checksums, which people write in hexadecimal. */
export function hexadecimal<K extends string>(key: K, octets: 1 | 2 | 4, title: string, meaning?: Meaning<number>): UintField<K> {
  return { kind: 'uint', key, octets, radix: 16, ...words(title, meaning) }
}

type NumberPart<K> = { readonly kind: 'number'; readonly key: K; readonly width: number } & Words
type FlagPart<K> = { readonly kind: 'flag'; readonly key: K; readonly width: 1 } & Words

export function bits<N extends string = never, F extends string = never>(
  octets: 1 | 2 | 4,
  ...parts: BitsField<N, F>['parts']
): BitsField<N, F> {
  return { kind: 'bits', octets, parts }
}
export function number<K extends string>(key: K, width: number, title: string, meaning?: Meaning<number>): NumberPart<K> {
  return { kind: 'number', key, width, ...words(title, meaning) }
}
export function flag<K extends string>(key: K, title: string, meaning?: Meaning<number>): FlagPart<K> {
  return { kind: 'flag', key, width: 1, ...words(title, meaning) }
}
export function reservedBits(width: number): { readonly kind: 'reserved'; readonly width: number } {
  return { kind: 'reserved', width }
}
type ConstantPart = { readonly kind: 'constant'; readonly value: number; readonly width: number } & Words
export function constantBits(value: number, width: number, title: string, meaning?: Meaning<number>): ConstantPart {
  return { kind: 'constant', value, width, ...words(title, meaning) }
}
type ExtentPart = { readonly kind: 'extent'; readonly path: string; readonly width: number; readonly measure: Measure } & Words
/** The length of the structure that it stands in, in units of so many octets. */
export function extentBits(width: number, unit: number, title: string): ExtentPart {
  const measure = { unit, plus: 0 }
  return { kind: 'extent', path: 'length', width, measure, ...words(title, inOctets(measure)) }
}

export function reserved(octets: 1 | 2 | 3): ReservedField {
  return { kind: 'reserved', octets }
}

export function constant(path: string, value: number, title: string, meaning?: Meaning<number>): ConstantField {
  return { kind: 'constant', path, octets: 1, value, ...words(title, meaning) }
}

/** `path` is the name of the field in faults, since it is none of the value. */
export function link(path: string, title: string, meaning?: Meaning<number>): LinkField {
  return { kind: 'link', path, octets: 1, ...words(title, meaning) }
}

/** The length of the structure that it stands in. */
export function extent(title: string): ExtentField {
  return { kind: 'extent', path: 'length', octets: 2, measure: { unit: 1, plus: 0 }, title }
}
/** The same in one octet: n stands for n × `unit` + `plus` octets. */
export function shortExtent(unit: number, plus: number, title: string): ExtentField {
  const measure = { unit, plus }
  return { kind: 'extent', path: 'length', octets: 1, measure, ...words(title, unit === 1 ? undefined : inOctets(measure)) }
}
const inOctets =
  ({ unit, plus }: Measure): Meaning<number> =>
  (value) =>
    `${value * unit + plus} octets`

/** The length of the octets `of`, which come later. */
export function lengthOf<K extends string>(of: K, octets: 1 | 2, path: string, title: string): LengthField<K> {
  return { kind: 'length', path, octets, of, title }
}

/** The number of elements `of`, which come later. */
export function countOf<K extends string>(of: K, octets: 1 | 2, path: string, title: string): CountField<K> {
  return { kind: 'count', path, octets, of, title }
}

/** As many octets as `lengthOf` says. */
export function counted<K extends string>(key: K, title: string, meaning?: Meaning<Uint8Array>): OctetsField<K> {
  return { kind: 'octets', key, size: 'counted', least: 0, most: 65_535, ...words(title, meaning) }
}

/** All octets to the end of the structure. */
export function rest<K extends string>(key: K, title: string, meaning?: Meaning<Uint8Array>): OctetsField<K> {
  return { kind: 'octets', key, size: 'rest', least: 0, most: 65_535, ...words(title, meaning) }
}

/** The same, where the RFC sets bounds. */
export function restWithin<K extends string>(
  least: number,
  most: number,
  key: K,
  title: string,
  meaning?: Meaning<Uint8Array>,
): OctetsField<K> {
  return { kind: 'octets', key, size: 'rest', least, most, ...words(title, meaning) }
}

/** So many octets. */
export function fixed<K extends string>(key: K, size: number, title: string, meaning?: Meaning<Uint8Array>): OctetsField<K> {
  return { kind: 'octets', key, size, least: size, most: size, ...words(title, meaning) }
}

export function ikeSpi<K extends string>(key: K, title: string): MappedField<K> {
  return { kind: 'mapped', key, octets: 8, form: hexText, title }
}
export function address<K extends string>(key: K, octets: 4 | 16, title: string): MappedField<K> {
  return { kind: 'mapped', key, octets, form: addressText, title }
}
const hexText: Form = { decode: toHex, encode: fromHex }
const addressText: Form = { decode: addressFromBytes, encode: (text) => addressBytes(text as Address) }

export interface ListWords<E extends object> {
  readonly title: string
  readonly each: string
  readonly element: ListField<string, E>['element']
  readonly limit: Countable | undefined
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
  const isNamed = (field: object): boolean => ('key' in field ? field.key : 'path' in field ? field.path : undefined) === name
  const before = table.fields.findIndex((field) => (field.kind === 'bits' ? field.parts.some(isNamed) : isNamed(field)))
  return minimumOf(table.fields.slice(0, Math.max(before, 0)))
}

/** Of the value: what a field adds to it. */
function keysOf(field: Field): readonly string[] {
  switch (field.kind) {
    case 'bits':
      return field.parts.flatMap((part) => ('key' in part ? [part.key] : []))
    default:
      return 'key' in field ? [field.key] : []
  }
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

function words<V>(title: string, meaning: Meaning<V> | undefined): Words<V> {
  return meaning === undefined ? { title } : { title, meaning }
}
