// States as numbers: what two states have in common, whatever was drawn at random in each. Literals make up a skeleton; what is random,
// or follows from it (SPIs, nonces, keys, MACs), are atoms, which count only by where they appear again; of nonces the order counts, too
// (RFC 7296 §2.8.1). Times count by their order alone.
import { toHex, u32 } from '../../bytes/bytes.ts'
import { Secret } from '../../bytes/secret.ts'

/** Literals and atoms of some data, interned: equal data have equal readings. */
export interface Reading {
  readonly skeleton: number
  readonly atoms: readonly number[]
}

export interface LexiconOptions {
  /** Times are numbers from here on; no other number is so large. */
  readonly firstInstant: number
  /** Properties that decide nothing about the future. */
  readonly ignored: ReadonlySet<string>
  /** Properties that hold numbers of our own, or names of keys, which are atoms. */
  readonly identifiers: ReadonlySet<string>
  /** Objects that never change, by a name: configuration. */
  readonly nameOf: (value: object) => string | undefined
  /** Octets that say something: a message, as data. `undefined`: they are an atom. */
  readonly meaningOf: (octets: Uint8Array) => unknown
  /** Equal for equal keys. */
  readonly dangerKeyName: (key: Secret) => string
}

export class Lexicon {
  readonly #options: LexiconOptions
  readonly #skeletons = new Map<string, number>()
  readonly #atoms = new Map<string, number>()
  /** By atom: what nonces are compared by; 0 of what is no nonce. */
  readonly #orders: number[] = []

  constructor(options: LexiconOptions) {
    this.#options = options
  }

  get atomCount(): number {
    return this.#atoms.size
  }

  /** Of all that follows, one number. */
  read(data: unknown): Reading {
    const text = new Text(this.#options, (name, order) => this.#intern(name, order))
    text.write(data)
    return { skeleton: intern(this.#skeletons, text.finish()), atoms: text.atoms }
  }

  /** What was read, without its atoms: for people. */
  describe({ skeleton }: Reading): string {
    for (const [text, number] of this.#skeletons) if (number === skeleton) return text
    return ''
  }

  /** An SPI, a key name: any text that is an atom. */
  atom(name: string): number {
    return this.#intern(name, 0)
  }

  /** For nonces: they compare as these numbers do. 0 for other atoms. */
  orderOf(atom: number): number {
    return this.#orders[atom] ?? 0
  }

  #intern(name: string, order: number): number {
    const atom = intern(this.#atoms, name)
    if (atom === this.#orders.length) this.#orders.push(order)
    return atom
  }
}

export const spiName = (spi: number): string => spi.toString(16).padStart(8, '0')

/** Octets of a nonce of ours; nothing else that is drawn or computed has as many. */
const nonceLength = 32
/** Larger numbers are SPIs. */
const largestLiteral = 0xffff
const ikeSpiPattern = /^[0-9a-f]{16}$/
const noIkeSpi = '0000000000000000'

/** Writes data depth first. */
class Text {
  readonly atoms: number[] = []
  readonly #options: LexiconOptions
  readonly #intern: (name: string, order: number) => number
  readonly #parts: string[] = []
  readonly #times: { readonly at: number; readonly part: number }[] = []

  constructor(options: LexiconOptions, internAtom: (name: string, order: number) => number) {
    this.#options = options
    this.#intern = internAtom
  }

  finish(): string {
    const sorted = [...new Set(this.#times.map(({ at }) => at))].sort((a, b) => a - b)
    for (const { at, part } of this.#times) this.#parts[part] = `t${sorted.indexOf(at)}`
    return this.#parts.join(' ')
  }

  write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return ikeSpiPattern.test(value) && value !== noIkeSpi ? this.#atom(value, 0) : this.#put(JSON.stringify(value))
      case 'number':
        return this.#number(value)
      case 'boolean':
      case 'undefined':
        return this.#put(String(value))
      case 'object':
        return value === null ? this.#put('null') : this.#object(value)
      default:
    }
  }

  #number(value: number): void {
    if (value >= this.#options.firstInstant) {
      this.#times.push({ at: value, part: this.#parts.length })
      return this.#put('')
    }
    if (value > largestLiteral) this.#atom(spiName(value), 0)
    else this.#put(String(value))
  }

  #object(value: object): void {
    const name = this.#options.nameOf(value)
    if (name !== undefined) return this.#put(name)
    if (value instanceof Uint8Array) return this.#octets(value)
    if (value instanceof Secret) return this.#atom(this.#options.dangerKeyName(value), 0)
    if (value instanceof Map) return this.#list('map', [...value.values()])
    if (value instanceof Set) return this.#list('set', [...value])
    if (Array.isArray(value)) return this.#list('list', value)
    this.#put('{')
    for (const [key, held] of Object.entries(value)) {
      if (held === undefined || typeof held === 'function' || this.#options.ignored.has(key)) continue
      this.#put(key)
      if (!this.#options.identifiers.has(key) || typeof held === 'object') this.write(held)
      else this.#atom(typeof held === 'string' ? held : `id ${held}`, 0)
    }
    this.#put('}')
  }

  #list(name: string, values: readonly unknown[]): void {
    this.#put(`${name}${values.length}`)
    for (const each of values) this.write(each)
  }

  #octets(octets: Uint8Array): void {
    const meaning = this.#options.meaningOf(octets)
    if (meaning !== undefined) return this.write(meaning)
    if (octets.length < 4) return this.#put(`x${toHex(octets)}`)
    // Two halves of 24 bits each: as exact as a number is.
    const order = octets.length === nonceLength ? (u32(octets, 0) >>> 8) * 2 ** 24 + (u32(octets, 3) >>> 8) : 0
    this.#atom(toHex(octets), order)
  }

  #atom(name: string, order: number): void {
    this.atoms.push(this.#intern(name, order))
    // Of a nonce the first octet counts as it is: it says how it compares to those that are yet to be drawn.
    this.#put(order === 0 ? '@' : `#${Math.floor(order / 2 ** 40)}`)
  }

  #put(part: string): void {
    this.#parts.push(part)
  }
}

function intern(table: Map<string, number>, key: string): number {
  const known = table.get(key)
  if (known !== undefined) return known
  table.set(key, table.size)
  return table.size - 1
}
