// The datagrams of a negotiation, sorted into IKE messages and ESP packets. RFC 3948 §2.
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Role } from '../../contract/events.ts'
import type { Channel } from '../../contract/machine.ts'
import { classify, nonEspMarkerLength } from '../../ipsec/encapsulation.ts'
import { decodeMessage } from '../../wire/codec.ts'
import type { Message } from '../../wire/message.ts'
import { type Answer, invalid } from '../vector.ts'

export interface SentDatagram {
  readonly from: Role
  readonly channel: Channel
  readonly octets: Uint8Array
}

export interface SentMessage {
  readonly from: Role
  /** From the first octet of the IKE header. */
  readonly bytes: Uint8Array
  readonly message: Message
}

export interface SentPacket {
  readonly from: Role
  /** From the SPI on. */
  readonly bytes: Uint8Array
}

export interface Sorted {
  readonly messages: readonly SentMessage[]
  readonly packets: readonly SentPacket[]
}

export function sortDatagrams(datagrams: readonly SentDatagram[]): Result<Sorted, Answer> {
  const messages: SentMessage[] = []
  const packets: SentPacket[] = []
  for (const [i, { from, channel, octets }] of datagrams.entries()) {
    const found = channel === 'nat-t' ? classify(octets) : channel
    if (found === 'malformed') return failed(invalid('wire', `datagrams[${i}]`))
    if (found === 'keepalive') continue
    if (found === 'esp') packets.push({ from, bytes: octets })
    else {
      const bytes = channel === 'nat-t' ? octets.subarray(nonEspMarkerLength) : octets
      const decoded = decodeMessage(bytes)
      if (!decoded.ok) return failed(invalid('wire', `datagrams[${i}].${decoded.fault.field}`))
      messages.push({ from, bytes, message: decoded.value })
    }
  }
  return ok({ messages, packets })
}
