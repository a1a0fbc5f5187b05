// The layout language: a structure on the wire is a table of fields. `decode.ts` and `encode.ts` interpret the same tables, and what
// `decode.ts` tells a `Trace` becomes annotations, so that a field is described once. A table's keys are those of the value's type (of
// `message.ts`, of `headers/`): a wrong one does not compile.
import type { Registry } from '../iana/registry.ts'
import type { Countable } from './limits.ts'

/** A structure: `fields` in wire order. `T` is the value that it decodes to. */
export interface Struct<T extends object> {
  readonly kind: 'struct'
  /** As it appears in the path of a fault: `SA`, `proposal`. */
  readonly name: string
  /** The RFC's name: `Security Association Payload`. */
  readonly title: string
  /** `RFC 7296 §3.3.1` */
  readonly rfc: string
  readonly fields: readonly Field[]
  /** The value before its fields are read: properties that are not on the wire, `{ kind: 'KE' }`, and the keys of all fields. */
  readonly blank: Readonly<Record<string, string | number | undefined>>
  /** What the RFC demands of the values beyond their layout. */
  readonly rules: readonly Rule<T>[]
  /** Octets without its variable parts. */
  readonly minimum: number
  /** The value in a few words of our own, never a peer's: `1 ESP`, `N(COOKIE)`; empty where there is nothing to say. */
  brief(value: T): string
}

/** Two or more structures of which the first octet says which: known and unknown selectors, short and long attributes. */
export interface Choice<T extends object> {
  readonly kind: 'choice'
  peek(firstOctet: number): Struct<object>
  pick(value: T): Struct<object>
}

export interface Rule<T extends object> {
  /** The field that is to blame. */
  readonly field: string
  readonly rfc: string
  /** The requirement, as a sentence. */
  readonly says: string
  holds(value: T): boolean
}

export interface Words<V = number> {
  /** The RFC's name of the field. */
  readonly title: string
  readonly meaning?: Meaning<V>
}
/** What a value means: a registry that has a name for it, or a function of it and of the fields before it. */
export type Meaning<V> = Registry | ((value: V, before: ValuesBefore) => Explanation)
/** `text`: octets that are text of a peer, to be escaped by who prints them; a string is of our own words, and may be printed. */
export type Explanation = string | Registry | { readonly text: Uint8Array } | undefined
/** Values of the structure, or of the group in it, by their keys. */
export type ValuesBefore = Readonly<Record<string, unknown>>

export type Field =
  | UintField<string>
  | BitsField<string, string>
  | ReservedField
  | ConstantField
  | LinkField
  | ExtentField
  | LengthField<string>
  | CountField<string>
  | OctetsField<string>
  | MappedField<string>
  | ListField<string, never>
  | StringsField<string, string>
  | GroupField<string>

/** An unsigned integer in network byte order; people read it with `radix`. */
export interface UintField<K> extends Words {
  readonly kind: 'uint'
  readonly key: K
  readonly octets: 1 | 2 | 4
  readonly radix: 10 | 16
}

/** Integers narrower than an octet, most significant first. */
export interface BitsField<N, F> {
  readonly kind: 'bits'
  readonly octets: 1 | 2 | 4
  readonly parts: readonly BitsPart<N, F>[]
}
export type BitsPart<N, F> =
  | ({ readonly kind: 'number'; readonly key: N; readonly width: number } & Words)
  | ({ readonly kind: 'flag'; readonly key: F; readonly width: 1 } & Words)
  | ({ readonly kind: 'constant'; readonly value: number; readonly width: number } & Words)
  | ({ readonly kind: 'extent'; readonly path: string; readonly width: number; readonly measure: Measure } & Words)
  | { readonly kind: 'reserved'; readonly width: number }

/** MUST be sent as zero, MUST be ignored on receipt; what was not zero is kept in the value's `reserved`. */
export interface ReservedField {
  readonly kind: 'reserved'
  readonly octets: 1 | 2 | 3
}

/** Always the same in this variant of a choice, which was chosen by it. */
export interface ConstantField extends Words {
  readonly kind: 'constant'
  readonly path: string
  readonly octets: 1
  readonly value: number
}

/** What follows this structure: the type of the next payload, or whether another substructure comes. */
export interface LinkField extends Words {
  readonly kind: 'link'
  readonly path: string
  readonly octets: 1
}

/** The length of this whole structure, from its first field on. */
export interface ExtentField extends Words {
  readonly kind: 'extent'
  readonly path: string
  readonly octets: 1 | 2
  readonly measure: Measure
}
/** A length of n on the wire stands for n × `unit` + `plus` octets. */
export interface Measure {
  readonly unit: number
  readonly plus: number
}

/** Octets of the field `of`. */
export interface LengthField<K> extends Words {
  readonly kind: 'length'
  readonly path: string
  readonly octets: 1 | 2
  readonly of: K
}

/** Elements of the list `of`. */
export interface CountField<K> extends Words {
  readonly kind: 'count'
  readonly path: string
  readonly octets: 1 | 2
  readonly of: K
}

/** `counted` by a length field before it, all the `rest` of the structure, or as many as `size` says. */
export interface OctetsField<K> extends Words<Uint8Array> {
  readonly kind: 'octets'
  readonly key: K
  readonly size: 'counted' | 'rest' | number
  readonly least: number
  readonly most: number
}

/** A fixed number of octets with a form of their own in the value: addresses and IKE SPIs as text. */
export interface MappedField<K> {
  readonly title: string
  readonly kind: 'mapped'
  readonly key: K
  readonly octets: number
  readonly form: Form
}
export interface Form {
  decode(octets: Uint8Array): string | undefined
  encode(text: string): Uint8Array | undefined
}

/** Structures up to the end of the one that they are in. */
export interface ListField<K, E extends object> extends Words {
  readonly kind: 'list'
  readonly key: K
  readonly element: Struct<E> | Choice<E>
  /** Name of one element in the path of a fault. */
  readonly each: string
  /** `undefined`: the structure around it has no room for too many. */
  readonly limit: Countable | undefined
  readonly least: number
  /** What the element's link holds while more follow; 0 in the last. `undefined`: elements have no link. */
  readonly more: number | undefined
}

/** Octet strings of one size, which the field `sizedBy` gives, up to the end of the structure. */
export interface StringsField<K, S> extends Words<Uint8Array> {
  readonly kind: 'strings'
  readonly key: K
  readonly sizedBy: S
  readonly each: string
  readonly limit: Countable
}

/** Fields that make a value inside the value, without octets of its own. */
export interface GroupField<K> {
  readonly kind: 'group'
  readonly key: K
  readonly fields: readonly Field[]
}

// ---- tables ------------------------------------------------------------------------------------------------------------

type KeysOf<T, V> = { [K in keyof T & string]: T[K] extends V ? K : never }[keyof T & string]

/** The fields that may stand in the table of a `T`. */
export type FieldOf<T> =
  | UintField<KeysOf<T, number>>
  | BitsField<KeysOf<T, number>, KeysOf<T, boolean>>
  | ReservedField
  | ConstantField
  | LinkField
  | ExtentField
  | LengthField<KeysOf<T, Uint8Array>>
  | CountField<KeysOf<T, readonly unknown[]>>
  | OctetsField<KeysOf<T, Uint8Array>>
  | MappedField<KeysOf<T, string>>
  | StringsField<KeysOf<T, readonly Uint8Array[]>, KeysOf<T, number>>
  | { [K in keyof T & string]: T[K] extends readonly (infer E extends object)[] ? ListField<K, E> : never }[keyof T & string]
  | { [K in keyof T & string]: T[K] extends object ? GroupOf<K, T[K]> : never }[keyof T & string]
interface GroupOf<K, V> extends GroupField<K> {
  readonly fields: readonly (FieldOf<V> & Field)[]
}

export interface Description<T extends object> {
  readonly name: string
  /** Left out: the name. */
  readonly title?: string
  readonly rfc: string
  readonly fields: readonly FieldOf<T>[]
  readonly tag?: Readonly<Record<string, string | number>>
  readonly rules?: readonly Rule<T>[]
  readonly brief?: (value: T) => string
}
