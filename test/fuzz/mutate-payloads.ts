// Payloads changed as structures: added, dropped, doubled, moved, and fields in them changed by what they are.
import * as fc from 'fast-check'
import { ApiMisuse } from '../../src/contract/faults.ts'
import { notify } from '../../src/iana/notify.ts'
import { encodePayloads } from '../../src/wire/codec.ts'
import type { Payload } from '../../src/wire/message.ts'
import { innerPayload } from '../wire/arbitrary.ts'
import { isEnvelope, payloadSamples } from '../wire/samples.ts'
import type { Chance } from './chance.ts'
import { mutateOctets } from './mutate-octets.ts'

/** What may be inside SK, as octets: perhaps not what its headers say. */
export interface Inside {
  readonly firstPayload: number
  readonly octets: Uint8Array
}

/** One to three changes to a list of payloads. */
export function mutatePayloads(chance: Chance, original: readonly Payload[]): readonly Payload[] {
  const payloads = [...original]
  for (let times = 1 + chance.below(3); times > 0; times--) chance.weighted(changes)(chance, payloads)
  return payloads
}

/** As octets; `undefined` where no encoder would write them. */
export function encoded(payloads: readonly Payload[]): Inside | undefined {
  try {
    const { firstType, bytes } = encodePayloads(payloads)
    return { firstPayload: firstType, octets: bytes }
  } catch (error) {
    if (error instanceof ApiMisuse) return undefined
    throw error
  }
}

type Change = (chance: Chance, payloads: Payload[]) => void

/** Payloads of every kind. */
export const pool: readonly Payload[] = [
  ...payloadSamples.filter(({ payload }) => !isEnvelope(payload)).map(({ payload }) => payload),
  ...fc.sample(innerPayload, { numRuns: 200, seed: 7296 }),
]

const add: Change = (chance, payloads) => void payloads.splice(chance.below(payloads.length + 1), 0, chance.pick(pool))

const addNotify: Change = (chance, payloads) => {
  const type = chance.chance(0.8) ? chance.pick(Object.values(notify)) : chance.integer(2)
  const value = chance.octets(chance.pick([0, 0, 1, 2, 8, 20, 64]))
  payloads.splice(chance.below(payloads.length + 1), 0, {
    kind: 'N',
    critical: chance.chance(0.1),
    protocol: 0,
    spi: new Uint8Array(0),
    type,
    value,
  })
}

const addUnknown: Change = (chance, payloads) => {
  const type = chance.pick([1, 32, 49, 54, 127, 128, 200, 255])
  payloads.splice(chance.below(payloads.length + 1), 0, {
    kind: 'unknown',
    critical: chance.chance(0.5),
    type,
    body: chance.octets(chance.below(9)),
  })
}

const drop: Change = (chance, payloads) => void payloads.splice(chance.below(payloads.length), 1)

const double: Change = (chance, payloads) => {
  if (payloads.length === 0) return
  const one = chance.pick(payloads)
  const times = chance.weighted([[9, 1] as const, [1, 130] as const])
  payloads.splice(chance.below(payloads.length + 1), 0, ...Array.from({ length: times }, () => one))
}

const move: Change = (chance, payloads) => {
  const [taken] = payloads.splice(chance.below(payloads.length), 1)
  if (taken !== undefined) payloads.splice(chance.below(payloads.length + 1), 0, taken)
}

const change: Change = (chance, payloads) => {
  const at = chance.below(payloads.length)
  const payload = payloads[at]
  if (payload !== undefined) payloads[at] = changed(chance, payload) as Payload
}

const changes: readonly (readonly [number, Change])[] = [
  [2, add],
  [2, addNotify],
  [1, addUnknown],
  [2, drop],
  [1, double],
  [1, move],
  [5, change],
]

/** A value with one thing in it changed, whatever it is made of; texts that name a kind stay. */
function changed(chance: Chance, value: unknown, key = ''): unknown {
  if (typeof value === 'number') return chance.integer(key === 'value' || key === 'id' || key.endsWith('Port') ? 2 : 1)
  if (typeof value === 'boolean') return !value
  if (value instanceof Uint8Array)
    return chance.chance(0.3) ? chance.octets(chance.pick([0, 1, 4, 8, 16, 32])) : mutateOctets(chance, value, value)
  if (Array.isArray(value)) return changedList(chance, value)
  if (typeof value === 'object' && value !== null) return changedRecord(chance, value)
  return value
}

function changedList(chance: Chance, list: readonly unknown[]): readonly unknown[] {
  const copy = [...list]
  const at = chance.below(copy.length)
  const act = chance.pick(['change', 'change', 'change', 'double', 'drop', 'flood'])
  if (copy.length === 0) return copy
  if (act === 'change') copy[at] = changed(chance, copy[at])
  else if (act === 'drop') copy.splice(at, 1)
  else copy.splice(at, 0, ...Array.from({ length: act === 'flood' ? chance.pick([3, 16, 128, 254, 255]) : 1 }, () => copy[at]))
  return copy
}

function changedRecord(chance: Chance, record: object): object {
  const entries = Object.entries(record).filter(([key]) => key !== 'kind')
  if (entries.length === 0) return record
  const [key, value] = chance.pick(entries)
  // Addresses are texts: another of the same payload, or the end of the range, is in order.
  if (key === 'startAddress' || key === 'endAddress') return { ...record, [key]: chance.pick(addresses) }
  return { ...record, [key]: changed(chance, value, key) }
}

const addresses: readonly string[] = ['0.0.0.0', '192.0.2.1', '192.0.2.66', '192.0.2.255', '255.255.255.255', '::', '2001:db8::1']
