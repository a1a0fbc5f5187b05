// What mutation starts from: what Mallory's own host says in each state, and what else a peer could.
import { putU32 } from '../../src/bytes/bytes.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { notify } from '../../src/iana/notify.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { openMessage } from '../../src/ike/sa/protect.ts'
import { decodeMessage, encodePayloads } from '../../src/wire/codec.ts'
import { isResponse } from '../../src/wire/flags.ts'
import type { Payload } from '../../src/wire/message.ts'
import { isEnvelope, messageSamples, payloadSamples } from '../wire/samples.ts'
import { carriesIke, type Datagram } from '../../src/contract/machine.ts'
import { type ClearRecipe, type EspRecipe, type Recipe, type SealedRecipe, sealedRequest } from './recipe.ts'
import { theirs } from './render.ts'
import type { Attacked, Stage } from './stage.ts'
import { addresses, udpPacket } from './worlds.ts'

/** For this stage as it stands: what is said by its own Mallory weighs most, and so comes twice. */
export function seedsOf(stage: Stage): readonly Recipe[] {
  const spoken = stage.spoken.flatMap((datagram) => spokenRecipe(stage, datagram))
  if (stage.attacked === undefined) return [...spoken, ...spoken, ...strangers]
  const fragments = [...spoken, ...requests(stage), ...responses].flatMap(inFragments)
  return [
    ...spoken,
    ...spoken,
    ...requests(stage),
    ...responses,
    ...fragments,
    ...strangers,
    ...(stage.child === undefined ? [] : packets(stage)),
  ]
}

/** Every sample of the wire room as a recipe: messages in clear, payloads inside SK. */
export const sampleRecipes: readonly { readonly name: string; readonly recipe: Recipe }[] = [
  ...messageSamples.map(({ name, bytes }) => ({ name, recipe: clear(bytes, 'true-spis') })),
  ...payloadSamples
    .filter(({ payload }) => !isEnvelope(payload))
    .map(({ name, type, bytes }) => ({ name, recipe: { ...sealedRequest, firstPayload: type, inside: bytes } })),
  ...[1, 2].map((number) => ({ name: `fragment ${number} of 2`, recipe: { ...sealedRequest, fragment: { number, total: 2 } } })),
]

function spokenRecipe(stage: Stage, { channel, bytes }: Datagram): readonly Recipe[] {
  const octets = channel === 'nat-t' ? bytes.subarray(4) : bytes
  const decoded = decodeMessage(octets)
  if (!decoded.ok || !carriesIke(channel)) return []
  const { header, payloads } = decoded.value
  const sk = payloads.at(-1)
  if (sk?.kind !== 'SK') return [{ form: 'clear', octets, channel, spis: 'as-they-are', from: 'peer' }]
  if (stage.attacked === undefined) return []
  const inside = opened(stage.attacked, octets, sk)
  const kind = isResponse(header.flags) ? ('response' as const) : ('request' as const)
  return inside === undefined ? [] : [sealed(kind, header.exchangeType, inside)]
}

function opened({ role, session }: Attacked, octets: Uint8Array, sk: Payload & { kind: 'SK' }): readonly Payload[] | undefined {
  const result = openMessage(session, role === 'initiator' ? 'responder' : 'initiator', octets, sk)
  return result.ok ? result.value : undefined
}

function requests({ peerSpi }: Stage): readonly SealedRecipe[] {
  const spi = new Uint8Array(4)
  putU32(spi, 0, peerSpi ?? 0x0102_0304)
  return [
    sealed('request', exchange.INFORMATIONAL, []),
    sealed('request', exchange.INFORMATIONAL, [deletion(protocol.ESP, [spi])]),
    sealed('request', exchange.INFORMATIONAL, [deletion(protocol.ESP, [spi, spi])]),
    sealed('request', exchange.INFORMATIONAL, [deletion(protocol.IKE, [])]),
    sealed('request', exchange.INFORMATIONAL, [notification(notify.AUTHENTICATION_FAILED)]),
    sealed('request', exchange.CREATE_CHILD_SA, samplesOf(['SA for ESP and AH', 'NONCE', 'TSi', 'TSr'])),
  ]
}

const responses: readonly SealedRecipe[] = [
  sealed('response', theirs, []),
  sealed('response', theirs, [notification(notify.INVALID_SYNTAX)]),
  sealed('response', theirs, [deletion(protocol.ESP, [Uint8Array.of(1, 2, 3, 4)])]),
]

/** The same in a single fragment, and in two (RFC 7383 §2.5): both halves for the same Message ID. */
function inFragments(recipe: Recipe): readonly SealedRecipe[] {
  if (recipe.form !== 'sealed') return []
  const half = Math.ceil(recipe.inside.length / 2)
  return [
    { ...recipe, fragment: { number: 1, total: 1 } },
    { ...recipe, inside: recipe.inside.subarray(0, half), fragment: { number: 1, total: 2 } },
    { ...recipe, firstPayload: 0, inside: recipe.inside.subarray(half), fragment: { number: 2, total: 2 } },
  ]
}

const strangers: readonly ClearRecipe[] = [
  ...messageSamples.map(({ bytes }) => clear(bytes, 'as-they-are')),
  clear(messageSamples.at(-1)?.bytes ?? new Uint8Array(0), 'true-spis'),
  { ...clear(Uint8Array.of(0xff), 'as-they-are'), channel: 'nat-t' },
]

/** Inside the Child SA: a datagram as transport mode or tunnel mode has it, and a dummy. */
function packets({ child }: Stage): readonly EspRecipe[] {
  const whole = udpPacket(addresses.mallory, addresses.target)
  const [payload, nextHeader] = child?.install.mode === 'tunnel' ? [whole, ipProtocol.IPV4] : [whole.subarray(20), ipProtocol.UDP]
  const packet: EspRecipe = {
    form: 'esp',
    payload,
    nextHeader,
    padding: 'counting',
    padLie: 0,
    sequenceOffset: 0,
    spi: 'right',
    company: 'alone',
    cut: 0,
    from: 'peer',
  }
  return [packet, packet, { ...packet, payload: new Uint8Array(20), nextHeader: ipProtocol.NO_NEXT_HEADER }]
}

function clear(octets: Uint8Array, spis: ClearRecipe['spis']): ClearRecipe {
  return { form: 'clear', octets, channel: 'ike', spis, from: 'peer' }
}

function sealed(kind: SealedRecipe['kind'], exchangeType: number, payloads: readonly Payload[]): SealedRecipe {
  const { firstType, bytes } = encodePayloads(payloads)
  return { ...sealedRequest, kind, exchangeType, firstPayload: firstType, inside: bytes }
}

function deletion(protocolId: number, spis: readonly Uint8Array[]): Payload {
  return { kind: 'D', critical: false, protocol: protocolId, spiSize: spis[0]?.length ?? 0, spis }
}

function notification(type: number): Payload {
  return { kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(0), type, value: new Uint8Array(0) }
}

function samplesOf(names: readonly string[]): readonly Payload[] {
  return payloadSamples.filter(({ name, payload }) => names.includes(name) || names.includes(payload.kind)).map(({ payload }) => payload)
}
