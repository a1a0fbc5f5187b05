// The Child SA of IKE_AUTH, and the packets that go through it. RFC 7296 §1.2, §2.17; RFC 4303 §2, §3.4.
import { toHex, u32 } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Role } from '../../contract/events.ts'
import type { ChildSuite } from '../../contract/transforms.ts'
import { type ChildKeys, childKeys } from '../../crypto/key-schedule.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { protocol } from '../../iana/protocols.ts'
import type { JsonObject } from '../../inspect/describe.ts'
import { espHeaderLength, espTrailerLength } from '../../ipsec/framing.ts'
import { readTrailer } from '../../ipsec/trailer.ts'
import { checkAnswer, childSuite, soleProposal } from '../../policy/proposal-choice.ts'
import { type Answer, invalid, unimplemented } from '../vector.ts'
import { authPayloads, type OpenedMessage } from './authentication.ts'
import type { SentPacket } from './datagrams.ts'
import { payloadOf, type RetracedIkeSa } from './ike-sa.ts'

export interface RetracedChildSa {
  readonly suite: ChildSuite
  /** Of what each side receives, in hexadecimal. */
  readonly spis: Readonly<Record<Role, string>>
  readonly keys: ChildKeys
}

export function retraceChildSa(
  provider: CryptoProvider,
  ikeSa: RetracedIkeSa,
  opened: readonly OpenedMessage[],
): Result<RetracedChildSa, Answer> {
  const offered = payloadOf(authPayloads(opened, 'initiator'), 'SA')
  const answered = payloadOf(authPayloads(opened, 'responder'), 'SA')
  const sole = answered === undefined ? undefined : soleProposal(answered.proposals)
  if (offered === undefined || sole?.ok !== true) return failed(invalid('ike', 'IKE_AUTH.SA'))
  const chosen = checkAnswer(sole.value, offered.proposals)
  const ours = offered.proposals.find(({ number }) => number === sole.value.number)
  if (!chosen.ok || ours === undefined || chosen.value.protocol === protocol.IKE) return failed(invalid('ike', 'IKE_AUTH.SA'))
  const suite = childSuite(chosen.value)
  const lengths = provider.packetKeyLengths(suite)
  if (lengths === undefined) return failed(unimplemented(`${provider.name} has no such suite`))
  const { nonceI, nonceR } = ikeSa
  const keys = childKeys(ikeSa.algorithms.prf, ikeSa.keys.skD, { nonceI, nonceR, sharedSecret: undefined, lengths })
  return ok({ suite, spis: { initiator: toHex(ours.spi), responder: toHex(chosen.value.spi) }, keys })
}

/** SPI, sequence number, next header and payload of each. */
export function openPackets(
  provider: CryptoProvider,
  { suite, spis, keys }: RetracedChildSa,
  packets: readonly SentPacket[],
): Result<readonly JsonObject[], Answer> {
  const opened: JsonObject[] = []
  for (const [i, { from, bytes }] of packets.entries()) {
    const cipher = provider.packetCipher(suite, keys[from])
    if (cipher === undefined) return failed(unimplemented(`${provider.name} has no such suite`))
    const spi = toHex(bytes.subarray(0, 4))
    if (spi !== spis[from === 'initiator' ? 'responder' : 'initiator']) return failed(invalid('ipsec', `packets[${i}].spi`))
    const arena = bytes.slice()
    const text = espHeaderLength + cipher.ivLength
    const end = arena.length - cipher.icvLength
    const alignment = Math.max(4, cipher.blockLength)
    if (end - text < alignment || (end - text) % alignment !== 0) return failed(invalid('ipsec', `packets[${i}]`))
    const accepted = Uint8Array.of(0)
    const sequence = suite.extendedSequence
    const [header, textLength, sequenceHigh] = [Int32Array.of(0), Int32Array.of(end - text), Uint32Array.of(0)]
    cipher.open({ arena, count: 1, header, textLength, sequence, sequenceHigh, accepted })
    if (accepted[0] !== 1) return failed(invalid('integrity', `packets[${i}]`))
    const payloadEnd = readTrailer(arena, text, end)
    if (payloadEnd < 0) return failed(invalid('ipsec', `packets[${i}]`))
    const nextHeader = arena[end - espTrailerLength + 1] ?? 0
    opened.push({ spi, sequence: u32(bytes, 4), nextHeader, payload: toHex(arena.subarray(text, payloadEnd)) })
  }
  return ok(opened)
}
