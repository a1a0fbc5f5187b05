// Events as lines for people and as JSON for programs. Pure. Events with keys have neither form.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { AuditRecord } from '../contract/audit.ts'
import type { Event } from '../contract/events.ts'
import { exchangeName } from '../iana/exchanges.ts'
import { childSaJson, describeChildSa, describeIkeSa, ikeSaJson, type Json, type JsonObject } from '../inspect/describe.ts'
import { formatMessage } from '../inspect/ladder.ts'
import { formatFailure } from '../inspect/refusal.ts'
import { failureJson } from '../inspect/refusal-json.ts'
import { formatEndpoint } from '../net/address.ts'
import { formatSelector } from '../policy/selector-words.ts'
import type { Accent } from './console.ts'

export interface EventLines {
  readonly lines: readonly string[]
  readonly accent: Accent | undefined
}

/** `undefined` for events that need no word. */
export function eventLines(event: Event): EventLines | undefined {
  switch (event.name) {
    case 'message':
      return { lines: [formatMessage(event)], accent: 'faint' }
    case 'retransmit':
      return said('careful', `no answer yet to ${exchangeName(event.exchangeType)} ${event.messageId}: sent again (${event.attempt})`)
    case 'nat-detected':
      return said('faint', natWords(event))
    case 'ike-sa-established':
      return { lines: describeIkeSa(event.established), accent: 'good' }
    case 'child-sa-established':
      return { lines: describeChildSa(event.established), accent: 'good' }
    case 'ike-sa-closed':
      return said(undefined, `IKE SA ${event.ikeSa} closed: ${closedBy[event.by]}`)
    case 'child-sa-closed':
      return said(undefined, `Child SA ${event.child} closed: ${closedBy[event.by]}`)
    case 'ike-sa-failed':
      return failure('IKE SA failed: ', formatFailure(event.fault, event.refusal))
    case 'child-sa-failed':
      return failure('Child SA failed, the IKE SA is up: ', formatFailure(event.fault, event.refusal))
    case 'rekey-failed':
      return failure(
        `${rekeyed(event.child)} could not be rekeyed (${afterwards[event.next]}): `,
        formatFailure(event.fault, event.refusal),
      )
    case 'request-refused':
      return failure(`refused ${formatEndpoint(event.remote)}: `, formatFailure(event.fault, event.refusal))
    case 'unprotected-offer':
      return said('careful', `${formatEndpoint(event.remote)} offers ESP that neither encrypts nor authenticates, which nobody may choose`)
    case 'peer-moved':
      return said(undefined, `the peer is at ${formatEndpoint(event.remote)} now`)
    case 'peer-unreachable':
      return said(
        'careful',
        `the network says that ${formatEndpoint(event.remote)} is unreachable (${event.reason}); anybody can say so, and we keep trying`,
      )
    case 'path-mtu':
      return said(
        'careful',
        `the path takes ${event.mtu} octets: packets of ${event.effective} go through Child SA ${event.child} in one piece`,
      )
    case 'cookie-demanded':
      return said('faint', 'the responder demands a cookie')
    case 'message-dropped': {
      const why = event.fault === undefined ? '' : `: ${formatFailure(event.fault, undefined)[0] ?? ''}`
      return said('careful', `a message from ${formatEndpoint(event.remote)} was dropped (${event.reason})${why}`)
    }
    case 'packet-dropped':
      return said('careful', `a packet was dropped (${event.reason})`)
    // `packet-dropped` and the counters say as much to people.
    case 'audit':
    case 'peer-alive':
    case 'danger-ike-keys':
    case 'danger-child-keys':
      return undefined
  }
}

/** One object for each event; `undefined` for those with keys. */
export function eventJson(event: Event): Json | undefined {
  switch (event.name) {
    case 'message':
      return {
        event: event.name,
        direction: event.direction,
        local: formatEndpoint(event.local),
        remote: formatEndpoint(event.remote),
        exchange: exchangeName(event.exchangeType),
        role: event.role,
        messageId: event.messageId,
        octets: event.length,
        payloads: event.payloads,
      }
    case 'retransmit':
      return { event: event.name, exchange: exchangeName(event.exchangeType), messageId: event.messageId, attempt: event.attempt }
    case 'nat-detected':
      return { event: event.name, local: event.local.behindNat, remote: event.remote.behindNat, forced: event.forced === 'forced' }
    case 'ike-sa-established':
      return { event: event.name, ikeSa: event.ikeSa, ...ikeSaJson(event.established) }
    case 'child-sa-established':
      return { event: event.name, ikeSa: event.ikeSa, child: event.child, ...childSaJson(event.established) }
    case 'ike-sa-closed':
      return { event: event.name, ikeSa: event.ikeSa, by: event.by }
    case 'child-sa-closed':
      return { event: event.name, ikeSa: event.ikeSa, child: event.child, by: event.by }
    case 'ike-sa-failed':
    case 'child-sa-failed':
      return { event: event.name, ikeSa: event.ikeSa, failure: failureJson(event.fault, event.refusal) }
    case 'rekey-failed': {
      const failure = failureJson(event.fault, event.refusal)
      return { event: event.name, ikeSa: event.ikeSa, child: event.child ?? null, next: event.next, failure }
    }
    case 'request-refused':
      return { event: event.name, remote: formatEndpoint(event.remote), failure: failureJson(event.fault, event.refusal) }
    case 'unprotected-offer':
      return { event: event.name, ikeSa: event.ikeSa, remote: formatEndpoint(event.remote) }
    case 'peer-alive':
      return { event: event.name, ikeSa: event.ikeSa, roundTripMs: event.roundTrip }
    case 'peer-moved':
      return { event: event.name, ikeSa: event.ikeSa, remote: formatEndpoint(event.remote) }
    case 'peer-unreachable':
      return { event: event.name, ikeSa: event.ikeSa, remote: formatEndpoint(event.remote), reason: event.reason }
    case 'path-mtu':
      return { event: event.name, child: event.child, mtu: event.mtu, effective: event.effective }
    case 'cookie-demanded':
      return { event: event.name, ikeSa: event.ikeSa }
    case 'message-dropped':
      return { event: event.name, reason: event.reason, remote: formatEndpoint(event.remote), code: event.fault?.code ?? null }
    case 'packet-dropped':
      return { event: event.name, reason: event.reason, child: event.child ?? null }
    case 'audit':
      return { event: event.name, ...auditJson(event.record) }
    case 'danger-ike-keys':
    case 'danger-child-keys':
      return undefined
  }
}

function auditJson({ child, packet, selectors, ...rest }: AuditRecord): JsonObject {
  const json = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value ?? null]))
  return {
    ...json,
    child: child ?? null,
    packet: packet === undefined ? null : Object.fromEntries(Object.entries(packet).map(([name, value]) => [name, value ?? null])),
    selectors:
      selectors === undefined ? null : { local: selectors.local.map(formatSelector), remote: selectors.remote.map(formatSelector) },
  }
}

const closedBy = { us: 'by us', peer: 'by the peer', failure: 'after a failure', exhausted: 'its sequence numbers are used up' } as const

const rekeyed = (child: number | undefined): string => (child === undefined ? 'the IKE SA' : `Child SA ${child}`)
const afterwards = {
  retry: 'it will be tried again',
  'start-over': 'a new one is set up',
  superseded: 'the peer has done it',
  'give-up': 'it ends with its lifetime',
} as const

const said = (accent: Accent | undefined, line: string): EventLines => ({ lines: [line], accent })
const failure = (prefix: string, lines: readonly string[]): EventLines => ({
  lines: lines.map((line, i) => (i === 0 ? prefix + line : line)),
  accent: 'bad',
})

function natWords(event: Extract<Event, { readonly name: 'nat-detected' }>): string {
  if (event.forced === 'forced') return 'ESP goes in UDP: we pretend to be behind a NAT (see --no-force-encap)'
  const behind = [
    event.local.behindNat === 'behind-nat' ? 'we are' : '',
    event.remote.behindNat === 'behind-nat' ? 'the peer is, or says so,' : '',
  ]
  const who = behind.filter((word) => word !== '').join(' and ')
  return who === '' ? 'there is no NAT between us' : `${who} behind a NAT: ESP goes in UDP`
}
