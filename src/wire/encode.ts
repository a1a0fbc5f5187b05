// Values to octets: an interpreter of the tables. What would not decode to the same value is the caller's error and throws ApiMisuse.
/* oxlint-disable typescript/no-unsafe-type-assertion -- fields.ts checks every table against the type of its value */
/* oxlint-disable consistent-return -- TypeScript sees that the switch over parts is exhaustive */
import { ApiMisuse } from '../contract/faults.ts'
import { type FieldPath, formatPath, octets } from './faults.ts'
import type { BitsField, Choice, Field, ListField, MappedField, Measure, OctetsField, StringsField, Struct } from './fields.ts'
import { Writer } from './writer.ts'

type Values = Readonly<Record<string, unknown>>

/** One structure being encoded. */
interface Scope {
  readonly table: Struct<object>
  readonly link: number
  /** Reserved bits that the value brought with it, in the order of the fields. */
  readonly reserved: readonly number[]
  reservedUsed: number
  /** Where its own length is to be written, once it is known. */
  extent: OpenLength | undefined
}

interface OpenLength {
  readonly at: number
  readonly octets: 1 | 2 | 4
  /** Bits, and how many of them are below it. */
  readonly width: number
  readonly below: number
  readonly path: string
  readonly measure: Measure
}

export class Encoder {
  readonly #writer = new Writer(512)
  readonly #path: (string | number)[] = []

  get length(): number {
    return this.#writer.length
  }

  /** For what is known only when the rest has been written. */
  overwrite(at: number, value: number, size: 1 | 2 | 3 | 4): void {
    this.#writer.overwrite(at, value, size)
  }

  finish(): Uint8Array {
    return this.#writer.finish()
  }

  /** `link`: what follows the structure, where it has a field for it. */
  encode<T extends object>(table: Struct<T>, value: T, link: number): void {
    this.#path.push(table.name)
    this.#struct(table, value, link)
    this.#path.pop()
  }

  #struct(table: Struct<object>, value: object, link: number): void {
    for (const rule of table.rules) if (!rule.holds(value)) this.#misuse([rule.field], `${rule.says} (${rule.rfc})`)
    const values = value as Values
    const reserved = (values['reserved'] as readonly number[] | undefined) ?? []
    const scope: Scope = { table, link, reserved, reservedUsed: 0, extent: undefined }
    const start = this.#writer.length
    for (const field of table.fields) this.#field(field, scope, values)
    if (scope.reservedUsed < reserved.length)
      this.#misuse(['reserved'], `has ${reserved.length} numbers, but there are ${scope.reservedUsed} reserved fields`)
    if (scope.extent !== undefined) {
      this.#writeLength(scope.extent, this.#writer.length - start)
    }
  }

  #writeLength({ at, octets: size, width, below, path, measure }: OpenLength, length: number): void {
    const value = this.#inRange((length - measure.plus) / measure.unit, width, path)
    // What stands beside a length of a few bits is there already.
    this.#writer.overwrite(at, (this.#writer.uintAt(at, size) | (value << below)) >>> 0, size)
  }

  #field(field: Field, scope: Scope, values: Values): void {
    switch (field.kind) {
      case 'uint':
        return this.#uint(values[field.key] as number, field.octets, field.key)
      case 'mapped':
        return this.#mapped(field, values[field.key] as string)
      case 'octets':
        return this.#octets(field, values[field.key] as Uint8Array)
      case 'bits':
        return this.#bits(field, scope, values)
      case 'list':
        return this.#list(field, values[field.key] as readonly object[])
      case 'strings':
        return this.#strings(field, values)
      case 'group':
        return this.#group(field.key, field.fields, scope, values[field.key] as Values)
      case 'reserved':
        return this.#uint(this.#nextReserved(scope), field.octets, 'reserved')
      case 'constant':
        return this.#uint(field.value, field.octets, field.path)
      case 'link':
        return this.#uint(scope.link, field.octets, field.path)
      case 'extent':
        scope.extent = {
          at: this.#writer.length,
          octets: field.octets,
          width: 8 * field.octets,
          below: 0,
          path: field.path,
          measure: field.measure,
        }
        return this.#writer.uint(0, field.octets)
      case 'length':
      case 'count':
        // Octets and elements both have a length.
        return this.#uint((values[field.of] as Uint8Array | readonly unknown[]).length, field.octets, field.path)
    }
  }

  #uint(value: number, size: 1 | 2 | 3 | 4, name: string): void {
    this.#writer.uint(this.#inRange(value, 8 * size, name), size)
  }

  #bits(field: BitsField<string, string>, scope: Scope, values: Values): void {
    let whole = 0
    let below = 8 * field.octets
    for (const part of field.parts) {
      below -= part.width
      if (part.kind === 'extent') scope.extent = { at: this.#writer.length, octets: field.octets, below, ...part }
      whole = (whole << part.width) | this.#part(part, scope, values)
    }
    this.#writer.uint(whole, field.octets)
  }

  #part(part: BitsField<string, string>['parts'][number], scope: Scope, values: Values): number {
    switch (part.kind) {
      case 'number':
        return this.#inRange(values[part.key] as number, part.width, part.key)
      case 'flag':
        return values[part.key] === true ? 1 : 0
      case 'constant':
        return part.value
      case 'extent':
        return 0
      case 'reserved':
        return this.#inRange(this.#nextReserved(scope), part.width, 'reserved')
    }
  }

  #nextReserved(scope: Scope): number {
    return scope.reserved[scope.reservedUsed++] ?? 0
  }

  #mapped(field: MappedField<string>, text: string): void {
    const encoded = field.form.encode(text)
    if (encoded?.length !== field.octets) return this.#misuse([field.key], `'${text}' does not stand for ${octets(field.octets)}`)
    this.#writer.octets(encoded)
  }

  #octets(field: OctetsField<string>, value: Uint8Array): void {
    if (value.length < field.least || value.length > field.most)
      return this.#misuse([field.key], `has ${octets(value.length)}, ${field.least} to ${field.most} are allowed`)
    this.#writer.octets(value)
  }

  #strings(field: StringsField<string, string>, values: Values): void {
    const size = values[field.sizedBy] as number
    for (const [i, value] of (values[field.key] as readonly Uint8Array[]).entries()) {
      if (value.length !== size || size === 0)
        return this.#misuse([field.each, i], `has ${octets(value.length)}, but ${field.sizedBy} is ${size}`)
      this.#writer.octets(value)
    }
  }

  #group(key: string, fields: readonly Field[], scope: Scope, values: Values): void {
    this.#path.push(key)
    for (const field of fields) this.#field(field, scope, values)
    this.#path.pop()
  }

  #list(field: ListField<string, never>, items: readonly object[]): void {
    if (items.length < field.least) return this.#misuse([field.key], `at least ${field.least} must be there`)
    for (const [i, item] of items.entries()) {
      this.#path.push(field.each, i)
      const more = i === items.length - 1 ? 0 : (field.more ?? 0)
      this.#struct(tableOf(field.element, item), item, more)
      this.#path.length -= 2
    }
  }

  #inRange(value: number, width: number, name: string): number {
    if (Number.isInteger(value) && value >= 0 && value < (tooMuch[width] ?? 0)) return value
    return this.#misuse([name], `${value} is not an integer of ${width} bits`)
  }

  #misuse(path: FieldPath, says: string): never {
    throw new ApiMisuse(`cannot encode ${formatPath([...this.#path, ...path])}: ${says}`)
  }
}

/** By the number of bits: what they cannot hold. */
const tooMuch: readonly number[] = Array.from({ length: 33 }, (_, width) => 2 ** width)

function tableOf(element: Struct<never> | Choice<never>, item: object): Struct<object> {
  return element.kind === 'choice' ? element.pick(item as never) : element
}
