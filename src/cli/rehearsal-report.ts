// A rehearsal in words: what is agreed on, what becomes of it, what to be careful of; or where the two part, as each of them says. Pure.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { ConfiguredConnection } from '../config/connection-file.ts'
import { formatTime } from '../documents/times.ts'
import { authenticatedOnly, describeIdentity, formatChildSuite, formatIkeSuite, formatSelectors } from '../inspect/describe.ts'
import { escapeText } from '../inspect/escape.ts'
import { formatFailure } from '../inspect/refusal.ts'
import { protocolName } from '../iana/protocols.ts'
import type { Caution, Span } from '../lab/forecast.ts'
import type { Rehearsal, Start } from '../lab/rehearsal.ts'
import type { Failures, RehearsalParty, Side } from '../lab/rehearsal-stage.ts'
import type { Due, Renewal, RenewalResult } from '../lab/renewal.ts'
import { parseAddress } from '../net/address.ts'
import { encrypts } from '../policy/algorithms.ts'
import { accented } from './console.ts'

/** Who plays whom. */
export type Cast = Readonly<Record<Side, CastMember>>
export interface CastMember {
  readonly file: string
  readonly party: RehearsalParty
  readonly configured: ConfiguredConnection
}

export function rehearsalLines({ verdict, starts, forecast, cautions }: Rehearsal, cast: Cast): readonly string[] {
  const lines = sides.map((side) => castLine(side, cast[side]))
  for (const start of starts) {
    const isKnown = starts.some((other) => other.by === 'a' && start.by === 'b' && sameAgreement(start, other))
    lines.push('', ...(isKnown ? sameLines(start) : startLines(start)))
  }
  if (forecast.childSas.length > 0) {
    lines.push('', ...forecast.childSas.map((span) => spanLine(`Child SA ${span.child}`, span)), spanLine('IKE SA', forecast.ikeSa))
  }
  const remarks = remarksOf(cautions, cast)
  if (remarks.length > 0) lines.push('', ...remarks.map((remark) => `${accented('careful', 'careful:')} ${remark}`))
  return [...lines, '', verdict === 'agree' ? accented('good', 'the two agree') : accented('bad', 'the two do not agree')]
}

/** What no negotiation shows. */
export function remarksOf(cautions: readonly Caution[], cast: Cast): readonly string[] {
  const names = sides.flatMap((side) => nameRemark(side, cast[side]))
  return [...names, ...cautions.map(cautionWords)]
}

const sides = ['a', 'b'] as const
export const letterOf = (side: Side): string => side.toUpperCase()

const castLine = (side: Side, { file, party: { connection, address } }: CastMember): string =>
  `${letterOf(side)} is ${escapeText(file)}, ${connection.name}: ${describeIdentity(connection.localIdentity)} at ${address}`

function nameRemark(side: Side, { configured: { remoteHost }, party: { peer } }: CastMember): readonly string[] {
  if (remoteHost === undefined || parseAddress(remoteHost) !== undefined) return []
  return [`${letterOf(side)} reaches the other side by name: ${escapeText(remoteHost)} was not looked up, and taken to be ${peer}`]
}

// ---- what is negotiated ------------------------------------------------------------------------------------------------

/** What the other side's start has come to as well. */
const sameLines = ({ by, child, outcome: { retries } }: Start): readonly string[] => [
  `${letterOf(by)} starts ${child}: ${accented('good', 'the same')}`,
  ...retryLines(retries),
]

function startLines({ by, child, outcome }: Start): readonly string[] {
  const head = `${letterOf(by)} starts ${child}: `
  if (outcome.kind === 'refused')
    return [`${head}${accented('bad', 'refused')}`, ...failureLines(outcome.failures), ...retryLines(outcome.retries)]
  const { ikeSa, childSa, linkMtu, mtu } = outcome
  const encapsulation = childSa.encapsulation === 'udp' ? ' in UDP' : ''
  return [
    `${head}${accented('good', 'established')}`,
    `  IKE SA    ${formatIkeSuite(ikeSa.suite)}`,
    `            ${describeIdentity(ikeSa.localIdentity)} with ${describeIdentity(ikeSa.remoteIdentity)}`,
    `  Child SA  ${protocolName(childSa.suite.protocol)} ${formatChildSuite(childSa.suite)}, ${childSa.mode} mode${encapsulation}`,
    ...(encrypts(childSa.suite) ? [] : [`            ${authenticatedOnly}`]),
    `            ${formatSelectors(childSa.localSelectors)} ↔ ${formatSelectors(childSa.remoteSelectors)}`,
    `  MTU       packets of ${mtu} octets fit into those of ${linkMtu}`,
    ...retryLines(outcome.retries),
    ...outcome.renewals.flatMap(renewalLines),
  ]
}

/** With what is one's own and what is the other's exchanged, where the other one has started. */
export function sameAgreement(one: Start, other: Start): boolean {
  const [a, b] = [agreementOf(one), agreementOf(other)]
  return a !== undefined && a === b
}

function agreementOf({ by, outcome }: Start): string | undefined {
  if (outcome.kind === 'refused') return undefined
  const { ikeSa, childSa } = outcome
  const selectors = [formatSelectors(childSa.localSelectors), formatSelectors(childSa.remoteSelectors)]
  if (by === 'b') selectors.reverse()
  const suite = `${protocolName(childSa.suite.protocol)} ${formatChildSuite(childSa.suite)}`
  return [formatIkeSuite(ikeSa.suite), suite, childSa.mode, childSa.encapsulation, ...selectors].join(' | ')
}

const retryLines = (retries: number): readonly string[] =>
  retries === 0
    ? []
    : [`  the first key exchange is in vain: INVALID_KE_PAYLOAD costs ${retries === 1 ? 'a round trip' : `${retries} round trips`}`]

function failureLines(failures: Failures): readonly string[] {
  return sides.flatMap((side) => {
    const failure = failures[side]
    if (failure === undefined) return []
    const [head = '', ...rest] = formatFailure(failure.fault, failure.refusal)
    return [`  ${letterOf(side)} says: ${head}`, ...rest.map((line) => `  ${line}`)]
  })
}

// ---- what becomes of it ------------------------------------------------------------------------------------------------

function renewalLines({ of, by, due, result }: Renewal): readonly string[] {
  if (result.kind === 'never') return []
  // RFC 4478 §3: a responder tells when it wants it, and the initiator does it.
  const whose = of === 'reauthentication' ? `as ${letterOf(by)} wants it` : `by ${letterOf(by)}`
  const head = `  ${renewed[of]} ${whose}, ${dueWords(due)}: `
  if (result.kind === 'renewed') return [`${head}${accented('good', 'done')}${successWords(of, result)}`]
  return [
    `${head}${accented('bad', 'refused')}; ${consequences[result.consequence]}`,
    ...failureLines(result.failures).map((line) => `  ${line}`),
  ]
}

const renewed = { 'child-sa': 'rekey of the Child SA', 'ike-sa': 'rekey of the IKE SA', reauthentication: 'reauthentication' } as const

function successWords(of: Renewal['of'], { keyExchange, retries }: Extract<RenewalResult, { readonly kind: 'renewed' }>): string {
  const secrecy =
    of !== 'child-sa' ? '' : keyExchange === 'own' ? ', with a key exchange of its own' : ', without a key exchange of its own'
  return retries === 0
    ? secrecy
    : `${secrecy}, after ${retries === 1 ? 'a round trip' : `${retries} round trips`} in vain (INVALID_KE_PAYLOAD)`
}

const consequences = {
  'set-up-anew': 'everything is set up from scratch instead, each time',
  fails: 'setting up from scratch fails, too, and it ends with its lifetime',
  ends: 'it ends with its lifetime',
} as const

export function dueWords(due: Due): string {
  switch (due.kind) {
    case 'never':
      return 'never'
    case 'time':
      return due.earliest === due.latest ? `after ${roughly(due.latest)}` : `after ${roughly(due.earliest)} to ${roughly(due.latest)}`
    case 'volume': {
      const limits = [due.bytes === undefined ? [] : [`${due.bytes} octets`], due.packets === undefined ? [] : [`${due.packets} packets`]]
      return `after ${limits.flat().join(' or ')}`
    }
  }
}

/** `3h36m`, to the second from a minute on: nobody plans by less. */
function roughly(time: number): string {
  if (time < 60_000) return formatTime(time)
  const seconds = Math.round(time / 1000)
  const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part, i) => (part === 0 ? '' : `${part}${'dhms'[i]}`)).join('')
}

function spanLine(name: string, { rekey, hard, first }: Span): string {
  const endOf = (side: Side): string => {
    const end = hard[side]
    return end === undefined ? 'no end' : `ends after ${roughly(end)}`
  }
  const rekeys = (due: Due): string => (due.kind === 'never' ? 'never rekeys' : `rekeys ${dueWords(due)}`)
  const sideWords = sides.map((side) => `${letterOf(side)} ${rekeys(rekey[side])}, ${endOf(side)}`)
  const who = { a: 'A is first', b: 'B is first', either: 'either is first', nobody: 'nobody does by time' }[first]
  return `${name}: ${sideWords.join('; ')}: ${who}`
}

const saOf = ({ child }: { readonly child: string | undefined }): string => (child === undefined ? 'the IKE SA' : `the Child SA ${child}`)

const whoNever = ([side, other]: readonly Side[]): string =>
  side === undefined || other !== undefined ? 'neither side asks' : `${letterOf(side)} never asks`

function cautionWords(caution: Caution): string {
  switch (caution.kind) {
    case 'nobody-starts':
      return 'neither file says where the other side is: nobody starts unless told to (ping HOST); A was told here'
    case 'dead-peer-unnoticed':
      return `${whoNever(caution.sides)} whether the other side lives (dpd_delay: 0): that it is gone is noticed when something is rekeyed`
    case 'ends-before-rekey':
      return `${saOf(caution)} is ended by ${letterOf(caution.side)} after ${roughly(caution.hard)}, before anyone gives it new keys for its age`
    case 'not-in-udp':
      return `${saOf(caution)} is ${protocolName(caution.protocol)} that does not go in UDP: each side needs a raw path (Linux, root)`
    case 'never-rekeyed':
      return `${saOf(caution)} never gets new keys`
    case 'rekeyed-together':
      return `both give ${saOf(caution)} new keys at the same moment, of which one set is in vain: rand_time is for that`
  }
}
