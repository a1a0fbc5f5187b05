// The next thing to do: a recipe that was worth something, changed on some level. Octets, structure, numbers after encoding, header,
// protection.
import { headerFlag } from '../../src/wire/flags.ts'
import { decodeMessage, decodePayloads, encodeMessage } from '../../src/wire/codec.ts'
import { payloadTypeOf } from '../../src/wire/payloads/table.ts'
import { ApiMisuse } from '../../src/contract/faults.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import type { Chance } from './chance.ts'
import { mutateOctets } from './mutate-octets.ts'
import { encoded, mutatePayloads, pool } from './mutate-payloads.ts'
import { numbersOfMessage, numbersOfPayloads, unlessBroken } from './numbers.ts'
import { type ClearRecipe, type EspRecipe, type Recipe, type SealedRecipe, sealedRequest } from './recipe.ts'
import { theirs } from './render.ts'

/** `donors`: what octets may be spliced from. */
export function mutate(chance: Chance, recipe: Recipe, donors: readonly Recipe[]): Recipe {
  switch (recipe.form) {
    case 'clear':
      return mutateClear(chance, recipe, octetsOf(chance.pick(donors)))
    case 'sealed':
      return mutateSealed(chance, recipe, octetsOf(chance.pick(donors)))
    case 'esp':
      return mutateEsp(chance, recipe)
    default:
      return recipe
  }
}

/** What is no message: time, commands, completions, hints of the network; and payloads from nowhere. */
export function stir(chance: Chance): Recipe {
  return chance.weighted<() => Recipe>([
    [6, () => ({ form: 'completion', outcome: chance.pick(['right', 'right', 'wrong', 'failed', 'twice'] as const) })],
    [3, () => ({ form: 'command', command: chance.pick(['check-liveness', 'check-liveness', 'close-child-sa', 'close-ike-sa'] as const) })],
    [1, () => ({ form: 'wait', milliseconds: chance.pick([1, 500, 20_000, 61_000, 250_000]) })],
    [1, () => ({ form: 'unreachable', reason: chance.pick(['port', 'host', 'network'] as const) })],
    [4, () => ({ ...sealedRequest, exchangeType: chance.pick(exchangeTypes), ...inside(encoded([chance.pick(pool)])) })],
  ])()
}

const exchangeTypes: readonly number[] = [...Object.values(exchange), theirs, 0, 33, 99, 255]

// ---- in clear -----------------------------------------------------------------------------------------------------------

function mutateClear(chance: Chance, recipe: ClearRecipe, donor: Uint8Array): ClearRecipe {
  const { octets } = recipe
  return chance.weighted<() => ClearRecipe>([
    [4, () => ({ ...recipe, octets: restructured(chance, octets) ?? mutateOctets(chance, octets, donor) })],
    [5, () => ({ ...recipe, octets: mutateOctets(chance, octets, donor, numbersOfMessage(octets)) })],
    [2, () => ({ ...recipe, octets: withLength(mutateOctets(chance, octets, donor, numbersOfMessage(octets))) })],
    [1, () => ({ ...recipe, channel: chance.pick(['ike', 'nat-t', 'esp'] as const) })],
    [1, () => ({ ...recipe, spis: chance.pick(['as-they-are', 'true-spis'] as const) })],
    [1, () => ({ ...recipe, from: 'elsewhere' })],
    [1, () => recipe],
  ])()
}

/** Another message of the same header, or with another header; `undefined` where it does not decode or cannot be encoded. */
function restructured(chance: Chance, octets: Uint8Array): Uint8Array | undefined {
  const decoded = unlessBroken(() => decodeMessage(octets))
  if (decoded === undefined) return undefined
  const { header, payloads } = decoded
  const flags = chance.chance(0.1) ? header.flags ^ (1 << chance.below(8)) : header.flags
  const exchangeType = chance.chance(0.1) ? Math.max(0, chance.pick(exchangeTypes)) : header.exchangeType
  const messageId = chance.chance(0.1) ? chance.integer(4) : header.messageId
  try {
    return encodeMessage({ header: { ...header, flags, exchangeType, messageId }, payloads: mutatePayloads(chance, payloads) })
  } catch (error) {
    if (error instanceof ApiMisuse) return undefined
    throw error
  }
}

/** So that a message which has grown is not refused for its length alone. */
function withLength(octets: Uint8Array): Uint8Array {
  if (octets.length >= 28) new DataView(octets.buffer, octets.byteOffset).setUint32(24, octets.length)
  return octets
}

// ---- inside SK ----------------------------------------------------------------------------------------------------------

function mutateSealed(chance: Chance, recipe: SealedRecipe, donor: Uint8Array): SealedRecipe {
  return chance.weighted<() => SealedRecipe>([
    [12, () => ({ ...recipe, ...restructuredInside(chance, recipe) })],
    [10, () => ({ ...recipe, inside: mutateOctets(chance, recipe.inside, donor, numbersOfPayloads(recipe.firstPayload, recipe.inside)) })],
    [2, () => ({ ...recipe, firstPayload: chance.integer(1) })],
    [6, () => ({ ...recipe, ...mutatedHeader(chance, recipe) })],
    [2, () => ({ ...recipe, ...mutatedProtection(chance) })],
    [2, () => ({ ...recipe, fragment: mutatedFragment(chance, recipe) })],
    [1, () => ({ ...recipe, ...somethingBefore(chance) })],
    [1, () => ({ ...recipe, from: 'elsewhere' })],
    [2, () => recipe],
  ])()
}

function restructuredInside(chance: Chance, { firstPayload, inside: octets }: SealedRecipe): Partial<SealedRecipe> {
  const decoded = unlessBroken(() => decodePayloads(firstPayload, octets))
  return inside(decoded === undefined ? undefined : encoded(mutatePayloads(chance, decoded)))
}

function inside(payloads: ReturnType<typeof encoded>): Partial<SealedRecipe> {
  return payloads === undefined ? {} : { firstPayload: payloads.firstPayload, inside: payloads.octets }
}

function mutatedHeader(chance: Chance, recipe: SealedRecipe): Partial<SealedRecipe> {
  return chance.weighted<() => Partial<SealedRecipe>>([
    [5, () => ({ exchangeType: chance.chance(0.9) ? chance.pick(exchangeTypes) : chance.integer(1) })],
    [3, () => ({ idOffset: chance.pick([-2, -1, 1, 2, 0x7fff_ffff]) })],
    [2, () => ({ kind: recipe.kind === 'request' ? 'response' : 'request' })],
    [2, () => ({ flagsXor: chance.pick([headerFlag.INITIATOR, headerFlag.RESPONSE, headerFlag.VERSION, 0x01, 0xff]) })],
    [1, () => ({ version: chance.pick([0x00, 0x10, 0x21, 0x2f, 0x30, 0xff]) })],
    [1, () => ({ spis: chance.pick(['swapped', 'no-responder', 'another'] as const) })],
  ])()
}

function mutatedProtection(chance: Chance): Partial<SealedRecipe> {
  return chance.weighted<() => Partial<SealedRecipe>>([
    [2, () => ({ padding: chance.below(256) })],
    [2, () => ({ padLie: chance.pick([-1, 1, 16, 100, 255]) })],
    [1, () => ({ lengthLie: chance.pick([-1, 1, 4, -28, 65_536]) })],
    [1, () => ({ skLengthLie: chance.pick([-1, 1, -16, -4, 400]) })],
  ])()
}

/** Possible numbers and impossible ones, and whole messages among fragments (RFC 7383 §2.6). */
function mutatedFragment(chance: Chance, { fragment }: SealedRecipe): SealedRecipe['fragment'] {
  if (fragment !== undefined && chance.chance(0.2)) return undefined
  const total = chance.pick([1, 2, 2, 2, 3, 5, 512, 513, 65_535, 0])
  return { number: chance.pick([1, 1, 2, 2, total, total, 3, total + 1, 0, 65_535]) & 0xffff, total }
}

function somethingBefore(chance: Chance): Partial<SealedRecipe> {
  const payload = chance.pick(pool)
  return { before: encoded([payload])?.octets ?? new Uint8Array(0), beforeType: payloadTypeOf(payload) }
}

// ---- inside ESP ---------------------------------------------------------------------------------------------------------

function mutateEsp(chance: Chance, recipe: EspRecipe): EspRecipe {
  const { payload } = recipe
  // IPv4: header length, total length, fragment offset, UDP length.
  const numbers = [
    { at: 0, octets: 1 },
    { at: 2, octets: 2 },
    { at: 4, octets: 2 },
    { at: 6, octets: 2 },
    { at: 9, octets: 1 },
    { at: 24, octets: 2 },
  ] as const
  return chance.weighted<() => EspRecipe>([
    [6, () => ({ ...recipe, payload: mutateOctets(chance, payload, payload, numbers) })],
    [2, () => ({ ...recipe, nextHeader: chance.pick([0, 1, 4, 6, 17, 41, 43, 44, 50, 51, 58, 59, 60, 255]) })],
    [1, () => ({ ...recipe, padLie: chance.pick([-1, 1, 16, 200, 255]) })],
    [1, () => ({ ...recipe, padding: 'zeros' })],
    [2, () => ({ ...recipe, sequenceOffset: chance.pick([-1, -2, -70, 1, 63, 64, 1_000, 0x7fff_ffff, 0xffff_fff0]) })],
    [1, () => ({ ...recipe, spi: chance.pick(['ours', 'another'] as const) })],
    [1, () => ({ ...recipe, cut: chance.pick([1, 4, 12, 16, 32]) })],
    [1, () => ({ ...recipe, from: 'elsewhere' })],
    [3, () => ({ ...recipe, company: recipe.company === 'alone' ? 'burst' : 'alone' })],
    [1, () => recipe],
  ])()
}

function octetsOf(recipe: Recipe): Uint8Array {
  return recipe.form === 'clear'
    ? recipe.octets
    : recipe.form === 'sealed'
      ? recipe.inside
      : recipe.form === 'esp'
        ? recipe.payload
        : new Uint8Array(0)
}
