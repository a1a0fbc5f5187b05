// Where lengths, counts and links stand in octets, as the decoder itself tells: what a mutator changes after encoding.
import type { Result } from '../../src/bytes/result.ts'
import type { WireFault } from '../../src/contract/faults.ts'
import type { NumberField, Trace } from '../../src/wire/trace.ts'
import { decodeMessage, decodePayloads } from '../../src/wire/codec.ts'
import { defaultLimits } from '../../src/wire/limits.ts'
import type { NumberAt } from './mutate-octets.ts'

/** In a whole message, as far as it decodes. */
export function numbersOfMessage(bytes: Uint8Array): readonly NumberAt[] {
  const { found, trace } = collector()
  unlessBroken(() => decodeMessage(bytes, defaultLimits, trace))
  return found
}

/** In payloads, as far as they decode. */
export function numbersOfPayloads(firstPayload: number, bytes: Uint8Array): readonly NumberAt[] {
  const { found, trace } = collector()
  unlessBroken(() => decodePayloads(firstPayload, bytes, 0, defaultLimits, trace))
  return found
}

/** A decoder that throws is for the host to fall over, not for who makes up what it gets. */
export function unlessBroken<T>(decode: () => Result<T, WireFault>): T | undefined {
  try {
    const decoded = decode()
    return decoded.ok ? decoded.value : undefined
  } catch {
    return undefined
  }
}

const telling: readonly NumberField['kind'][] = ['extent', 'length', 'count', 'link']

function collector(): { readonly found: readonly NumberAt[]; readonly trace: Trace } {
  const found: NumberAt[] = []
  const trace: Trace = {
    enter: () => undefined,
    leave: () => undefined,
    octets: () => undefined,
    mapped: () => undefined,
    number: (field, at, end) => {
      const octets = end - at
      if (telling.includes(field.kind) && (octets === 1 || octets === 2 || octets === 4)) found.push({ at, octets })
    },
  }
  return { found, trace }
}
