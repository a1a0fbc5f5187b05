// Rehearsals: what is negotiated, what becomes of each renewal, and what no negotiation shows. Virtual time: four hours are nothing.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { portableProvider } from '../../src/crypto/providers/portable.ts'
import { sharedKeyMac } from '../../src/crypto/suites.ts'
import { espLength, sealedLength } from '../../src/ipsec/overhead.ts'
import { type RehearsalOutcome, type Rehearsal, rehearse } from '../../src/lab/rehearsal.ts'
import type { RehearsalParty } from '../../src/lab/rehearsal-stage.ts'
import type { Renewal } from '../../src/lab/renewal.ts'
import type { ChildConfig, Connection } from '../../src/policy/connection.ts'
import { childDefaults, connectionDefaults, unlimited, unlimitedIke } from '../../src/policy/defaults.ts'
import { address, alice, bob, connectionOf, provider, type Side } from '../host/two-hosts.ts'

const minute = 60_000
const hour = 60 * minute

interface Told {
  readonly side?: Partial<Side>
  readonly child?: Partial<ChildConfig>
  readonly connection?: Partial<Connection>
  readonly starts?: RehearsalParty['starts']
}

function party(base: Side, other: Side, { side = {}, child = {}, connection = {}, starts = 'by-itself' }: Told): RehearsalParty {
  const all: Side = { ...base, ...side, child: { ...childDefaults, ...child }, connection: { ...connectionDefaults, ...connection } }
  return {
    connection: connectionOf(all, other.address),
    address: all.address,
    peer: other.address,
    starts,
    mac: ({ prf, octets }) => sharedKeyMac(provider, prf, new Secret(utf8(all.key)), octets),
    slip: () => undefined,
  }
}
const rehearsed = (ofAlice: Told = {}, ofBob: Told = {}): Rehearsal =>
  rehearse({ a: party(alice, bob, ofAlice), b: party(bob, alice, ofBob) }, { seed: 1, provider: nodeProvider })

function established({ starts: [first] }: Rehearsal): Extract<RehearsalOutcome, { readonly kind: 'established' }> {
  if (first?.outcome.kind !== 'established') throw new Error('it was refused')
  return first.outcome
}
const renewal = (rehearsal: Rehearsal, of: Renewal['of'], by: Renewal['by']): Renewal | undefined =>
  established(rehearsal).renewals.find((each) => each.of === of && each.by === by)

describe('two that agree', () => {
  const rehearsal = rehearsed()
  it('are heard of from both sides, with all that they will renew', () => {
    expect(rehearsal.verdict).toBe('agree')
    expect(rehearsal.starts.map(({ by, child, outcome }) => [by, child, outcome.kind])).toEqual([
      ['a', 'child', 'established'],
      ['b', 'child', 'established'],
    ])
    expect(established(rehearsal).renewals.map(({ of, by, due, result }) => [of, by, due.kind, result.kind])).toEqual([
      ['child-sa', 'a', 'time', 'renewed'],
      ['child-sa', 'b', 'time', 'renewed'],
      ['ike-sa', 'a', 'time', 'renewed'],
      ['ike-sa', 'b', 'time', 'renewed'],
      ['reauthentication', 'a', 'never', 'never'],
      ['reauthentication', 'b', 'never', 'never'],
    ])
    expect(renewal(rehearsal, 'child-sa', 'a')).toMatchObject({
      due: { earliest: 54 * minute, latest: hour },
      result: { keyExchange: 'none', retries: 0 },
    })
  })
  it('have an MTU: the longest packet that fits, and one octet more does not', () => {
    const { mtu } = established(rehearsal)
    const cipher = { ivLength: 8, icvLength: 16, blockLength: 1 }
    const shape = { cipher, mode: 'transport', encapsulation: 'udp', version: 4, headerLength: 20 } as const
    expect(sealedLength(shape, mtu)).toBeLessThanOrEqual(1500)
    expect(sealedLength(shape, mtu + 1)).toBeGreaterThan(1500)
    expect(20 + 8 + espLength(cipher, mtu - 20)).toBe(sealedLength(shape, mtu))
  })
  it('have the MTU of the link that the file of the side that starts tells of', () => {
    const a = party(alice, bob, {})
    const narrow = a.connection.children.map((child) => ({ ...child, path: { ...child.path, mtu: 1_400 } }))
    const { linkMtu, mtu } = established(
      rehearse(
        { a: { ...a, connection: { ...a.connection, children: narrow } }, b: party(bob, alice, {}) },
        { seed: 1, provider: nodeProvider },
      ),
    )
    expect(linkMtu).toBe(1_400)
    expect(established(rehearsal).mtu - mtu).toBe(100)
  })
  it('are the same with other cryptography, and the next time', () => {
    const pair = { a: party(alice, bob, {}), b: party(bob, alice, {}) }
    const again = rehearse(pair, { seed: 1, provider: portableProvider })
    expect(again.verdict).toBe('agree')
    expect(rehearsed()).toEqual(rehearsal)
  })
})

it('a first key exchange in vain is told, and costs no agreement', () => {
  const { verdict, starts } = rehearsed({ side: { ike: 'aes128gcm16-prfsha256-ecp256-x25519' } })
  expect([verdict, ...starts.map(({ outcome }) => outcome.retries)]).toEqual(['agree', 1, 0])
})

describe('what shows at the first rekey', () => {
  it('a key exchange that one side alone wants: everything is set up from scratch', () => {
    const rehearsal = rehearsed({ side: { espWords: 'aes128gcm16-x25519-noesn' } })
    expect(rehearsal.verdict).toBe('disagree')
    expect(rehearsal.starts.map(({ outcome }) => outcome.kind)).toEqual(['established', 'established'])
    for (const by of ['a', 'b'] as const) {
      expect(renewal(rehearsal, 'child-sa', by)?.result).toMatchObject({
        kind: 'refused',
        next: 'start-over',
        consequence: 'set-up-anew',
        failures: { [by]: { refusal: { kind: 'notify', type: 14 } }, [by === 'a' ? 'b' : 'a']: { refusal: { kind: 'proposal' } } },
      })
      expect(renewal(rehearsal, 'ike-sa', by)?.result.kind).toBe('renewed')
    }
  })
  it('a key exchange of its own, and one in vain before', () => {
    const words = (first: string, second: string): Told => ({ side: { espWords: `aes128gcm16-${first}-${second}-noesn` } })
    const rehearsal = rehearsed(words('x25519', 'ecp256'), { side: { espWords: 'aes128gcm16-ecp256-noesn' } })
    expect(rehearsal.verdict).toBe('agree')
    expect(renewal(rehearsal, 'child-sa', 'a')?.result).toEqual({ kind: 'renewed', keyExchange: 'own', retries: 1 })
    expect(renewal(rehearsal, 'child-sa', 'b')?.result).toEqual({ kind: 'renewed', keyExchange: 'own', retries: 0 })
  })
  it('a limit in packets is tried, though nobody knows when it is reached', () => {
    const soft = { ...unlimited, packets: 1000 }
    expect(renewal(rehearsed({ child: { soft } }), 'child-sa', 'a')).toMatchObject({
      due: { kind: 'volume', packets: 1000 },
      result: { kind: 'renewed' },
    })
  })
  it('reauthentication, by the side that starts, or at the wish of the other one (RFC 4478 §3)', () => {
    const connection = { lifetime: { ...unlimitedIke, reauthenticate: 10 * hour, jitter: hour } }
    expect(renewal(rehearsed({ connection }), 'reauthentication', 'a')).toMatchObject({
      due: { earliest: 9 * hour, latest: 10 * hour },
      result: { kind: 'renewed' },
    })
    expect(renewal(rehearsed({}, { connection }), 'reauthentication', 'b')).toMatchObject({
      due: { earliest: 8 * hour, latest: 9 * hour },
      result: { kind: 'renewed' },
    })
  })
})

describe('two that do not agree', () => {
  it('each say why', () => {
    const { verdict, starts } = rehearsed({ side: { peer: 'carol.example' } })
    expect(verdict).toBe('disagree')
    expect(starts[0]?.outcome).toMatchObject({
      kind: 'refused',
      failures: { a: { refusal: { kind: 'identity' } }, b: { refusal: { kind: 'authentication', reason: 'rejected-by-peer' } } },
    })
    expect(starts[1]?.outcome).toMatchObject({ failures: { a: { refusal: { kind: 'identity' } }, b: { refusal: { kind: 'notify' } } } })
  })
  it('where nobody is, is silence', () => {
    const elsewhere = { ...party(alice, bob, {}), peer: address('192.0.2.9') }
    const { starts } = rehearse({ a: elsewhere, b: party(bob, alice, { starts: 'when-told' }) }, { seed: 1, provider: nodeProvider })
    expect(starts).toMatchObject([
      { by: 'a', outcome: { kind: 'refused', failures: { a: { refusal: { kind: 'silence', transmissions: 13 } }, b: undefined } } },
    ])
  })
})

describe('to be careful of', () => {
  const kinds = ({ cautions }: Rehearsal): readonly string[] => cautions.map(({ kind }) => kind)
  it('nothing, where both ask after each other', () => {
    const connection = { livenessDelay: 30_000 }
    expect(rehearsed({ connection }, { connection }).cautions).toEqual([])
    expect(rehearsed({ connection }).cautions).toEqual([{ kind: 'dead-peer-unnoticed', sides: ['b'] }])
  })
  it('nobody who starts', () => {
    const rehearsal = rehearsed({ starts: 'when-told' }, { starts: 'when-told' })
    expect(kinds(rehearsal)).toContain('nobody-starts')
    expect(rehearsal.starts.map(({ by }) => by)).toEqual(['a'])
    expect(rehearsed({ starts: 'when-told' }).starts.map(({ by }) => by)).toEqual(['b'])
  })
  it('an end that comes before new keys', () => {
    const child = { soft: unlimited, hard: { ...unlimited, time: 30 * minute }, jitter: unlimited }
    expect(rehearsed({ child }).cautions).toContainEqual({ kind: 'ends-before-rekey', child: 'child', side: 'a', hard: 30 * minute })
    expect(kinds(rehearsed({ child: { ...child, hard: { ...unlimited, time: 2 * hour } } }))).not.toContain('ends-before-rekey')
  })
  it('keys that are never new', () => {
    const child = { soft: unlimited, hard: unlimited, jitter: unlimited }
    const connection = { lifetime: unlimitedIke }
    const rehearsal = rehearsed({ child, connection }, { child, connection })
    expect(rehearsal.cautions).toEqual(
      expect.arrayContaining([
        { kind: 'never-rekeyed', child: 'child' },
        { kind: 'never-rekeyed', child: undefined },
      ]),
    )
    expect(rehearsal.forecast).toMatchObject({ childSas: [{ first: 'nobody' }], ikeSa: { first: 'nobody' } })
  })
  it('both at once', () => {
    const child = { jitter: { ...unlimited, time: 0 } }
    expect(rehearsed({ child }, { child }).cautions).toContainEqual({ kind: 'rekeyed-together', child: 'child' })
  })
})

it('who is first is known where the times are apart', () => {
  const at = (time: number): Told => ({ child: { soft: { ...unlimited, time }, hard: { ...unlimited, time: 4 * hour } } })
  const firstOf = (a: Told, b: Told): string | undefined => rehearsed(a, b).forecast.childSas[0]?.first
  expect(firstOf(at(hour), at(2 * hour))).toBe('a')
  expect(firstOf(at(2 * hour), at(hour))).toBe('b')
  expect(firstOf(at(hour), at(hour))).toBe('either')
  expect(firstOf(at(hour), { child: { soft: unlimited } })).toBe('a')
})
