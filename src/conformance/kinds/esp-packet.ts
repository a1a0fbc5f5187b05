// Whole packets through one ESP SA, sealed or opened. RFC 4303 §2, §3; RFC 3948 §2.1, §3; RFC 4301 §5.1, §5.2.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { dropReason } from '../../ipsec/drops.ts'
import { openPacket, sealPacket } from '../../ipsec/packet.ts'
import { createInboundSa, createOutboundSa } from '../../ipsec/sa.ts'
import { ReplayWindow } from '../../ipsec/replay.ts'
import { emptyLayout, readLayout } from '../../net/layout.ts'
import { udpField, udpHeaderLength } from '../../net/transport.ts'
import { type DescribedSa, installOf, replayWindow, sequenceNumber } from '../esp-sa.ts'
import { type Kind, kind } from '../kind.ts'
import { encryptionName, fixedHex, hex, integrityName, key, keyLength, octets, u64Hex } from '../shapes/basic.ts'
import { type Answer, invalid, outputs, unimplemented } from '../vector.ts'
import { refused } from '../refused-packet.ts'

const sa = {
  suite: z.strictObject({
    encryption: encryptionName,
    keyLength,
    /** Left out beside a combined-mode cipher (RFC 5282 §8). */
    integrity: integrityName.optional(),
    sequenceNumbers: z.enum(['ESN', 'NO_ESN']),
  }),
  /** Key | salt (RFC 4106 §8.1, RFC 4309 §7.1, RFC 7634 §2), or key | nonce (RFC 3686 §5.1); left out for NULL. */
  encryptionKey: key.optional(),
  integrityKey: key.optional(),
  spi: fixedHex(4).pipe(octets),
  mode: z.enum(['transport', 'tunnel']),
}

const seal = z.strictObject({
  operation: z.literal('seal'),
  ...sa,
  encapsulation: z.enum(['none', 'udp']),
  /** Of this packet, with the high half where it is extended. An explicit IV of 8 octets is this number (RFC 4106 §3.1). */
  sequence: u64Hex,
  /** A plain IP packet. */
  packet: octets,
})

const open = z.strictObject({
  operation: z.literal('open'),
  ...sa,
  /** The highest number authenticated before; all up to it count as received. The window is of 64 packets. */
  highest: u64Hex,
  /** The whole outer IP packet, with or without a UDP header before ESP. */
  protected: octets,
})

export const espPacket: Kind = kind({
  name: 'esp-packet',
  title: 'A packet sealed by an ESP SA, or opened',
  rfc: 'RFC 4303 §2, §3; RFC 3948 §2.1, §3; RFC 4301 §5; RFC 4106, 4309, 4543, 7634, 8750, 3602, 3686, 2410',
  inputs: z.discriminatedUnion('operation', [seal, open]),
  outputs: z.strictObject({
    /** From the SPI to the ICV, with the shortest padding that RFC 4303 §2.4 allows. */
    esp: hex.optional(),
    /** Transport mode: the IP header, with options or extension headers, that goes before it. In tunnel mode much of it is the sender's choice. */
    header: hex.optional(),
    /** The UDP header between the two without its checksum (RFC 3948 §2.1). Both ports are 4500. */
    udp: hex.optional(),
    /** The plain IP packet. */
    packet: hex.optional(),
    /** `dummy`: silently discarded without being an error (RFC 4303 §2.6). */
    discarded: z.literal('dummy').optional(),
  }),
  answer: (provider, inputs) => (inputs.operation === 'seal' ? sealed(provider, inputs) : opened(provider, inputs)),
})

function sealed(provider: CryptoProvider, inputs: z.infer<typeof seal>): Answer {
  const install = installOf(provider, inputs, { direction: 'out', encapsulation: inputs.encapsulation, version: versionOf(inputs.packet) })
  if ('kind' in install) return install
  const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
  if (cipher?.ivSource === 'random') return unimplemented('whoever draws an IV at random cannot be asked for octets')
  // RFC 4303 §3.3.3: the first packet has number 1.
  if (inputs.sequence === 0n) return invalid('ipsec', 'sequence')
  const result = sealPacket(createOutboundSa(install, provider, sequenceNumber(inputs.sequence - 1n)), inputs.packet, 'ip')
  if (result.outcome !== 0) return refused(result.outcome)
  return outputs(partsOf(result.bytes, inputs))
}

/** What is the same for all senders. */
function partsOf(bytes: Uint8Array, { mode, encapsulation }: z.infer<typeof seal>) {
  const layout = emptyLayout()
  readLayout(bytes, 0, bytes.length, layout)
  const { upper } = layout
  const isUdp = encapsulation === 'udp'
  return {
    esp: toHex(bytes.subarray(isUdp ? upper + udpHeaderLength : upper)),
    ...(mode === 'transport' ? { header: toHex(bytes.subarray(0, upper)) } : {}),
    ...(isUdp ? { udp: toHex(bytes.subarray(upper, upper + udpField.checksum)) } : {}),
  }
}

function opened(provider: CryptoProvider, inputs: z.infer<typeof open>): Answer {
  const install = installOf(provider, inputs, { direction: 'in', encapsulation: 'none', version: versionOf(inputs.protected) })
  if ('kind' in install) return install
  const window = new ReplayWindow(replayWindow, sequenceKind(inputs), sequenceNumber(inputs.highest))
  const { outcome, bytes } = openPacket(createInboundSa(install, provider, window), inputs.protected, 'ip', undefined)
  if (outcome === 0) return outputs({ packet: toHex(bytes) })
  return dropReason(outcome) === 'dummy-packet' ? outputs({ discarded: 'dummy' }) : refused(outcome)
}

const versionOf = (packet: Uint8Array): 4 | 6 => ((packet[0] ?? 0) >>> 4 === 6 ? 6 : 4)
const sequenceKind = ({ suite }: DescribedSa): 'esn' | 'no-esn' => (suite.sequenceNumbers === 'ESN' ? 'esn' : 'no-esn')
