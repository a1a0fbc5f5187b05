// All that happened in a lab, in order.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { Event } from '../contract/events.ts'
import type { Command, Datagram } from '../contract/machine.ts'
import type { Instant } from '../contract/units.ts'
import { escapeText } from '../inspect/escape.ts'
import { describeDatagram } from '../inspect/frame.ts'
import { formatEndpoint } from '../net/address.ts'
import { formatMishap, type Mishap } from './weather.ts'

export type Entry =
  /** A datagram enters a link: the `number`-th (from 0) on it. Addresses are those that it has there. */
  | { readonly kind: 'sent'; readonly at: Instant; readonly link: string; readonly number: number; readonly datagram: Datagram }
  | { readonly kind: 'mishap'; readonly at: Instant; readonly mishap: Mishap; readonly datagram: Datagram }
  /** It went no further, for a reason that is not the weather. */
  | {
      readonly kind: 'stopped'
      readonly at: Instant
      readonly link: string
      readonly number: number
      readonly why: Stop
      readonly datagram: Datagram
    }
  /** As the host sees it: `local` is the sender. */
  | {
      readonly kind: 'arrived'
      readonly at: Instant
      readonly link: string
      readonly number: number
      readonly host: string
      readonly datagram: Datagram
    }
  | { readonly kind: 'command'; readonly at: Instant; readonly host: string; readonly command: Command }
  | { readonly kind: 'packet'; readonly at: Instant; readonly host: string; readonly length: number }
  | { readonly kind: 'delivered'; readonly at: Instant; readonly host: string; readonly length: number }
  | { readonly kind: 'event'; readonly at: Instant; readonly host: string; readonly event: Event }
  | { readonly kind: 'note'; readonly at: Instant; readonly text: string }

/** `nowhere`: nobody has the address. `middlebox`: the test took it. `bare-esp`: IP protocol 50 or 51 met a NAT. */
export type Stop = 'cut' | 'too-big' | 'nowhere' | 'no-mapping' | 'bare-esp' | 'middlebox'

/** One line for each entry. */
export const formatTranscript = (entries: readonly Entry[]): string => entries.map(formatEntry).join('\n')

export function formatEntry(entry: Entry): string {
  return `${entry.at.toFixed(1).padStart(10)} ms  ${escapeText(words(entry))}`
}

function words(entry: Entry): string {
  switch (entry.kind) {
    case 'sent':
      return `${entry.link} #${entry.number} sent: ${describeDatagram(entry.datagram)}, ${route(entry.datagram)}`
    case 'mishap':
      return `${formatMishap(entry.mishap)}: ${describeDatagram(entry.datagram)}`
    case 'stopped':
      return `${entry.link} #${entry.number} stopped (${entry.why}): ${describeDatagram(entry.datagram)}`
    case 'arrived':
      return `${entry.link} #${entry.number} arrived at ${entry.host}: ${describeDatagram(entry.datagram)}, ${route(entry.datagram)}`
    case 'command':
      return `${entry.host} is told: ${entry.command.kind}`
    case 'packet':
      return `${entry.host} has a packet of ${entry.length} octets to send`
    case 'delivered':
      return `${entry.host} delivers a packet of ${entry.length} octets`
    case 'event':
      return `${entry.host}: ${describeEvent(entry.event)}`
    case 'note':
      return entry.text
  }
}

/** The name of an event, and what is worth a line of it. */
export function describeEvent(event: Event): string {
  switch (event.name) {
    case 'message':
      return `${event.direction} ${event.payloads.join(' ')}`
    case 'ike-sa-failed':
    case 'child-sa-failed':
    case 'request-refused':
      return `${event.name}: ${event.fault.message}`
    case 'ike-sa-closed':
    case 'child-sa-closed':
      return `${event.name} by ${event.by}`
    case 'message-dropped':
    case 'packet-dropped':
      return `${event.name}: ${event.reason}`
    case 'audit':
      return `${event.name}: ${event.record.code}`
    case 'peer-moved':
      return `${event.name} to ${formatEndpoint(event.remote)}`
    case 'retransmit':
      return `${event.name} of message ${event.messageId}, number ${event.attempt}`
    default:
      return event.name
  }
}

const route = ({ channel, local, remote }: Datagram): string => `${channel} ${formatEndpoint(local)} to ${formatEndpoint(remote)}`
