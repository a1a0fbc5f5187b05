// What the options of `ping` and `respond` mean: from words to the types of the house. Pure, so that tests need neither files nor sockets.
import { InvalidArgumentError } from 'commander'
import type { Result } from '../bytes/result.ts'
import type { ConfiguredChild, ConfiguredConnection, KeySource } from '../config/connection-file.ts'
import { parseDummyRate } from '../config/quantities.ts'
import { type ConfiguredPolicy, policiesFor } from '../config/policies.ts'
import type { Identity } from '../contract/identity.ts'
import type { DummyTerms, SaMode } from '../contract/install.ts'
import type { ProposalTemplate } from '../contract/transforms.ts'
import type { Milliseconds } from '../contract/units.ts'
import { configurationFailure, usageFailure } from './exit-codes.ts'
import { protocol } from '../iana/protocols.ts'
import { type Address, parseAddress } from '../net/address.ts'
import { anyDynamic, type ChildConfig, type ConnectionTerms, type SelectorTemplate } from '../policy/connection.ts'
import { childDefaults, connectionDefaults } from '../policy/defaults.ts'
import { whyNoDummies } from '../policy/dummies.ts'
import { parseIdentity } from '../policy/identity.ts'
import { defaultEspProposals, defaultIkeProposals, parseProposals } from '../policy/proposal-words.ts'
import { parseSoundSelector } from '../policy/port-sense.ts'
import type { SpdEntry } from '../policy/spd.ts'
import { nearestWord, type WordFault } from '../policy/words.ts'

/** What both roles share. */
export interface ConnectOptions {
  readonly key: KeySource
  /** What the connection is called. */
  readonly connection: string
  /** An address or a name; `undefined`: what the command line says, or anyone. */
  readonly remoteHost: string | undefined
  /** `undefined`: the local address. */
  readonly localIdentity: Identity | undefined
  /** `undefined`: whoever has the key. */
  readonly remoteIdentity: Identity | undefined
  readonly ikeProposals: readonly ProposalTemplate[]
  readonly terms: ConnectionTerms
  /** One for `ping`, which sets it up; `respond` accepts any. */
  readonly children: readonly [ChildConfig, ...ChildConfig[]]
  /** Of the file, for a host that has these children; `undefined`: what their selectors cover is protected. */
  readonly policies: readonly SpdEntry[] | undefined
  readonly local: LocalBinding | undefined
  /** The responder's, whoever we are. */
  readonly port: number
  readonly natPort: number
  readonly capture: string | undefined
  readonly dangerKeys: string | undefined
  /** Where failures are written as a page. */
  readonly why: string | undefined
  readonly encapsulation: 'force' | 'when-needed'
  /** `raw`: ESP and AH without UDP, by the raw path. */
  readonly bare: 'raw' | 'none'
  readonly output: 'text' | 'json'
}

/** A connection of a file, with the policies that the file has. */
export interface ChosenConnection extends ConfiguredConnection {
  readonly policies?: readonly ConfiguredPolicy[] | undefined
}

export interface LocalBinding {
  readonly address: Address
  /** `undefined` when only an address was given. */
  readonly ports: { readonly ike: number; readonly nat: number } | undefined
}

/** As commander hands them over, after the parsers below. */
export interface RawConnectOptions {
  readonly config?: string
  readonly conn?: string
  readonly child?: string
  readonly pskFile?: string
  readonly id?: Identity
  readonly peerId?: Identity
  readonly mode?: SaMode
  readonly proposal?: readonly ProposalTemplate[]
  readonly esp?: readonly ProposalTemplate[]
  readonly ah?: readonly ProposalTemplate[]
  readonly tsLocal?: readonly SelectorTemplate[]
  readonly tsRemote?: readonly SelectorTemplate[]
  /** The time between two. */
  readonly dummies?: Milliseconds | 'none'
  readonly port: number
  readonly natPort: number
  readonly local?: LocalBinding
  readonly capture?: string
  readonly dangerKeys?: string
  readonly why?: string
  readonly forceEncap: boolean
  readonly bare?: boolean
  readonly json?: boolean
}

/**
 * What is written on the command line, in the place of what the file says of its connection, in the place of what we would do unasked.
 * Throws a `CommandFailure` without a key, which commander would miss before it looks at misspelt options.
 */
export function connectOptions(raw: RawConnectOptions, file?: ChosenConnection): ConnectOptions {
  const key: KeySource | undefined = raw.pskFile === undefined ? file?.key : { kind: 'file', path: raw.pskFile }
  if (key === undefined) {
    throw usageFailure('--psk-file is missing: the file with the pre-shared key, or - for the standard input; or name a --config FILE')
  }
  const children = childrenOf(raw, file)
  for (const { dummies, proposals } of children) {
    const why = dummies === undefined ? undefined : whyNoDummies(proposals)
    if (why !== undefined) throw usageFailure(`there can be no dummies: ${why}`)
  }
  // AH never goes in UDP (RFC 3948 §1): nobody who asks for it wants that forced, and there is no other way for it.
  const isBare = raw.bare === true || children.some(usesAh)
  return {
    key,
    connection: file?.name ?? 'peer',
    remoteHost: file?.remoteHost,
    localIdentity: raw.id ?? file?.localIdentity,
    remoteIdentity: raw.peerId ?? file?.remoteIdentity,
    ikeProposals: raw.proposal ?? file?.proposals ?? defaultIkeProposals,
    terms: withLiveness(file === undefined ? connectionDefaults : termsOf(file), raw),
    children,
    policies:
      file?.policies === undefined
        ? undefined
        : policiesFor(file.policies, (name, child) => name === file.name && namesOf(children).includes(child)),
    local: raw.local ?? (file?.localAddress === undefined ? undefined : { address: file.localAddress, ports: undefined }),
    port: raw.port,
    natPort: raw.natPort,
    capture: raw.capture,
    dangerKeys: raw.dangerKeys,
    why: raw.why,
    encapsulation: raw.forceEncap && !isBare ? (file?.encapsulation ?? 'force') : 'when-needed',
    bare: isBare ? 'raw' : 'none',
    output: raw.json === true ? 'json' : 'text',
  }
}

/** All children of the file, or the one that is named; each as the options say. */
function childrenOf(raw: RawConnectOptions, file: ConfiguredConnection | undefined): readonly [ChildConfig, ...ChildConfig[]] {
  const written = file === undefined ? [{ name: 'child', ...nothingWritten }] : childrenNamed(file, raw.child)
  const [first = { name: 'child', ...nothingWritten }, ...others] = written
  const childOf = (child: ConfiguredChild): ChildConfig => ({
    ...child,
    mode: raw.mode ?? child.mode,
    proposals: writtenProposals(raw) ?? child.proposals ?? defaultEspProposals,
    localSelectors: raw.tsLocal ?? child.localSelectors ?? [anyDynamic],
    remoteSelectors: raw.tsRemote ?? child.remoteSelectors ?? [anyDynamic],
    dummies: writtenDummies(raw) ?? (raw.dummies === 'none' ? undefined : child.dummies),
  })
  return [childOf(first), ...others.map(childOf)]
}

const writtenDummies = ({ dummies }: RawConnectOptions): DummyTerms | undefined =>
  dummies === undefined || dummies === 'none' ? undefined : { interval: dummies, octets: undefined }

/** RFC 7296 §2.4: whoever asks for dummies by the way does not want them sent to nobody for an hour. */
function withLiveness(terms: ConnectionTerms, raw: RawConnectOptions): ConnectionTerms {
  return writtenDummies(raw) === undefined ? terms : { ...terms, livenessDelay: terms.livenessDelay ?? dummyLivenessDelay }
}

const dummyLivenessDelay: Milliseconds = 30_000

/** With both, ESP is preferred. */
function writtenProposals({ esp, ah }: RawConnectOptions): readonly ProposalTemplate[] | undefined {
  return esp === undefined && ah === undefined ? undefined : [...(esp ?? []), ...(ah ?? [])]
}

const usesAh = ({ proposals }: ChildConfig): boolean => proposals.some((template) => template.protocol === protocol.AH)

function childrenNamed(file: ConfiguredConnection, wanted: string | undefined): readonly ConfiguredChild[] {
  if (wanted === undefined) return file.children
  const found = file.children.filter(({ name }) => name === wanted)
  if (found.length > 0) return found
  throw configurationFailure(`"${file.name}" has no child ${wanted}; ${insteadOf(wanted, namesOf(file.children))}`)
}

const nothingWritten: Omit<ConfiguredChild, 'name'> = {
  mode: 'transport',
  proposals: undefined,
  localSelectors: undefined,
  remoteSelectors: undefined,
  ...childDefaults,
}

const termsOf = (connection: ConfiguredConnection): ConnectionTerms => {
  const { fragmentation, fragmentSize, lifetime, childless, uniqueness, windowSize, livenessDelay, overlap, keepaliveInterval } = connection
  return { fragmentation, fragmentSize, lifetime, childless, uniqueness, windowSize, livenessDelay, overlap, keepaliveInterval }
}

export const namesOf = (named: readonly { readonly name: string }[]): readonly string[] => named.map(({ name }) => name)

/** What to say of a name that there is none of. */
export function insteadOf(wanted: string, names: readonly string[]): string {
  const nearest = nearestWord(wanted, names)
  return nearest === undefined ? `there is ${names.join(', ')}` : `did you mean ${nearest}?`
}

/** Below this many octets a key is called short: NIST SP 800-107r1 §5.3.2 wants 112 bits, RFC 7296 §2.15 as much entropy as the strongest key. */
export const shortKey = 16

/** The key in the octets of a file: one final newline (LF or CR LF) is not part of it. */
export function keyOfFile(octets: Uint8Array): { readonly key: Uint8Array; readonly newline: 'stripped' | 'none' } {
  if (octets.at(-1) !== 0x0a) return { key: octets, newline: 'none' }
  return { key: octets.slice(0, octets.at(-2) === 0x0d ? -2 : -1), newline: 'stripped' }
}

// ---- parsers of single words: commander turns what they throw into one line ------------------------------------------------

export function parseModeWord(text: string): SaMode {
  if (text === 'transport' || text === 'tunnel') return text
  const nearest = nearestWord(text, ['transport', 'tunnel'])
  throw new InvalidArgumentError(nearest === undefined ? 'Valid words: transport, tunnel.' : `Did you mean ${nearest}?`)
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65535) throw new InvalidArgumentError('A port is a number from 1 to 65535.')
  return port
}

/** A sequence number of an echo request has 16 bits. */
export function parseCount(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > 65535) throw new InvalidArgumentError('A count is a number from 1 to 65535.')
  return count
}

/** The data of an echo message in the longest IPv4 packet. */
export function parseSize(text: string): number {
  const size = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (size < 0 || size > 65_507) throw new InvalidArgumentError('A size is a number of octets from 0 to 65507.')
  return size
}

/** Seconds with a fraction, as milliseconds; 10 ms at least. */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (seconds < 0.01 || seconds > 3600) throw new InvalidArgumentError('It is a number of seconds from 0.01 to 3600.')
  return seconds * 1000
}

/** `ADDR` or `ADDR:PORT:NATPORT`; an IPv6 address with ports is written in brackets. */
export function parseLocal(text: string): LocalBinding {
  const alone = parseAddress(text) ?? parseAddress(/^\[(.*)\]$/.exec(text)?.[1] ?? '')
  if (alone !== undefined) return { address: alone, ports: undefined }
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5}):(\d{1,5})$/.exec(text)
  const address = parseAddress(parts?.[1] ?? parts?.[2] ?? '')
  const ports = [parts?.[3], parts?.[4]].map(Number)
  if (address === undefined || !ports.every((port) => port <= 65535)) {
    throw new InvalidArgumentError('It is ADDR or ADDR:PORT:NATPORT, with brackets around an IPv6 address; port 0 is any free one.')
  }
  return { address, ports: { ike: ports[0] ?? 0, nat: ports[1] ?? 0 } }
}

export function parseDummies(text: string): Milliseconds | 'none' {
  return valueOr(parseDummyRate(text))
}

export function parseIdentityWord(text: string): Identity {
  return valueOr(parseIdentity(text))
}

/** Several are separated by commas, in order of preference. */
export function parseIkeProposals(text: string): readonly ProposalTemplate[] {
  return valueOr(parseProposals(text, protocol.IKE))
}
export function parseEspProposals(text: string): readonly ProposalTemplate[] {
  return valueOr(parseProposals(text, protocol.ESP))
}
export function parseAhProposals(text: string): readonly ProposalTemplate[] {
  return valueOr(parseProposals(text, protocol.AH))
}
export function parseSelectors(text: string): readonly SelectorTemplate[] {
  return text.split(',').map((word) => valueOr(parseSoundSelector(word)))
}

function valueOr<T>(result: Result<T, WordFault>): T {
  if (result.ok) return result.value
  throw new InvalidArgumentError(result.fault.message)
}
