// Checksums inside transport mode, once a NAT has changed the addresses outside. RFC 3948 §3.1.2, RFC 1624 §3.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import { originalSum, repairChecksum } from '../../ipsec/checksum-repair.ts'
import { emptyFlow, readFlow } from '../../net/flow.ts'
import { addressVersion } from '../../net/address.ts'
import { address } from '../shapes/address.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, octets } from '../shapes/basic.ts'
import { invalid, outputs } from '../vector.ts'

export const checksumRepair: Kind = kind({
  name: 'checksum-repair',
  title: 'A packet out of transport mode whose addresses a NAT has changed, with its upper-layer checksum made to fit',
  rfc: 'RFC 3948 §3.1.2 procedure 1, RFC 1624 §3, RFC 7296 §2.23.1',
  inputs: z.strictObject({
    /** After decapsulation: the addresses are those that the NAT has left, the checksum inside is over the original ones. */
    packet: octets,
    /** The addresses that the sender of the packet computed its checksum over. */
    original: z.strictObject({ source: address, destination: address }),
  }),
  outputs: z.strictObject({ packet: hex }),
  answer(_provider, { packet, original }) {
    const flow = emptyFlow()
    if (!readFlow(packet, 0, packet.length, flow)) return invalid('wire', 'packet')
    for (const side of ['source', 'destination'] as const)
      if (addressVersion(original[side]) !== flow.version) return invalid('ipsec', `original.${side}`)
    const repaired = packet.slice()
    repairChecksum(repaired, flow, originalSum({ remote: original.source, local: original.destination }))
    return outputs({ packet: toHex(repaired) })
  },
})
