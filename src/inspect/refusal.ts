// Why something was refused, as text: the first line names the cause in plain words, the lines after it compare what was offered with
// what is configured. Nothing is guessed: where the peer said no, or said nothing, the text tells what was seen and where to look.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { toHex, u16 } from '../bytes/bytes.ts'
import type { Fault } from '../contract/faults.ts'
import type {
  AuthenticationRefusal,
  IdentityRefusal,
  KeyExchangeRefusal,
  KeySlip,
  NotifyRefusal,
  OverlapRefusal,
  ProposalComparison,
  ProposalRefusal,
  ProtocolRefusal,
  Refusal,
  SelectorRefusal,
  SilenceRefusal,
  TransformVerdict,
} from '../contract/refusal.ts'
import type { TransformChoice } from '../contract/transforms.ts'
import { authMethodName } from '../iana/authentication.ts'
import { exchange, exchangeName } from '../iana/exchanges.ts'
import { notify, notifyName } from '../iana/notify.ts'
import { formatEndpoint, sameEndpoint } from '../net/address.ts'
import { protocolName } from '../iana/protocols.ts'
import { transformType } from '../iana/transforms.ts'
import {
  describeIdentity,
  formatProposalLines,
  formatSelectors,
  formatTransform,
  formatTransforms,
  transformTypeWords,
} from './describe.ts'
import { escapeText } from './escape.ts'

/** A failure as lines: the cause, then the comparison, indented. Without a refusal it is the fault that speaks. */
export function formatFailure(fault: Fault, refusal: Refusal | undefined): readonly string[] {
  if (refusal !== undefined) return formatRefusal(refusal)
  const where = fault.family === 'wire' ? ` (${escapeText(fault.field)}, offset ${fault.offset})` : ''
  const rfc = 'rfc' in fault ? `, ${fault.rfc.replace(/^(?=\d)/, 'RFC ')}` : ''
  return [`${escapeText(fault.message)}${where} [${fault.code}${rfc}]`]
}

/** The first line names the cause; those after it are indented. */
export function formatRefusal(refusal: Refusal): readonly string[] {
  switch (refusal.kind) {
    case 'proposal':
      return proposalLines(refusal)
    case 'selectors':
      return selectorLines(refusal)
    case 'overlap':
      return overlapLines(refusal)
    case 'identity':
      return identityLines(refusal)
    case 'mode':
      return [`the modes differ: the initiator offered ${refusal.offered} mode, the responder has ${refusal.configured} mode configured`]
    case 'protocol':
      return protocolLines(refusal)
    case 'authentication':
      return authenticationLines(refusal)
    case 'key-exchange':
      return keyExchangeLines(refusal)
    case 'notify':
      return notifyLines(refusal)
    case 'silence':
      return silenceLines(refusal)
  }
}

// ---- proposals -----------------------------------------------------------------------------------------------------

function proposalLines(refusal: ProposalRefusal): readonly string[] {
  const protocol = protocolName(refusal.protocol)
  const nearest = refusal.comparisons.toSorted((a, b) => disagreements(a).length - disagreements(b).length)[0]
  if (nearest === undefined) return [`no common ${protocol} proposal: none was offered that could be compared with a configured one`]
  const { offered, configured } = nearest
  const cause =
    offered.protocol === configured.protocol
      ? disagreements(nearest).map(verdictWords).join('; ')
      : `protocol differs: peer offered ${protocolName(offered.protocol)}, configured ${protocolName(configured.protocol)}`
  const more = refusal.comparisons.length === 1 ? '' : ' (in the proposals that come nearest)'
  return [`no common ${protocol} proposal: ${cause}${more}`, ...refusal.comparisons.flatMap(comparisonLines)]
}

const disagreements = (comparison: ProposalComparison): readonly TransformVerdict[] =>
  comparison.verdicts.filter((verdict) => verdict.verdict !== 'agree')

function verdictWords(verdict: TransformVerdict): string {
  const type = transformTypeWords(verdict.transformType)
  const offered = formatTransforms(verdict.offered)
  const configured = formatTransforms(verdict.configured)
  switch (verdict.verdict) {
    case 'agree':
      return `${type} agrees`
    case 'differ':
      return `${type} differs: peer offered ${offered}, configured ${configured}`
    case 'not-offered':
      return `${type} was not offered: configured ${configured}`
    case 'not-configured':
      return `${type} is not configured: peer offered ${offered}`
  }
}

const verdictWord = { agree: 'agrees', differ: 'differs', 'not-offered': 'not offered', 'not-configured': 'not configured' } as const

function comparisonLines(comparison: ProposalComparison): readonly string[] {
  const { offered, configured } = comparison
  // RFC 7296 §2.7: then there is nothing else to compare.
  const protocols =
    offered.protocol === configured.protocol
      ? []
      : [['protocol', 'differs', `offered ${protocolName(offered.protocol)}`, `configured ${protocolName(configured.protocol)}`]]
  const transforms = comparison.verdicts.map((verdict) => [
    transformTypeWords(verdict.transformType),
    verdictWord[verdict.verdict],
    `offered ${formatTransforms(verdict.offered)}`,
    `configured ${formatTransforms(verdict.configured)}`,
  ])
  return [`  proposal ${comparison.offeredNumber} against ours:`, ...columns([...protocols, ...transforms]).map((row) => `    ${row}`)]
}

// ---- selectors, identities, authentication -----------------------------------------------------------------------------

function selectorLines(refusal: SelectorRefusal): readonly string[] {
  const whose = refusal.side === 'TSi' ? "the initiator's" : "the responder's"
  const reasons = {
    addresses: 'no address is in both',
    protocol: 'the protocols differ',
    ports: 'no port is in both',
    version: 'one is IPv4, the other IPv6',
    empty: 'one of them is empty',
    narrower: 'it is less than what is in use (RFC 7296 §2.9.2)',
    several: 'policy has an SA for each value (PFP), and the first selector names several (RFC 7296 §2.9)',
    swapped: 'local and remote are swapped on one side',
  } as const
  return [
    `${whose} traffic selectors (${refusal.side}) have nothing in common: ${reasons[refusal.reason]}: offered ${formatSelectors(refusal.offered)}, configured ${formatSelectors(refusal.configured)}`,
    ...columns(
      refusal.offered.flatMap((offered) =>
        refusal.configured.map((configured) => [`offered ${formatSelectors([offered])}`, `configured ${formatSelectors([configured])}`]),
      ),
    ).map((row) => `    ${row}`),
  ]
}

function overlapLines({ reason, address, other, offered }: OverlapRefusal): readonly string[] {
  const who = other === undefined ? 'another peer' : describeIdentity(other)
  const causes = {
    'other-peer': `${address} is the address of ${who}, too, as hosts behind one NAT have one: the traffic of the two could not be told apart (RFC 3948 §5.2)`,
    'pool-exhausted': `${address} is the address of ${who}, too, and the pool has none left that this peer could be known by instead (RFC 3948 §5.2)`,
    'in-pool': `${address} is in the pool of addresses that we give to peers behind one NAT: it cannot be a peer's own (RFC 3948 §5.2)`,
  } as const
  return [causes[reason], `    offered ${formatSelectors(offered)}`]
}

function identityLines(refusal: IdentityRefusal): readonly string[] {
  const got = describeIdentity(refusal.got)
  if (refusal.expected.length === 0) return [`the peer's identity ${got} is not one that is configured`]
  const expected = refusal.expected.map(describeIdentity).join(', ')
  const why = { type: 'is of another type than', value: 'is not', unknown: 'is not one of' }[refusal.reason]
  return [
    `the peer's identity ${got} ${why} the expected ${expected}`,
    `    got ${got}`,
    ...refusal.expected.map((id) => `    expected ${describeIdentity(id)}`),
  ]
}

function protocolLines({ protocol, reason, behindNat }: ProtocolRefusal): readonly string[] {
  const name = protocolName(protocol)
  switch (reason) {
    case 'nat':
      return [
        `${name} cannot be used here: ${behindWords(behindNat)} behind a NAT, which changes the addresses that ${name} authenticates (RFC 3715 §2.1)`,
        '    look at: ESP that authenticates only, which goes in UDP: null-sha256, aes128gmac',
      ]
    case 'forced-encapsulation':
      return [
        `${name} cannot be used here: all is to go in UDP, as if behind a NAT, and ${name} never does (RFC 3948 §1)`,
        '    look at: encap, or --no-force-encap; or ESP that authenticates only: null-sha256, aes128gmac',
      ]
    case 'driver':
      return [
        `${name} cannot be used here: it is about whole IP packets (RFC 4302 §3.3.3), and our driver has none, only UDP`,
        '    look at: ESP that authenticates only, which goes in UDP: null-sha256, aes128gmac',
      ]
  }
}

function behindWords({ local, remote }: ProtocolRefusal['behindNat']): string {
  if (local === 'no-nat') return 'the peer is, or says so,'
  return remote === 'no-nat' ? 'we are' : 'both ends are'
}

function authenticationLines(refusal: AuthenticationRefusal): readonly string[] {
  const peer = describeIdentity(refusal.peer)
  const method = authMethodName(refusal.method)
  switch (refusal.reason) {
    case 'wrong-key':
      return [
        `the peer ${peer} could not be authenticated: its AUTH payload was not made with our key${slipWords(refusal.slip)}`,
        `    method: ${method}`,
        '    look at: the key on both sides, to the octet (final newline, encoding); the identity that each side keeps it under',
      ]
    case 'method':
      return [`the peer ${peer} authenticates itself by ${method}: configured ${authMethodName(2)}`]
    case 'missing':
      return [`the peer ${peer} sent no AUTH payload: configured ${method}`]
    case 'rejected-by-peer':
      return [
        `the peer ${peer} did not accept our authentication`,
        `    method: ${method}`,
        '    look at: the key on both sides, to the octet; our identity and the one that it expects of us; its log',
      ]
  }
}

/** Found by trying: the peer's AUTH verifies with the key that the words describe. */
function slipWords(slip: KeySlip | undefined): string {
  if (slip === undefined) return ''
  const words = {
    'final-newline': 'one of the two copies has a newline at the end',
    'final-crlf': 'one of the two copies has a carriage return and a newline at the end',
    'surrounding-space': 'one of the two copies has white space around it',
    quotes: 'one of the two copies has quotation marks around it',
    hexadecimal: 'the peer uses as text what we read as hexadecimal',
    'no-hexadecimal': 'the peer reads as hexadecimal what we use as text',
  } as const
  return `, but with one that differs in this: ${words[slip]}`
}

function keyExchangeLines(refusal: KeyExchangeRefusal): readonly string[] {
  const got = group(refusal.got)
  if (refusal.reason === 'public-value-invalid')
    return [`the peer's public value for key exchange ${got} is not valid (RFC 6989 §2, RFC 8031 §3.2)`]
  return [`key exchange ${got} is not accepted: configured ${formatTransforms(refusal.wanted.map(groupChoice))}`]
}

// ---- what the peer said, or did not say ----------------------------------------------------------------------------------

function notifyLines(refusal: NotifyRefusal): readonly string[] {
  const name = `${notifyName(refusal.type)} (${refusal.type})`
  const trust = refusal.protected === 'protected' ? 'authenticated' : 'not authenticated, anyone on the path could have sent it'
  const lines = [`the peer refused: ${notifyWords(refusal)}`, `    it said: ${name}${notifyValue(refusal)}; ${trust}`]
  for (const [i, offered] of refusal.offered.entries()) {
    lines.push(i === 0 ? `    we offered for ${protocolName(offered.protocol)}:` : '    or:')
    lines.push(...formatProposalLines(offered).map((line) => `      ${line}`))
  }
  if (refusal.selectors !== undefined) {
    lines.push(`    our selectors: local ${formatSelectors(refusal.selectors.local)}, remote ${formatSelectors(refusal.selectors.remote)}`)
  }
  lines.push(`    look at: ${notifyPlace(refusal.type)}`)
  return lines
}

/** RFC 7296 §3.10.1, each error in a few plain words. */
function notifyWords(refusal: NotifyRefusal): string {
  switch (refusal.type) {
    case notify.NO_PROPOSAL_CHOSEN:
      return 'none of the proposals that we offered suits it'
    case notify.INVALID_KE_PAYLOAD:
      return 'it wants another key exchange method than we use'
    case notify.AUTHENTICATION_FAILED:
      return 'it could not authenticate us'
    case notify.TS_UNACCEPTABLE:
      return 'none of our traffic selectors suits it'
    case notify.INVALID_SYNTAX:
      return 'it found our message malformed'
    case notify.INVALID_MAJOR_VERSION:
      return 'it does not speak IKEv2'
    case notify.UNSUPPORTED_CRITICAL_PAYLOAD:
      return 'it does not know a payload that we marked critical'
    case notify.SINGLE_PAIR_REQUIRED:
      return 'it wants selectors for a single pair of addresses'
    case notify.NO_ADDITIONAL_SAS:
      return 'it takes no more SAs'
    case notify.TEMPORARY_FAILURE:
      return 'it cannot do it just now'
    default:
      return notifyName(refusal.type)
  }
}

function notifyValue(refusal: NotifyRefusal): string {
  // RFC 7296 §1.2: the data of INVALID_KE_PAYLOAD is the group that is wanted, in two octets.
  if (refusal.type === notify.INVALID_KE_PAYLOAD && refusal.value.length === 2) return `, it wants ${group(u16(refusal.value, 0))}`
  return refusal.value.length === 0 ? '' : ` with data ${toHex(refusal.value.subarray(0, 32))}`
}

function notifyPlace(type: number): string {
  switch (type) {
    case notify.NO_PROPOSAL_CHOSEN:
    case notify.INVALID_KE_PAYLOAD:
      return "the peer's proposals for this connection (it need not tell them), its mode (transport or tunnel), and its log"
    case notify.AUTHENTICATION_FAILED:
      return "the key on both sides, our identity and the one that it expects of us (it need not tell which of them), and the peer's log"
    case notify.TS_UNACCEPTABLE:
    case notify.SINGLE_PAIR_REQUIRED:
      return "the peer's selectors for this connection, and its log"
    default:
      return "the peer's log"
  }
}

function silenceLines(refusal: SilenceRefusal): readonly string[] {
  const times = refusal.transmissions === 1 ? 'once' : `${refusal.transmissions} times`
  const what = exchangeName(refusal.exchangeType)
  const sent = `sent ${times} in ${(refusal.elapsed / 1000).toFixed(1)} s to ${formatEndpoint(refusal.remote)}`
  const where =
    refusal.exchangeType === exchange.IKE_SA_INIT
      ? '    look at: the address and port; whether an IKE daemon listens there; whether UDP ports 500 and 4500 pass both ways'
      : '    look at: whether UDP port 4500 passes both ways, and datagrams of this size; whether the peer is still there; its log'
  return [`no answer to ${what}: ${sent}, ${silenceWords(refusal)}`, where]
}

/** What was seen instead of an answer. None of it is proof: anybody can send it (RFC 7296 §2.21.4). */
function silenceWords({ hint, heardFrom, remote }: SilenceRefusal): string {
  if (hint === 'port-unreachable') return 'and the network says that the port is closed (ICMP port unreachable)'
  if (hint === 'answered-in-ikev1') return 'and what came back was IKEv1: the peer may speak nothing else'
  if (hint === 'answered-in-part') return 'and of the answer some fragments came and others never did'
  if (heardFrom === undefined || sameEndpoint(heardFrom, remote)) return 'nothing came back'
  return `nothing came back, while ${formatEndpoint(heardFrom)} had answered before`
}

// ---- helpers ---------------------------------------------------------------------------------------------------------

const groupChoice = (id: number): TransformChoice => ({ type: transformType.KE, id, keyLength: undefined })
const group = (id: number): string => formatTransform(groupChoice(id))

/** Rows of cells, each column as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
}
