// Whole packets through one AH SA, sealed or opened. RFC 4302 §2, §3; RFC 4543 §4; RFC 4301 §5.1, §5.2.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { openPacket, sealPacket } from '../../ipsec/packet.ts'
import { ReplayWindow } from '../../ipsec/replay.ts'
import { createInboundSa, createOutboundSa } from '../../ipsec/sa.ts'
import { installOf, replayWindow, sequenceNumber } from '../esp-sa.ts'
import { type Kind, kind } from '../kind.ts'
import { refused } from '../refused-packet.ts'
import { fixedHex, hex, integrityName, key, octets, u64Hex } from '../shapes/basic.ts'
import { type Answer, invalid, outputs } from '../vector.ts'

const sa = {
  suite: z.strictObject({ integrity: integrityName, sequenceNumbers: z.enum(['ESN', 'NO_ESN']) }),
  /** The salt of GMAC at its end (RFC 4543 §5.4). */
  integrityKey: key,
  spi: fixedHex(4).pipe(octets),
}

const seal = z.strictObject({
  operation: z.literal('seal'),
  ...sa,
  /** The outer header of a tunnel is the sender's choice, and the ICV covers it: packets of tunnels are opened only. */
  mode: z.literal('transport'),
  /** Of this packet, with the high half where it is extended. The IV of GMAC is this number (RFC 4543 §3.1). */
  sequence: u64Hex,
  /** A plain IP packet. */
  packet: octets,
})

const open = z.strictObject({
  operation: z.literal('open'),
  ...sa,
  mode: z.enum(['transport', 'tunnel']),
  /** The highest number authenticated before; all up to it count as received. The window is of 64 packets. */
  highest: u64Hex,
  /** The whole IP packet, as it arrives. */
  protected: octets,
})

export const ahPacket: Kind = kind({
  name: 'ah-packet',
  title: 'A packet protected by an AH SA, or opened',
  rfc: 'RFC 4302 §2, §3, appendix A; RFC 4543 §4; RFC 6275 §6.3, §6.4; RFC 4301 §5',
  inputs: z.discriminatedUnion('operation', [seal, open]),
  outputs: z.strictObject({
    /** The whole IP packet; padding of the ICV is zero. */
    protected: hex.optional(),
    /** The plain IP packet. */
    packet: hex.optional(),
  }),
  answer: (provider, inputs) => (inputs.operation === 'seal' ? sealed(provider, inputs) : opened(provider, inputs)),
})

function sealed(provider: CryptoProvider, inputs: z.infer<typeof seal>): Answer {
  const install = installOf(provider, inputs, { direction: 'out', encapsulation: 'none', version: versionOf(inputs.packet) })
  if ('kind' in install) return install
  // RFC 4302 §3.3.2: the first packet has number 1.
  if (inputs.sequence === 0n) return invalid('ipsec', 'sequence')
  const { outcome, bytes } = sealPacket(createOutboundSa(install, provider, sequenceNumber(inputs.sequence - 1n)), inputs.packet, 'ip')
  return outcome === 0 ? outputs({ protected: toHex(bytes) }) : refused(outcome)
}

function opened(provider: CryptoProvider, inputs: z.infer<typeof open>): Answer {
  const install = installOf(provider, inputs, { direction: 'in', encapsulation: 'none', version: versionOf(inputs.protected) })
  if ('kind' in install) return install
  const window = new ReplayWindow(replayWindow, install.suite.extendedSequence, sequenceNumber(inputs.highest))
  const { outcome, bytes } = openPacket(createInboundSa(install, provider, window), inputs.protected, 'ip', undefined)
  return outcome === 0 ? outputs({ packet: toHex(bytes) }) : refused(outcome)
}

const versionOf = (packet: Uint8Array): 4 | 6 => ((packet[0] ?? 0) >>> 4 === 6 ? 6 : 4)
