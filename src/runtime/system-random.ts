// Randomness of the system, for hosts in production.
import { randomFillSync } from 'node:crypto'

/** Octets that are drawn at once: asking costs as much for a thousand as for eight. */
const drawn = 1024

const stock = new Uint8Array(drawn)
let left = 0

/** Fresh octets from the system's CSPRNG. None is given twice, and what has been given is not kept. */
export function systemRandom(length: number): Uint8Array {
  if (length > drawn) return randomFillSync(new Uint8Array(length))
  if (length > left) {
    randomFillSync(stock)
    left = drawn
  }
  const octets = stock.slice(left - length, left)
  stock.fill(0, left - length, left)
  left -= length
  return octets
}
