// What a file says of peers that have one address: `overlap` and `overlap_pool`. RFC 3948 §5.2.
import type { AddressRange, Overlap } from '../policy/connection.ts'
import { parseAddressRange } from '../policy/selector-words.ts'
import type { LifetimeFault } from './lifetimes.ts'
import type { ConnectionShape } from './shape.ts'
import { allWords } from './values.ts'

/** Words are right by themselves; what a faulty combination means does not matter. */
export function overlapOf(shape: ConnectionShape): { readonly overlap: Overlap; readonly faults: readonly LifetimeFault[] } {
  const { overlap: kind = 'newest' } = shape
  const pool = allWords(shape.overlap_pool).flatMap((word): AddressRange[] => {
    const parsed = parseAddressRange(word)
    return parsed.ok ? [parsed.value] : []
  })
  if (kind === 'map') {
    const faults = pool.length > 0 ? [] : [fault('overlap', 'overlap: map needs an overlap_pool: addresses that no host has')]
    return { overlap: { kind, pool }, faults }
  }
  const faults = pool.length === 0 ? [] : [fault('overlap_pool', 'overlap_pool is for overlap: map')]
  return { overlap: { kind }, faults }
}

const fault = (word: string, message: string): LifetimeFault => ({ severity: 'error', code: 'wrong-value', word, message })
