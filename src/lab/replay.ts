// A host's life as data: the same inputs, and the same seed behind its randomness, give the same state and the same octets again.
import { fromHex, toHex } from '../bytes/bytes.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { Input, Output } from '../contract/machine.ts'
import { type Instant, instant } from '../contract/units.ts'
import type { Host } from '../host/host.ts'

/** `outputs`: what came of it, to be compared with. */
export interface RecordedInput {
  readonly at: Instant
  readonly input: Input
  readonly outputs: readonly Output[]
}

export interface Recording {
  readonly host: string
  readonly seed: number
  readonly inputs: readonly Pick<RecordedInput, 'at' | 'input'>[]
}

export interface Replayed {
  readonly host: Host
  /** For each input. */
  readonly outputs: readonly (readonly Output[])[]
}

/** The host as it was after its first `upTo` inputs. `make` must give the host that the recording began with. */
export function replay(recording: Recording, make: () => Host, upTo: number = recording.inputs.length): Replayed {
  const host = make()
  const outputs = recording.inputs.slice(0, upTo).map(({ at, input }) => host.handle(at, input))
  return { host, outputs }
}

/** A recording as JSON; octets are written `{"hex": "…"}`. It holds no keys, but who has the seed can compute them. */
export function formatRecording(recording: Recording): string {
  const { host, seed, inputs } = recording
  const plain = { host, seed, inputs: inputs.map(({ at, input }) => ({ at, input })) }
  return JSON.stringify(plain, (_, value: unknown) => (value instanceof Uint8Array ? { hex: toHex(value) } : value), 1)
}

/** The other way. Throws ApiMisuse when the text is no recording. */
export function parseRecording(text: string): Recording {
  const parsed: unknown = JSON.parse(text, (_, value: unknown) => octetsOf(value) ?? value)
  if (!isRecording(parsed)) throw new ApiMisuse('this is no recording: it has to have host, seed and inputs')
  const { host, seed, inputs } = parsed
  return { host, seed, inputs: inputs.map(({ at, input }) => ({ at: instant(at), input })) }
}

function octetsOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null || !('hex' in value) || typeof value.hex !== 'string') return undefined
  return fromHex(value.hex)
}

function isRecording(value: unknown): value is Recording {
  return (
    typeof value === 'object' &&
    value !== null &&
    'host' in value &&
    typeof value.host === 'string' &&
    'seed' in value &&
    typeof value.seed === 'number' &&
    'inputs' in value &&
    Array.isArray(value.inputs) &&
    value.inputs.every((each: unknown) => typeof each === 'object' && each !== null && 'at' in each && 'input' in each)
  )
}
