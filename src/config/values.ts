// The values of a connection file, word by word: what is wrong with each, and what it means when nothing is.
import { ok, type Result } from '../bytes/result.ts'
import type { Identity } from '../contract/identity.ts'
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { limits } from '../ike/limits.ts'
import { type Address, parseAddress } from '../net/address.ts'
import { parseIdentity } from '../policy/identity.ts'
import { isGrave, type LintFinding } from '../policy/lint-findings.ts'
import { lintProposal } from '../policy/lint-proposal.ts'
import { parseSoundSelector } from '../policy/port-sense.ts'
import { parseAddressRange } from '../policy/selector-words.ts'
import type { SelectorTemplate } from '../policy/connection.ts'
import type { PacketSelector } from '../policy/spd.ts'
import { unknownWord, type WordFault } from '../policy/words.ts'
import { namePattern } from '../documents/shape.ts'
import type { DiagnosticCode, Severity } from '../documents/diagnostic.ts'
import {
  parseDscp,
  parseDummyRate,
  parseDummySize,
  parseMtu,
  parseOctets,
  parsePackets,
  parseReplayWindow,
  parseTfcPadding,
  parseTime,
  parseWindowSize,
} from './quantities.ts'

/** What is wrong with a value: where, in UTF-16 units from its start. */
export interface ValueFault {
  readonly severity: Severity
  readonly code: DiagnosticCode
  readonly offset: number
  readonly length: number
  readonly message: string
  readonly nearest: string | undefined
}

/** None where any word will do. `place` is the kind of map that `word` is in. */
export function valueFaults(place: string, word: string, text: string): readonly ValueFault[] {
  return checks[`${place}.${word}`]?.(text) ?? []
}

export const anyone = '%any'

/** Several values in one word are separated by commas, as in swanctl.conf. */
export function splitWords(text: string): readonly { readonly text: string; readonly offset: number }[] {
  let start = 0
  return text.split(',').map((part) => {
    const offset = start + part.length - part.trimStart().length
    start += part.length + 1
    return { text: part.trim(), offset }
  })
}

export const allWords = (words: string | readonly string[] | undefined): readonly string[] =>
  (typeof words === 'string' ? [words] : (words ?? [])).flatMap((word) => splitWords(word).map(({ text }) => text))

/** Of words that have been looked at. */
export function selectorsIn(words: string | readonly string[] | undefined): readonly SelectorTemplate[] | undefined {
  if (words === undefined) return undefined
  return allWords(words).flatMap((word) => {
    const parsed = parseSoundSelector(word)
    return parsed.ok ? [parsed.value] : []
  })
}

export const addressesIn = (words: string | readonly string[] | undefined): readonly Address[] =>
  allWords(words).flatMap((word) => parseAddress(word) ?? [])

/** `undefined` for `%any`, and where nothing is written. */
export function identityIn(text: string | undefined): Identity | undefined {
  if (text === undefined || text === anyone) return undefined
  const parsed = parseIdentity(text)
  return parsed.ok ? parsed.value : undefined
}

type Check = (text: string) => readonly ValueFault[]

const each =
  (parse: (text: string) => Result<unknown, WordFault>): Check =>
  (text) =>
    splitWords(text).flatMap((part) => {
      const parsed = parse(part.text)
      return parsed.ok ? [] : [ofWord(parsed.fault, part.offset)]
    })

/** An identity may have a comma in it. */
const one =
  (parse: (text: string) => Result<unknown, WordFault>): Check =>
  (text) => {
    const parsed = parse(text)
    return parsed.ok ? [] : [ofWord(parsed.fault, 0)]
  }

function ofWord({ word, offset, nearest, message }: WordFault, start: number): ValueFault {
  return { severity: 'error', code: 'wrong-value', offset: start + offset, length: word.length, message, nearest }
}

const refused = (word: string, message: string): Result<never, WordFault> => ({
  ok: false,
  fault: { word, offset: 0, nearest: undefined, message: `"${word}" ${message}` },
})

const localAddress = (text: string): Result<unknown, WordFault> =>
  text === anyone || parseAddress(text) !== undefined ? ok(text) : refused(text, 'is no address: write one such as 192.0.2.1, or %any')

/** A name may be anything that a resolver may know; what has only digits and dots, or a colon, is an address with a mistake. */
function remoteAddress(text: string): Result<unknown, WordFault> {
  if (text === anyone || parseAddress(text) !== undefined) return ok(text)
  if (/[/]|-\d[\d.:]*$/.test(text)) return refused(text, 'is no single host: prefixes and ranges are not supported yet')
  const isName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(text) && !/^[\d.]+$/.test(text)
  return isName ? ok(text) : refused(text, 'is no address and no name of a host')
}

const identity = (text: string): Result<unknown, WordFault> => (text === anyone ? ok(text) : parseIdentity(text))

/** Octets of an IP datagram. */
function fragmentSize(text: string): Result<unknown, WordFault> {
  const { smallestFragment, messageLength } = limits
  const isSize = /^\d{1,5}$/.test(text) && Number(text) >= smallestFragment && Number(text) <= messageLength
  return isSize ? ok(text) : refused(text, `is no number from ${smallestFragment} to ${messageLength}`)
}

const policyName = (text: string): Result<unknown, WordFault> =>
  namePattern.test(text)
    ? ok(text)
    : refused(text, 'is no name: a name is 64 letters, digits, "_", "-", "." at most, a letter or a digit first')

/** What an SA may take from its packet (RFC 4301 §4.4.1). */
export const pfpWords = {
  local_addr: 'local-address',
  remote_addr: 'remote-address',
  protocol: 'protocol',
  local_port: 'local-port',
  remote_port: 'remote-port',
} as const

const isPfpWord = (word: string): word is keyof typeof pfpWords => Object.hasOwn(pfpWords, word)

export const populatedBy = (words: string | readonly string[] | undefined): readonly PacketSelector[] =>
  allWords(words)
    .filter(isPfpWord)
    .map((word) => pfpWords[word])

const pfpWord = (text: string): Result<unknown, WordFault> =>
  isPfpWord(text) ? ok(text) : { ok: false, fault: unknownWord('unknown selector', text, 0, Object.keys(pfpWords)) }

const environmentName = (text: string): Result<unknown, WordFault> =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? ok(text) : refused(text, 'is no name of an environment variable')

const proposal =
  (use: AlgorithmUse): Check =>
  (text) =>
    lintProposal(text, use).findings.map(ofLint)

function ofLint(finding: LintFinding): ValueFault {
  const { offset, word, message, rfc, instead } = finding
  const advice = instead === undefined ? '' : `; ${word === '' ? 'add' : 'write'} ${instead}`
  const severity = finding.severity === 'refused' ? 'error' : isGrave(finding) ? 'warning' : 'note'
  const clause = rfc === undefined ? '' : ` (${rfc})`
  return { severity, code: 'proposal', offset, length: word.length, message: `${message}${clause}${advice}`, nearest: instead }
}

const times = ['connection.rekey_time', 'connection.reauth_time', 'connection.over_time', 'connection.rand_time']
times.push('connection.dpd_delay', 'connection.keep_alive')
times.push('child.rekey_time', 'child.life_time', 'child.rand_time')
const octets = ['child.rekey_bytes', 'child.life_bytes', 'child.rand_bytes']
const packets = ['child.rekey_packets', 'child.life_packets', 'child.rand_packets']
const all = (words: readonly string[], check: Check): Readonly<Record<string, Check>> =>
  Object.fromEntries(words.map((word) => [word, check]))

const checks: Readonly<Partial<Record<string, Check>>> = {
  'connection.local_addrs': each(localAddress),
  'connection.remote_addrs': each(remoteAddress),
  'connection.proposals': proposal('IKE'),
  'connection.fragment_size': one(fragmentSize),
  'end.id': one(identity),
  'child.local_ts': each(parseSoundSelector),
  'child.remote_ts': each(parseSoundSelector),
  'policy.name': one(policyName),
  'policy.local_ts': each(parseSoundSelector),
  'policy.remote_ts': each(parseSoundSelector),
  'policy.pfp': each(pfpWord),
  'child.esp_proposals': proposal('ESP'),
  'connection.overlap_pool': each(parseAddressRange),
  'child.ah_proposals': proposal('AH'),
  'connection.window_size': one(parseWindowSize),
  'child.replay_window': one(parseReplayWindow),
  'child.tfc_padding': one(parseTfcPadding),
  'child.dummies': one(parseDummyRate),
  'child.dummy_size': one(parseDummySize),
  'child.mtu': one(parseMtu),
  'child.outer_dscp': one(parseDscp),
  ...all(times, one(parseTime)),
  ...all(octets, one(parseOctets)),
  ...all(packets, one(parsePackets)),
  'secret.id': one(identity),
  'secret.env': one(environmentName),
}
