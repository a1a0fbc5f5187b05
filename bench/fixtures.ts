// What several benchmarks share.
import { randomBytes } from 'node:crypto'
import type { RandomSource } from '../src/contract/random.ts'
import { type Address, parseAddress } from '../src/net/address.ts'

export const systemRandom: RandomSource = (length) => new Uint8Array(randomBytes(length))

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new RangeError(`no address: ${text}`)
  return parsed
}
export const alice: Address = address('192.0.2.1')
export const bob: Address = address('198.51.100.2')

/** A value of a narrower kind, which `is` vouches for. */
export function the<Wide, Narrow extends Wide>(value: Wide, is: (value: Wide) => value is Narrow): Narrow {
  if (!is(value)) throw new RangeError(`not of its kind: ${String(value)}`)
  return value
}
