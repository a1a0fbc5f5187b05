// Whether what a scenario expects has come about.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { equal, utf8 } from '../bytes/bytes.ts'
import type { ChildSaEstablished } from '../contract/events.ts'
import { type ChildSaId, formatSpi, type Spi } from '../contract/units.ts'
import { formatSelectors } from '../inspect/describe.ts'
import type { Address } from '../net/address.ts'
import { packetBetween } from './perform.ts'
import type { Expectation, Scenario } from './scenario.ts'
import { type CastMember, found, type Stage } from './stage.ts'

/** What is missing, in words; `undefined` when it holds as far as can be seen without sending anything. */
export function missing(stage: Stage, expectation: Expectation): string | undefined {
  const member = (name: string): CastMember => found(stage.cast, name, 'host')
  switch (expectation.that) {
    case 'agreed': {
      const [a, b] = expectation.between
      return disagreement(member(a), member(b))
    }
    case 'agreed-or-none': {
      const [a, b] = expectation.between.map(member)
      if (a === undefined || b === undefined || (isBare(a) && isBare(b))) return undefined
      return disagreement(a, b)
    }
    case 'none': {
      const left = expectation.hosts.filter((name) => !isBare(member(name)))
      return left.length === 0 ? undefined : `an IKE SA is left at ${left.join(' and ')}`
    }
    case 'event': {
      const { host, name, times, before } = expectation
      const seen = stage.network.transcript.filter(
        (entry) => entry.kind === 'event' && entry.host === host && entry.event.name === name && entry.at <= (before ?? entry.at),
      ).length
      const enough = times === undefined ? seen > 0 : seen === times
      return enough ? undefined : `${host} told ${name} ${seen} times, not ${times ?? 'at least once'}`
    }
    case 'delivered': {
      const seen = member(expectation.host).host.delivered.length
      return seen === expectation.times ? undefined : `${expectation.host} delivered ${seen} packets, not ${expectation.times}`
    }
    case 'dropped': {
      const { host, reason, atMost } = expectation
      const dropped = member(host).host.host.counters.dropped[reason] ?? 0
      return dropped <= atMost ? undefined : `${host} dropped ${dropped} packets (${reason}), more than ${atMost}`
    }
    case 'one-key-for-each-spi': {
      const twice = spisWithTwoKeys(member(expectation.host))
      return twice.length === 0 ? undefined : `${expectation.host} installed twice: ${twice.map(formatSpi).join(', ')}`
    }
  }
}

/**
 * At the end, where two have agreed, packets must come through both ways, in calm weather: what does not, in words. It sends packets, and
 * so comes after all else has been looked at.
 */
export function blocked(scenario: Scenario, stage: Stage, expectation: Expectation): string | undefined {
  if (expectation.that !== 'agreed' && expectation.that !== 'agreed-or-none') return undefined
  const [a, b] = expectation.between.map((name) => found(stage.cast, name, 'host'))
  if (a === undefined || b === undefined || isBare(a)) return undefined
  return passage(scenario, stage, a, b) ?? passage(scenario, stage, b, a)
}

function spisWithTwoKeys({ host }: CastMember): readonly Spi[] {
  const seen = new Set<Spi>()
  const twice: Spi[] = []
  for (const { outputs } of host.inputs) {
    for (const output of outputs) {
      if (output.kind !== 'install' || output.sa.direction !== 'in') continue
      if (seen.has(output.sa.spi)) twice.push(output.sa.spi)
      seen.add(output.sa.spi)
    }
  }
  return twice
}

/** It has no IKE SA, and is about to have none. */
const isBare = ({ host }: CastMember): boolean => host.host.ikeSaCount === 0

type Child = { readonly id: ChildSaId } & ChildSaEstablished

/** Those of one peer that are up. */
function childrenOf({ host }: CastMember, peer: CastMember): readonly Child[] {
  const closed = new Set(host.named('child-sa-closed').map(({ child }) => child))
  return host
    .named('child-sa-established')
    .filter(({ child, established }) => established.connection === peer.role.name && !closed.has(child))
    .map(({ child, established }) => ({ id: child, ...established }))
}

/** Each must have exactly one Child SA with the other, and the two must be the two ends of one. */
function disagreement(a: CastMember, b: CastMember): string | undefined {
  const [ours, theirs] = [childrenOf(a, b), childrenOf(b, a)]
  const names = `${a.role.name} and ${b.role.name}`
  const [one, other] = [ours[0], theirs[0]]
  if (one === undefined || other === undefined || ours.length > 1 || theirs.length > 1)
    return `${names} do not agree: they have ${ours.length} and ${theirs.length} Child SAs with each other`
  if (one.inbound !== other.outbound || one.outbound !== other.inbound) return `${names} have other SPIs`
  if (one.mode !== other.mode || one.encapsulation !== other.encapsulation) return `${names} have other modes, or another encapsulation`
  if (JSON.stringify(one.suite) !== JSON.stringify(other.suite)) return `${names} have other suites`
  const [here, there] = [selectorsOf(one, a, b), selectorsOf(other, b, a)]
  if (here.local !== there.remote || here.remote !== there.local)
    return `${names} have other traffic selectors: ${here.local} === ${here.remote}, but ${there.local} === ${there.remote}`
  return undefined
}

/** With names in the place of addresses: behind a NAT each side writes its own view of them (RFC 7296 §2.23.1). */
function selectorsOf(child: Child, self: CastMember, peer: CastMember): { readonly local: string; readonly remote: string } {
  const named = (text: string, address: Address, name: string): string => text.replaceAll(address, name)
  return {
    local: named(formatSelectors(child.localSelectors), self.address, self.role.name),
    remote: named(
      formatSelectors(child.remoteSelectors),
      self.role.behind === peer.role.behind ? peer.address : peer.seenAs,
      peer.role.name,
    ),
  }
}

/** Sends a packet; it must come out of the Child SA that both have agreed on. */
function passage(scenario: Scenario, { network }: Stage, from: CastMember, to: CastMember): string | undefined {
  const text = `from ${from.role.name} to ${to.role.name}`
  const [child] = childrenOf(to, from)
  const before = to.host.delivered.length
  network.clearUp()
  network.feed(from.host, { kind: 'packet', bytes: packetBetween(scenario, from, to, text) })
  network.run(1_000)
  const came = to.host.delivered.slice(before).some(({ bytes, child: id }) => id === child?.id && endsWith(bytes, utf8(text)))
  return came ? undefined : `no packet gets ${text}`
}

const endsWith = (bytes: Uint8Array, tail: Uint8Array): boolean => equal(bytes.subarray(Math.max(0, bytes.length - tail.length)), tail)
