// Octets to values: an interpreter of the tables. Total: any octets give a value or a fault. Octet strings in values are views.
// Who annotates has every field told to a trace: thus annotation and decoding cannot differ.
/* oxlint-disable typescript/no-unsafe-type-assertion -- fields.ts checks every table against the type of its value */
/* oxlint-disable consistent-return -- TypeScript sees that the switch over fields is exhaustive */
import type { WireFault, WireFaultCode } from '../contract/faults.ts'
import { type FieldPath, octets, wireFault } from './faults.ts'
import type {
  BitsField,
  BitsPart,
  Choice,
  CountField,
  ExtentField,
  Field,
  LengthField,
  ListField,
  MappedField,
  OctetsField,
  ReservedField,
  Rule,
  StringsField,
  Struct,
} from './fields.ts'
import { offsetOf } from './layout.ts'
import type { Countable, WireLimits } from './limits.ts'
import type { NumberField, Trace } from './trace.ts'

type Values = Record<string, unknown>

/** One structure being decoded. */
interface Scope {
  readonly table: Struct<object>
  readonly start: number
  /** Where what it is in ends; once its own extent is known, where it ends itself. */
  end: number
  /** Lengths and counts, read ahead of the fields that they are about. */
  sizes: Record<string, number> | undefined
  /** All reserved bits so far, zeros too; there from the first on that is not zero, since nearly none is. */
  reserved: number[] | undefined
  /** How many zeros were before it. */
  reservedZeros: number
  link: number
  /** Name of the field that gave it. */
  extent: string | undefined
}
type Extent = Pick<ExtentField, 'path' | 'measure'>

/** A cursor over octets. Once `fault` is set, nothing else is decoded. */
export class Decoder {
  readonly #bytes: Uint8Array
  readonly #base: number
  readonly #limits: WireLimits
  readonly #trace: Trace | undefined
  readonly #counts: Record<Countable, number> = {
    payloads: 0,
    proposals: 0,
    transforms: 0,
    transformAttributes: 0,
    selectors: 0,
    spis: 0,
    configurationAttributes: 0,
  }
  readonly #path: (string | number)[] = []
  #at = 0
  #link = 0
  #fault: WireFault | undefined

  /** Offsets in faults are counted from `base` octets before the first of `bytes`. */
  constructor(bytes: Uint8Array, base: number, limits: WireLimits, trace?: Trace) {
    this.#bytes = bytes
    this.#base = base
    this.#limits = limits
    this.#trace = trace
  }

  get at(): number {
    return this.#at
  }

  /** What the structure decoded last says of what follows it; 0 is nothing. */
  get link(): number {
    return this.#link
  }

  get fault(): WireFault | undefined {
    return this.#fault
  }

  /** The structure that starts here and ends with the octets, or before. `undefined`: see `fault`. */
  decode<T extends object>(table: Struct<T>): T | undefined {
    this.#path.push(table.name)
    const value = this.#struct(table, this.#bytes.length)
    this.#path.pop()
    // The table was typed with what it decodes to.
    return value as T | undefined
  }

  /** Counts `more` of what is limited in one message. `undefined`: too many. */
  count(what: Countable, more: number): true | undefined {
    this.#counts[what] += more
    if (this.#counts[what] <= this.#limits[what]) return true
    return this.fail('WIRE_LIMIT_EXCEEDED', this.#at, [], '', `more than ${this.#limits[what]} ${what} in one message`)
  }

  /** `at` in octets from the first of `bytes`; `path` from where decoding is. */
  fail(code: WireFaultCode, at: number, path: FieldPath, rfc: string, says: string): undefined {
    this.#fault ??= wireFault(code, this.#base + at, [...this.#path, ...path], rfc, says)
    return undefined
  }

  #struct(table: Struct<object>, end: number): object | undefined {
    const scope: Scope = {
      table,
      start: this.#at,
      end,
      sizes: undefined,
      reserved: undefined,
      reservedZeros: 0,
      link: 0,
      extent: undefined,
    }
    const values: Values = { ...table.blank }
    this.#trace?.enter(table, this.#at)
    for (const field of table.fields) if (!this.#field(field, scope, values)) return undefined
    if (!this.#endsWhereItSays(scope)) return undefined
    if (scope.reserved !== undefined) values['reserved'] = scope.reserved
    for (const rule of table.rules) if (!this.#obeys(rule, scope, values)) return undefined
    this.#link = scope.link
    this.#trace?.leave(table, this.#at, values)
    return values
  }

  /** Every reader below advances and returns true, or sets the fault and returns `undefined`. */
  #field(field: Field, scope: Scope, values: Values): true | undefined {
    switch (field.kind) {
      case 'uint':
        return this.#keep(values, field.key, this.#number(field, field.key, scope, values))
      case 'mapped':
        return this.#mapped(field, scope, values)
      case 'octets':
        return this.#octets(field, scope, values)
      case 'bits':
        return this.#bits(field, scope, values)
      case 'list':
        return this.#list(field, scope, values)
      case 'strings':
        return this.#strings(field, scope, values)
      case 'group':
        return this.#group(field.key, field.fields, scope, values)
      case 'reserved':
        return this.#reserved(field, scope, values)
      case 'constant':
        // The choice of this table depended on it.
        return this.#number(field, field.path, scope, values) === undefined ? undefined : true
      case 'link':
        return this.#linkTo(this.#number(field, field.path, scope, values), scope)
      case 'extent':
        return this.#extent(field, scope, values)
      case 'length':
      case 'count':
        return this.#size(field, scope, values)
    }
  }

  // ---- numbers ---------------------------------------------------------------------------------------------------------

  #number(field: NumberField, name: string, scope: Scope, values: Values): number | undefined {
    const size = field.octets
    if (!this.#fits(size, name, scope)) return undefined
    const at = this.#at
    this.#at += size
    const value = uintAt(this.#bytes, at, size)
    this.#trace?.number(field, at, this.#at, value, values, scope.table)
    return value
  }

  #keep(values: Values, key: string, value: unknown): true | undefined {
    if (value === undefined) return undefined
    values[key] = value
    return true
  }

  #reserved(field: ReservedField, scope: Scope, values: Values): true | undefined {
    const value = this.#number(field, 'reserved', scope, values)
    if (value === undefined) return undefined
    keepReserved(scope, value)
    return true
  }

  #bits(field: BitsField<string, string>, scope: Scope, values: Values): true | undefined {
    const whole = this.#number(field, partName(field.parts), scope, values)
    if (whole === undefined) return undefined
    let below = 8 * field.octets
    for (const part of field.parts) {
      below -= part.width
      const value = (whole >>> below) & ((1 << part.width) - 1)
      if (part.kind === 'number') values[part.key] = value
      else if (part.kind === 'flag') values[part.key] = value === 1
      else if (part.kind === 'reserved') keepReserved(scope, value)
      else if (part.kind === 'extent' && !this.#endsAfter(part, value, this.#at - field.octets, scope)) return undefined
    }
    return true
  }

  // ---- lengths, counts, links --------------------------------------------------------------------------------------------

  #linkTo(value: number | undefined, scope: Scope): true | undefined {
    if (value === undefined) return undefined
    scope.link = value
    return true
  }

  #extent(field: ExtentField, scope: Scope, values: Values): true | undefined {
    const value = this.#number(field, field.path, scope, values)
    return value === undefined ? undefined : this.#endsAfter(field, value, this.#at - field.octets, scope)
  }

  #endsAfter({ path, measure }: Extent, value: number, at: number, scope: Scope): true | undefined {
    const { table, start, end } = scope
    const length = value * measure.unit + measure.plus
    if (length < table.minimum)
      return this.fail('WIRE_LENGTH_TOO_SMALL', at, [path], table.rfc, `is ${length}, at least ${table.minimum} are needed`)
    if (length > end - start)
      return this.fail('WIRE_LENGTH_MISMATCH', at, [path], table.rfc, `is ${length}, but only ${octets(end - start)} are there`)
    scope.end = start + length
    scope.extent = path
    return true
  }

  #size(field: LengthField<string> | CountField<string>, scope: Scope, values: Values): true | undefined {
    const size = this.#number(field, field.path, scope, values)
    if (size === undefined) return undefined
    scope.sizes ??= {}
    scope.sizes[field.of] = size
    return true
  }

  #endsWhereItSays(scope: Scope): true | undefined {
    const { extent } = scope
    if (extent === undefined || this.#at === scope.end) return true
    const says = `is ${scope.end - scope.start}, but the fields take ${octets(this.#at - scope.start)}`
    return this.fail('WIRE_LENGTH_MISMATCH', scope.start + offsetOf(scope.table, extent), [extent], scope.table.rfc, says)
  }

  #fits(size: number, name: string, scope: Scope): true | undefined {
    const left = scope.end - this.#at
    if (size <= left) return true
    return this.fail('WIRE_TRUNCATED', this.#at, [name], scope.table.rfc, `takes ${octets(size)}, but only ${left} are left`)
  }

  // ---- octets ------------------------------------------------------------------------------------------------------------

  #octets(field: OctetsField<string>, scope: Scope, values: Values): true | undefined {
    const size = this.#sizeOf(field, scope)
    if (!this.#fits(size, field.key, scope)) return undefined
    const value = this.#bytes.subarray(this.#at, this.#at + size)
    this.#trace?.octets(field, this.#at, this.#at + size, value, values, scope.table)
    if (size < field.least || size > field.most) {
      const says = `has ${octets(size)}, ${field.least} to ${field.most} are allowed`
      return this.fail('WIRE_VALUE_ILLEGAL', this.#at, [field.key], scope.table.rfc, says)
    }
    this.#at += size
    return this.#keep(values, field.key, value)
  }

  #sizeOf({ size, key }: OctetsField<string>, scope: Scope): number {
    if (typeof size === 'number') return size
    return size === 'rest' ? scope.end - this.#at : (scope.sizes?.[key] ?? 0)
  }

  #mapped(field: MappedField<string>, scope: Scope, values: Values): true | undefined {
    if (!this.#fits(field.octets, field.key, scope)) return undefined
    const at = this.#at
    const text = field.form.decode(this.#take(field.octets))
    this.#trace?.mapped(field, at, this.#at, text, scope.table)
    return this.#keep(values, field.key, text)
  }

  #strings(field: StringsField<string, string>, scope: Scope, values: Values): true | undefined {
    const left = scope.end - this.#at
    const count = scope.sizes?.[field.key] ?? 0
    const size = Number(values[field.sizedBy])
    // Strings of no octets would make any count agree with the length.
    if (count * size !== left || (size === 0 && count > 0)) {
      return this.#countMismatch(field, scope, `is ${count}, but ${octets(left)} follow, in ${field.key} of ${octets(size)}`)
    }
    if (!this.count(field.limit, count)) return undefined
    return this.#keep(
      values,
      field.key,
      Array.from({ length: count }, () => {
        const at = this.#at
        const value = this.#take(size)
        this.#trace?.octets(field, at, this.#at, value, values, scope.table)
        return value
      }),
    )
  }

  #take(size: number): Uint8Array {
    const at = this.#at
    this.#at += size
    return this.#bytes.subarray(at, at + size)
  }

  // ---- structures in structures --------------------------------------------------------------------------------------------

  #group(key: string, fields: readonly Field[], scope: Scope, values: Values): true | undefined {
    const inner: Values = {}
    values[key] = inner
    this.#path.push(key)
    for (const field of fields) if (!this.#field(field, scope, inner)) return undefined
    this.#path.pop()
    return true
  }

  #list(field: ListField<string, never>, scope: Scope, values: Values): true | undefined {
    const items: object[] = []
    while (this.#at < scope.end) {
      this.#path.push(field.each, items.length)
      const item = this.#element(field, scope)
      if (item === undefined) return undefined
      this.#path.length -= 2
      items.push(item)
    }
    if (items.length < field.least) {
      const says = `at least ${field.least} must be there`
      return this.fail('WIRE_COUNT_MISMATCH', this.#at, [field.key], scope.table.rfc, says)
    }
    const count = scope.sizes?.[field.key]
    if (count !== undefined && count !== items.length)
      return this.#countMismatch(field, scope, `is ${count}, but ${items.length} ${field.key} are there`)
    return this.#keep(values, field.key, items)
  }

  #element(field: ListField<string, never>, scope: Scope): object | undefined {
    const start = this.#at
    if (field.limit !== undefined && !this.count(field.limit, 1)) return undefined
    const table = tableOf(field.element, this.#bytes[start] ?? 0)
    const item = this.#struct(table, scope.end)
    if (item === undefined || field.more === undefined) return item
    // RFC 7296 §3.3.1, §3.3.2: 0 in the last substructure, `more` in all others.
    const expected = this.#at < scope.end ? field.more : 0
    if (this.#link === expected) return item
    return this.fail('WIRE_VALUE_ILLEGAL', start, ['lastSubstruc'], table.rfc, `is ${this.#link}, must be ${expected} here`)
  }

  #countMismatch(field: { readonly key: string }, scope: Scope, says: string): undefined {
    const counter = scope.table.fields.find((other) => other.kind === 'count' && other.of === field.key)
    const path = counter?.kind === 'count' ? counter.path : field.key
    return this.fail('WIRE_COUNT_MISMATCH', scope.start + offsetOf(scope.table, path), [path], scope.table.rfc, says)
  }

  #obeys(rule: Rule<object>, scope: Scope, values: Values): true | undefined {
    if (rule.holds(values)) return true
    const at = scope.start + offsetOf(scope.table, rule.field)
    return this.fail('WIRE_VALUE_ILLEGAL', at, [rule.field], rule.rfc, rule.says)
  }
}

function keepReserved(scope: Scope, value: number): void {
  if (scope.reserved !== undefined) scope.reserved.push(value)
  else if (value === 0) scope.reservedZeros++
  else scope.reserved = [...Array.from({ length: scope.reservedZeros }, () => 0), value]
}

function uintAt(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let i = at; i < at + size; i++) value = 256 * value + (bytes[i] ?? 0)
  return value
}

function tableOf(element: Struct<never> | Choice<never>, firstOctet: number): Struct<object> {
  return element.kind === 'choice' ? element.peek(firstOctet) : element
}

/** Bits are missing as a whole: the first part that has a name stands for all. */
function partName(parts: readonly BitsPart<string, string>[]): string {
  for (const part of parts) if (part.kind === 'number' || part.kind === 'flag') return part.key
  return 'reserved'
}
