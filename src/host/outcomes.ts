// What the host adds to `ipsec/drops.ts`: outcomes of packets that never reached an SA. Numbers for bursts, names for counters. Stable.
import { dropReason } from '../ipsec/drops.ts'

export const outcome = {
  /** A burst leaves it to `handle({ kind: 'packet' })`: no SA serves the packet yet. */
  'needs-negotiation': 64,
  /** Policy lets it through unprotected. */
  bypass: 65,
  /** RFC 4301 §4.4.1: DISCARD, or no entry at all. */
  'policy-discard': 66,
  /** No inbound SA has its SPI. */
  'unknown-spi': 67,
  /** It waited for a negotiation, and the queue was full. */
  'queue-full': 68,
  /** It waited for a negotiation that failed. */
  'negotiation-failed': 69,
  /** It waited for a negotiation for longer than packets are kept. */
  'waited-too-long': 70,
  /** A negotiation for it failed a moment ago: the next one is not started yet. */
  'negotiation-held': 71,
  /** A negotiation succeeded, with selectors that leave this packet out. */
  'not-selected': 72,
  /** PROTECT, but nothing says where the peer is. */
  'peer-unknown': 73,
  /** Neither ESP, nor IKE, nor a keepalive. */
  'malformed-datagram': 74,
  /** It was to go through a Child SA that is gone, and that none has taken the place of. */
  'through-gone': 75,
  /** It was to go through a Child SA whose selectors leave it out, or by which policy does not protect it. */
  'through-forbidden': 76,
  /** ESP that overtook the answer which makes its SA: a copy waits, and comes out of `handle` as `deliver` then, or is counted. */
  'awaits-sa': 77,
  /** It came through an SA, and policy wants it through another, in clear, or not at all (RFC 4301 §5.2). */
  'policy-mismatch': 78,
  /** It came in clear, and policy wants it protected. */
  'came-in-clear': 79,
  /** For an address of a pool (`overlap: map`) that no peer is known by now. */
  'mapping-gone': 80,
  /** A burst leaves it to `handle({ kind: 'packet' })` or `handle({ kind: 'datagram' })`: it is a fragment, or too long for its path. */
  'left-to-handle': 96,
  /** RFC 4301 §8.2.1: it may not be fragmented, and the path does not take it; its sender is told. */
  'packet-too-big': 97,
  /** The other fragments of a packet did not come in time. */
  'fragments-incomplete': 98,
  /** The oldest fragments went, since there were too many. */
  'fragments-crowded-out': 99,
  /** `net/fragment-place.ts` says what these are. */
  'fragment-overlap': 100,
  'fragment-too-long': 101,
  'fragment-misaligned': 102,
  'fragment-empty': 103,
  'fragment-tiny': 104,
  'too-many-fragments': 105,
  'fragment-congestion': 106,
  /** RFC 4301 §6.2: no rule lets the ICMP error go out, and no SA is there for answers to what it is about. */
  'icmp-error-unmatched': 108,
  /** Word of a smaller path MTU that quotes no packet of ours, or that we are not to believe. */
  'too-big-ignored': 107,
  /** Word that a packet did not arrive which quotes no packet of ours, or that we are not to believe. */
  'undelivered-ignored': 109,
} as const

export type HostOutcome = keyof typeof outcome

const names = new Map<number, string>(Object.entries(outcome).map(([name, code]) => [code, name]))

/** The stable name of an outcome other than 0. */
export const outcomeName = (code: number): string => names.get(code) ?? dropReason(code) ?? `outcome-${code}`
