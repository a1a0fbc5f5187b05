// The words of a scenario file that mean more than they say: times, numbers, addresses, proposals, events, reasons.
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Event } from '../../contract/events.ts'
import type { Milliseconds } from '../../contract/units.ts'
import { nearestTime, unitLengths } from '../../documents/times.ts'
import { type HostOutcome, outcome } from '../../host/outcomes.ts'
import { protocol } from '../../iana/protocols.ts'
import { type DropReason, drop } from '../../ipsec/drops.ts'
import { parseAddress } from '../../net/address.ts'
import { parseIdentity } from '../../policy/identity.ts'
import { parseProposals } from '../../policy/proposal-words.ts'
import { parseSelector } from '../../policy/selector-words.ts'
import { unknownWord, type WordFault } from '../../policy/words.ts'

/** Three hundred years: further no clock of a lab has to go. */
const longestTime: Milliseconds = 1e13

/** `2000`, which is milliseconds, `1.5`, `90s`, `30m`, `4h`, `7d`. */
export function parseDuration(text: string): Result<Milliseconds, WordFault> {
  const parts = /^(\d{1,15}(?:\.\d{1,20})?(?:e-\d{1,2})?)(ms|[smhd]?)$/.exec(text)
  const time = Number(parts?.[1]) * (unitLengths[parts?.[2] ?? ''] ?? 1)
  if (parts !== null && time <= longestTime) return ok(time)
  return refused(text, 'is no time: write 2000 (milliseconds), 90s, 30m or 4h', nearestTime(text))
}

export const parsePeriod = (text: string): Result<Milliseconds, WordFault> => {
  const parsed = parseDuration(text)
  return parsed.ok && parsed.value === 0 ? refused(text, 'is too short: a time of more than 0 is expected') : parsed
}

export const parseProbability = (text: string): Result<number, WordFault> => {
  const probability = /^\d{1,15}(?:\.\d{1,20})?(?:e-\d{1,2})?$/.test(text) ? Number(text) : Number.NaN
  return probability <= 1 ? ok(probability) : refused(text, 'is no probability: a number from 0 to 1 is expected', asFraction(text))
}

export const countFrom =
  (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): Result<number, WordFault> => {
    const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (count >= least && count <= most) return ok(count)
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`
    return refused(text, `is no count that fits: a whole number, ${range}, is expected`)
  }

/** As it is written: what it means is for the stage. */
export const asAddress = (text: string): Result<string, WordFault> =>
  parseAddress(text) === undefined ? refused(text, 'is no address: write one such as 192.0.2.1') : ok(text)
export const asIdentity = (text: string): Result<string, WordFault> => whenGood(text, parseIdentity(text))
export const asIkeProposals = (text: string): Result<string, WordFault> => whenGood(text, parseProposals(text, protocol.IKE))
export const asEspProposals = (text: string): Result<string, WordFault> => whenGood(text, parseProposals(text, protocol.ESP))
export function asSubnet(text: string): Result<string, WordFault> {
  const parsed = parseSelector(text)
  if (!parsed.ok) return parsed
  return parsed.value.addresses === 'dynamic' ? refused(text, 'is no subnet: write one such as 10.1.0.0/16') : ok(text)
}

export const eventNames: readonly string[] = Object.keys({
  message: true,
  retransmit: true,
  'nat-detected': true,
  'ike-sa-established': true,
  'ike-sa-closed': true,
  'child-sa-established': true,
  'child-sa-closed': true,
  'rekey-failed': true,
  'ike-sa-failed': true,
  'child-sa-failed': true,
  'request-refused': true,
  'unprotected-offer': true,
  'peer-alive': true,
  'peer-moved': true,
  'peer-unreachable': true,
  'path-mtu': true,
  'cookie-demanded': true,
  'message-dropped': true,
  'packet-dropped': true,
  audit: true,
  'danger-ike-keys': true,
  'danger-child-keys': true,
} satisfies Readonly<Record<Event['name'], true>>)

export function parseEventName(text: string): Result<Event['name'], WordFault> {
  return isEventName(text) ? ok(text) : failed(withAll(unknownWord('unknown event', text, 0, eventNames), eventNames))
}

/** `bypass` and the like are outcomes, too, though nothing is dropped. */
export const dropReasons: readonly string[] = [...Object.keys(drop), ...Object.keys(outcome)]

export function parseDropReason(text: string): Result<DropReason | HostOutcome, WordFault> {
  return isDropReason(text) ? ok(text) : failed(withAll(unknownWord('unknown reason', text, 0, dropReasons), dropReasons))
}

const isEventName = (text: string): text is Event['name'] => eventNames.includes(text)
const isDropReason = (text: string): text is DropReason | HostOutcome => dropReasons.includes(text)

/** Where nothing is near, all that there is. */
const withAll = (fault: WordFault, all: readonly string[]): WordFault =>
  fault.nearest === undefined ? { ...fault, message: `${fault.message}; there are ${all.join(', ')}` } : fault

const whenGood = (text: string, parsed: Result<unknown, WordFault>): Result<string, WordFault> => (parsed.ok ? ok(text) : parsed)

/** `30 %` */
function asFraction(text: string): string | undefined {
  const percent = /^(\d{1,3}) ?%?$/.exec(text)?.[1]
  return percent !== undefined && Number(percent) <= 100 ? String(Number(percent) / 100) : undefined
}

const refused = (word: string, why: string, nearest?: string): Result<never, WordFault> =>
  failed({ word, offset: 0, nearest, message: `"${word}" ${why}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}` })
