// Where an error is planted in this implementation, and what it takes to be wrong.
import { concat, fromHex, putU16, toHex, u16 } from '../../../src/bytes/bytes.ts'
import { kindOf } from '../../../src/conformance/kinds/table.ts'
import { type Answer, outputs, unimplemented } from '../../../src/conformance/vector.ts'
import type { Aead, ArenaMac, CipherJobs, CryptoProvider, PacketCipher } from '../../../src/crypto/provider.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import type { Json, JsonObject } from '../../../src/inspect/describe.ts'
import { type Address, addressBytes, parseAddress } from '../../../src/net/address.ts'
import { onesSum, updateChecksum } from '../../../src/net/checksum.ts'
import { emptyFlow, readFlow } from '../../../src/net/flow.ts'
import { addressLength } from '../../../src/net/layout.ts'
import { pseudoHeaderChecksumOffset } from '../../../src/net/transport.ts'

export interface Plant {
  answer(provider: CryptoProvider, kind: string, inputs: JsonObject): Answer
}

export const right = (provider: CryptoProvider, kind: string, inputs: JsonObject): Answer =>
  kindOf(kind)?.answer(provider, inputs) ?? unimplemented(`no ${kind}`)

// ---- where an error is planted -----------------------------------------------------------------------------------------------

export function inProvider(kinds: readonly string[], change: (provider: CryptoProvider) => Partial<CryptoProvider>): Plant {
  return {
    answer: (provider, kind, inputs) => right(kinds.includes(kind) ? { ...provider, ...change(provider) } : provider, kind, inputs),
  }
}

export function inKind(name: string, answer: (provider: CryptoProvider, inputs: JsonObject) => Answer): Plant {
  return { answer: (provider, kind, inputs) => (kind === name ? answer(provider, inputs) : right(provider, kind, inputs)) }
}

export function inInputs(name: string, change: (inputs: JsonObject) => JsonObject): Plant {
  return inKind(name, (provider, inputs) => right(provider, name, change(inputs)))
}

export function inOutputs(name: string, change: (values: JsonObject) => JsonObject): Plant {
  return inKind(name, (provider, inputs) => {
    const ours = right(provider, name, inputs)
    return ours.kind === 'outputs' ? outputs(change(ours.outputs)) : ours
  })
}

// ---- what it takes to be wrong -----------------------------------------------------------------------------------------------

/** All of these are counter modes: to seal a ciphertext is to open it. */
export function openAnyway(aead: Aead): Aead['open'] {
  return (key, iv, aad, sealed) => {
    const text = sealed.subarray(0, Math.max(0, sealed.length - aead.icvLength))
    return aead.seal(key, iv, aad, text).slice(0, text.length)
  }
}

/** What it covers of an IPv4 header has no Identification. */
export const withoutIdentification = (mac: ArenaMac): ArenaMac => ({
  mac(arena, start, end, iv) {
    const covered = arena.slice(start, end)
    if ((covered[0] ?? 0) >>> 4 === 4) covered.fill(0, 4, 6)
    return mac.mac(covered, 0, covered.length, iv)
  },
})

export const shapeOf = ({ ivLength, icvLength, blockLength, ivSource }: PacketCipher): Omit<PacketCipher, 'seal' | 'open'> => ({
  ivLength,
  icvLength,
  blockLength,
  ivSource,
})

/** Makes padding what ours wants it to be, so that ours accepts any. */
export function straightenPadding({ arena, count, header, textLength }: CipherJobs, ivLength: number): void {
  for (let job = 0; job < count; job++) {
    const end = (header[job] ?? 0) + 8 + ivLength + (textLength[job] ?? 0)
    const length = Math.min(arena[end - 2] ?? 0, (textLength[job] ?? 0) - 2)
    arena[end - 2] = length
    for (let i = 1; i <= length; i++) arena[end - 3 - length + i] = i
  }
}

export function repairedAnyhow(provider: CryptoProvider, inputs: JsonObject): Answer {
  const ours = right(provider, 'checksum-repair', inputs)
  const packet = fromHex(textOf(inputs['packet']))
  const flow = emptyFlow()
  if (ours.kind !== 'outputs' || packet === undefined || !readFlow(packet, 0, packet.length, flow)) return ours
  const at = flow.upper + pseudoHeaderChecksumOffset(flow.protocol)
  if (flow.protocol !== ipProtocol.UDP || at + 2 > flow.end) return ours
  const { source, destination } = objectOf(inputs['original'])
  const before = concat(addressBytes(addressOf(source)), addressBytes(addressOf(destination)))
  const now = onesSum(packet, flow.source, 2 * addressLength(flow), 0)
  putU16(packet, at, updateChecksum(u16(packet, at), onesSum(before, 0, before.length, 0), now))
  return outputs({ packet: toHex(packet) })
}

export function withoutIntegrity(proposal: Json): Json {
  const transforms = listOf(objectOf(proposal)['transforms']).map(objectOf)
  const isCombined = transforms.some(({ encryption }) => /_(GCM|CCM|POLY1305)/.test(textOf(encryption)))
  return isCombined ? { ...objectOf(proposal), transforms: transforms.filter(({ integrity }) => integrity === undefined) } : proposal
}

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
export const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !isList(value) ? value : {}

function addressOf(value: Json | undefined): Address {
  const address = parseAddress(textOf(value))
  if (address === undefined) throw new Error('not an address')
  return address
}
