// Where a vector says that a packet is wrong, for each reason to drop it.
import { type DropReason, dropReason } from '../ipsec/drops.ts'
import { type Answer, invalid, unimplemented } from './vector.ts'

/** The answer for a packet that was dropped. */
export function refused(outcome: number): Answer {
  const reason = dropReason(outcome)
  if (reason === undefined || reason === 'suite-unavailable') return unimplemented('no such suite')
  return invalid(...places[reason])
}

type Refused = Exclude<DropReason, 'suite-unavailable'>

const places: Readonly<Record<Refused, Parameters<typeof invalid>>> = {
  'malformed-packet': ['wire', 'packet'],
  'not-esp': ['wire', 'protocol'],
  'malformed-esp': ['wire', 'esp'],
  'not-ah': ['wire', 'protocol'],
  'malformed-ah': ['wire', 'ah'],
  'malformed-options': ['wire', 'options'],
  'unpredictable-route': ['ipsec', 'route'],
  'packet-too-long': ['ipsec', 'length'],
  fragment: ['ipsec', 'fragment'],
  'version-mismatch': ['ipsec', 'version'],
  'header-not-carried': ['ipsec', 'header'],
  'sequence-exhausted': ['ipsec', 'sequence'],
  'limit-reached': ['ipsec', 'limit'],
  'wrong-spi': ['ipsec', 'spi'],
  replayed: ['ipsec', 'sequence'],
  'too-old': ['ipsec', 'sequence'],
  'integrity-check-failed': ['integrity', 'icv'],
  'bad-padding': ['ipsec', 'padding'],
  'dummy-packet': ['ipsec', 'nextHeader'],
  'malformed-inner-packet': ['ipsec', 'innerPacket'],
  'selector-mismatch': ['policy', 'selectors'],
  'congestion-unheard': ['ipsec', 'ecn'],
  'fragment-unmatched': ['policy', 'fragment'],
  'fragment-too-small': ['ipsec', 'fragment'],
}
