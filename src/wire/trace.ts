// What a decoder tells as it goes, field by field, to whoever wants to know where each value stands: annotations are made of it.
import type { BitsField, ConstantField, CountField, ExtentField, LengthField, LinkField, ReservedField, Struct } from './fields.ts'
import type { MappedField, OctetsField, StringsField, UintField, ValuesBefore } from './fields.ts'

export type NumberField =
  | UintField<string>
  | BitsField<string, string>
  | ReservedField
  | ConstantField
  | LinkField
  | ExtentField
  | LengthField<string>
  | CountField<string>
/** One call for each of the strings of a `StringsField`. */
export type StringField = OctetsField<string> | StringsField<string, string>

/**
 * Positions are octets from the first that was given to decode. Calls come in the order of the octets, without a gap. Values are told as
 * soon as they are read, thus before a fault in them is found; after a fault comes nothing more: structures stay open then.
 */
export interface Trace {
  enter(table: Struct<never>, at: number): void
  /** What `table` decoded to, with all its rules obeyed. */
  leave(table: Struct<never>, end: number, value: object): void
  number(field: NumberField, at: number, end: number, value: number, before: ValuesBefore, table: Struct<never>): void
  /** `text`: in the form that the field gives it; `undefined` where it has none. */
  mapped(field: MappedField<string>, at: number, end: number, text: string | undefined, table: Struct<never>): void
  octets(field: StringField, at: number, end: number, value: Uint8Array, before: ValuesBefore, table: Struct<never>): void
}
