// From a file of the right shape to connections, and which of its keys is whose.
import type { Secret } from '../bytes/secret.ts'
import type { Identity } from '../contract/identity.ts'
import type { ProposalTemplate } from '../contract/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { type Address, addressVersion } from '../net/address.ts'
import type { ChildTerms, ConnectionTerms } from '../policy/connection.ts'
import { sameIdentity } from '../policy/identity.ts'
import { parseProposals } from '../policy/proposal-words.ts'
import type { ConfiguredChild, ConfiguredConnection, KeySource } from './connection-file.ts'
import { error, type Finding } from '../documents/diagnostic.ts'
import type { Placed } from '../documents/document.ts'
import { entryAt, valueSpan } from '../documents/entry-places.ts'
import { dummyFaults } from './dummies.ts'
import { childTerms, connectionTerms, type LifetimeFault } from './lifetimes.ts'
import type { ChildShape, ConnectionShape, FileShape, SecretShape, Words } from './shape.ts'
import { addressesIn, allWords, anyone, identityIn, selectorsIn } from './values.ts'
import type { Visibility } from '../documents/visibility.ts'

/** Values have been looked at before: none is wrong by itself. */
export function build(
  { connections, secrets = {} }: FileShape,
  root: Placed,
  see: Visibility,
  seal: (key: string) => Secret,
): { readonly connections: readonly ConfiguredConnection[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  const built = Object.entries(connections).flatMap(([name, shape]) => {
    const entry = entryAt(root, ['connections', name])
    const span = entry?.key.span ?? { start: 0, end: 0 }
    const owner = see.quoted(span) ?? 'this connection'
    const hosts = allWords(shape.remote_addrs).filter((host) => host !== anyone)
    if (hosts.length > 1) findings.push(error('not-supported', span, `${owner} has several remote_addrs: one is supported yet`))
    if (allWords(shape.local_addrs).length > 1) {
      findings.push(error('not-supported', span, `${owner} has several local_addrs: one is supported yet`))
    }
    const unreachable = otherVersion(addressesIn(shape.local_addrs)[0], addressesIn(shape.remote_addrs)[0])
    if (unreachable !== undefined) findings.push(error('wrong-value', valueSpan(entry?.value, 'remote_addrs'), unreachable))
    // RFC 3948 §1: there is no AH in UDP.
    if (shape.encap === 'yes' && usesAh(shape)) findings.push(error('wrong-value', valueSpan(entry?.value, 'encap'), encapsulatedAh))
    const { terms, faults } = connectionTerms(shape)
    findings.push(...faults.map((fault) => placeFault(fault, entry?.value)))
    const children = Object.entries(shape.children).map(([childName, child]) => {
      const built = childTerms(child)
      const place = entryAt(root, ['connections', name, 'children', childName])?.value
      const configured = childOf(childName, child, place, built.terms)
      const faults = [...built.faults, ...dummyFaults(child, configured.proposals, shape)]
      findings.push(...faults.map((fault) => placeFault(fault, place)))
      return configured
    })
    const keys = keysOf(shape, Object.values(secrets))
    if (keys.length > 1) findings.push(error('secret', span, `several secrets fit ${owner} equally well: name both sides in the id of one`))
    const [key] = keys
    if (key === undefined) {
      findings.push(error('secret', span, `no secret fits ${owner}: name the id of its remote side in one, or leave id out`))
      return []
    }
    return [{ ...connectionOf(name, shape, hosts[0], sourceOf(key, seal)), ...terms, children }]
  })
  return { connections: built, findings }
}

function connectionOf(
  name: string,
  shape: ConnectionShape,
  remoteHost: string | undefined,
  key: KeySource,
): Omit<ConfiguredConnection, keyof ConnectionTerms | 'children'> {
  return {
    name,
    localAddress: addressesIn(shape.local_addrs)[0],
    remoteHost,
    localIdentity: identityIn(shape.local.id),
    remoteIdentity: identityIn(shape.remote.id),
    proposals: proposalsIn(shape.proposals, protocol.IKE),
    encapsulation: shape.encap === 'no' || usesAh(shape) ? 'when-needed' : 'force',
    key,
  }
}

function childOf(name: string, child: ChildShape, place: Placed | undefined, terms: ChildTerms): ConfiguredChild {
  return {
    name,
    mode: child.mode ?? 'transport',
    proposals: childProposals(child, place),
    localSelectors: selectorsIn(child.local_ts),
    remoteSelectors: selectorsIn(child.remote_ts),
    ...terms,
  }
}

/** What is to be said of two addresses that have no way to each other. */
function otherVersion(local: Address | undefined, remote: Address | undefined): string | undefined {
  if (local === undefined || remote === undefined || addressVersion(local) === addressVersion(remote)) return undefined
  return `${remote} cannot be reached from ${local}: one is IPv4, the other IPv6`
}

const usesAh = ({ children }: ConnectionShape): boolean => Object.values(children).some((child) => child.ah_proposals !== undefined)

const encapsulatedAh = 'encap: yes has everything go in UDP, and AH never does (RFC 3948 §1): leave out encap, or ah_proposals'

/** ESP and AH are alternatives; what is written first is preferred, as in swanctl.conf. */
function childProposals(child: ChildShape, place: Placed | undefined): readonly ProposalTemplate[] | undefined {
  const esp = proposalsIn(child.esp_proposals, protocol.ESP)
  const ah = proposalsIn(child.ah_proposals, protocol.AH)
  if (esp === undefined || ah === undefined) return esp ?? ah
  const isAhFirst = valueSpan(place, 'ah_proposals').start < valueSpan(place, 'esp_proposals').start
  return isAhFirst ? [...ah, ...esp] : [...esp, ...ah]
}

function proposalsIn(words: Words | undefined, protocolId: number): readonly ProposalTemplate[] | undefined {
  if (words === undefined) return undefined
  return allWords(words).flatMap((word) => {
    const parsed = parseProposals(word, protocolId)
    return parsed.ok ? parsed.value : []
  })
}

/** Those that fit best: the ones that name both sides, else the ones that name the peer, else those that name nobody. */
function keysOf({ local, remote }: ConnectionShape, secrets: readonly SecretShape[]): readonly SecretShape[] {
  const ranked = secrets.map((secret) => ({ secret, rank: rankOf(secret, identityIn(local.id), identityIn(remote.id)) }))
  const best = Math.max(0, ...ranked.map(({ rank }) => rank))
  return best === 0 ? [] : ranked.filter(({ rank }) => rank === best).map(({ secret }) => secret)
}

function rankOf({ id }: SecretShape, local: Identity | undefined, remote: Identity | undefined): number {
  if (id === undefined) return 1
  const ids = (typeof id === 'string' ? [id] : id).map(identityIn)
  const names = (who: Identity | undefined): boolean =>
    ids.some((each) => each === undefined || (who !== undefined && sameIdentity(each, who)))
  if (remote !== undefined && !names(remote)) return 0
  if (names(local)) return 3
  // A key for whoever comes is for us by our name, or it is for nobody.
  return remote === undefined ? 0 : 2
}

function sourceOf({ file, env, secret = '' }: SecretShape, seal: (key: string) => Secret): KeySource {
  if (file !== undefined) return { kind: 'file', path: file }
  return env === undefined ? { kind: 'inline', secret: seal(secret) } : { kind: 'environment', variable: env }
}

function placeFault({ severity, code, word, message }: LifetimeFault, map: Placed | undefined): Finding {
  return { severity, code, span: valueSpan(map, word), message, nearest: undefined }
}
