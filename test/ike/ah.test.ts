// Child SAs of AH: made, rekeyed and deleted by either end; offered beside ESP; refused where AH cannot be. RFC 7296 §3.3, §3.11; RFC 3715 §2.1.
import { describe, expect, it } from 'vitest'
import { u32 } from '../../src/bytes/bytes.ts'
import { dangerReveal } from '../../src/bytes/secret.ts'
import type { SaInstall } from '../../src/contract/install.ts'
import type { ProposalTemplate } from '../../src/contract/transforms.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { deletePayload } from '../../src/ike/exchanges/informational.ts'
import { notification } from '../../src/ike/notifications.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { parseProposals } from '../../src/policy/proposal-words.ts'
import { toChildProposals } from '../../src/policy/proposal-choice.ts'
import type { NotifyPayload, Payload } from '../../src/wire/message.ts'
import { alice, bob, bringUp, initiate, pair, type Pair, type Side, type Sky, value } from '../host/two-hosts.ts'
import { Puppeteer } from './puppeteer.ts'
import { exchangePackets, expectAgreement, inForce, rekeyChild, rekeyIke, tell, theChild, theIkeSa } from './two-ends.ts'

const ah = (words: string): readonly ProposalTemplate[] => value(parseProposals(words, protocol.AH))
const esp = (words: string): readonly ProposalTemplate[] => value(parseProposals(words, protocol.ESP))

/** One of two hosts with whole IP packets, and no NAT between them. */
const side = (proposals: readonly ProposalTemplate[], more: Partial<Side> = {}): Partial<Side> => ({
  bare: 'ip',
  ...more,
  connection: { encapsulation: 'when-needed', ...more.connection },
  child: { proposals },
})

function upWith(left: Partial<Side>, right: Partial<Side>, sky: Sky = {}): Pair {
  const both = pair(left, right, sky)
  bringUp(both)
  both.network.run(1_000)
  return both
}

const installs = ({ inputs }: LabHost): readonly SaInstall[] =>
  inputs.flatMap(({ outputs }) => outputs.flatMap((output) => (output.kind === 'install' ? [output.sa] : [])))
const half = (host: LabHost, direction: 'in' | 'out'): SaInstall => {
  const found = installs(host).findLast((sa) => sa.direction === direction)
  if (found === undefined) throw new Error(`${host.name} has no SA ${direction}`)
  return found
}
const keyOf = ({ integrityKey }: SaInstall) => (integrityKey === undefined ? undefined : [...dangerReveal(integrityKey)])

/** SPIs, suites and keys of both directions are the same at both ends. */
function expectSamePair({ a, b }: Pair): void {
  for (const [sender, receiver] of [
    [a, b],
    [b, a],
  ] as const) {
    const [out, inward] = [half(sender, 'out'), half(receiver, 'in')]
    expect([out.spi, out.suite, keyOf(out)]).toEqual([inward.spi, inward.suite, keyOf(inward)])
    expect([out.encryptionKey, inward.encryptionKey]).toEqual([undefined, undefined])
  }
  expect(keyOf(half(a, 'in'))).not.toEqual(keyOf(half(a, 'out')))
}

describe('AH is negotiated in IKE_AUTH', () => {
  /** RFC 2404, RFC 3566, RFC 4494, RFC 4868 §2.1; RFC 4543 §5.4: four octets of salt behind the key. */
  it.each([
    ['sha1', 20],
    ['sha256', 32],
    ['sha384', 48],
    ['sha512', 64],
    ['aesxcbc', 16],
    ['aescmac', 16],
    ['aes128gmac', 20],
    ['aes256gmac', 36],
    ['sha256-esn', 32],
  ] as const)('%s: keys of %i octets, and nothing to encrypt with', (words, octets) => {
    const both = upWith(side(ah(words)), side(ah(words)))
    expectSamePair(both)
    const { suite, mode, encapsulation } = half(both.a, 'out')
    expect(suite).toMatchObject({
      protocol: protocol.AH,
      encryption: undefined,
      extendedSequence: words.endsWith('-esn') ? 'esn' : 'no-esn',
    })
    expect([mode, encapsulation, keyOf(half(both.a, 'out'))?.length]).toEqual(['transport', 'none', octets])
    expect(both.a.named('child-sa-established')).toMatchObject([{ established: { suite: { protocol: protocol.AH } } }])
    expect(exchangePackets(both)).toEqual({ atAlice: 1, atBob: 1 })
  })

  it.each([
    ['ESP first', [...esp('aes128gcm16'), ...ah('sha256')], [...ah('sha256'), ...esp('aes128gcm16')], protocol.AH],
    ['AH first', [...ah('sha256'), ...esp('aes128gcm16')], [...esp('aes128gcm16'), ...ah('sha256')], protocol.ESP],
    ['both to one that has AH', [...esp('aes128gcm16'), ...ah('sha256')], ah('sha512-sha256'), protocol.AH],
    ['both to one that has ESP', [...ah('sha256'), ...esp('aes128gcm16')], esp('aes128gcm16'), protocol.ESP],
  ])('%s offered: the responder takes what it likes best (RFC 7296 §2.7)', (_, offered, configured, chosen) => {
    const both = upWith(side(offered), side(configured))
    expect(both.a.named('child-sa-established')).toMatchObject([{ established: { suite: { protocol: chosen } } }])
    expect(half(both.a, 'out').spi).toBe(half(both.b, 'in').spi)
    rekeyChild(both, both.b)
    both.network.run(60_000)
    expect(theChild(both.a).inbound).toBe(theChild(both.b).outbound)
    expect(half(both.a, 'out').suite.protocol).toBe(chosen)
  })

  it('with ESP alone at the other end it is refused, and the refusal says that the protocols differ', () => {
    const both = pair(side(ah('sha256')), side(esp('aes128-sha256')))
    bringUp(both, 5_000)
    expect(both.a.named('child-sa-failed')).toMatchObject([
      { refusal: { kind: 'notify', type: notify.NO_PROPOSAL_CHOSEN, offered: [{ protocol: protocol.AH }] } },
    ])
    expect(both.b.named('child-sa-failed')).toMatchObject([
      { refusal: { kind: 'proposal', comparisons: [{ offered: { protocol: protocol.AH }, configured: { protocol: protocol.ESP } }] } },
    ])
  })

  it('an answer that cannot be used is disowned by a Delete for AH (RFC 7296 §2.21, §3.11)', () => {
    const both = pair(side(ah('sha256')), { ...side([]), child: { proposals: ah('sha256'), mode: 'tunnel' } })
    bringUp(both, 5_000)
    both.network.run(5_000)
    expect(both.a.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'mode' } }])
    expect(both.b.named('child-sa-closed')).toMatchObject([{ by: 'peer' }])
  })
})

describe('a Child SA of AH', () => {
  const words = 'sha256-x25519'
  const up = (sky: Sky = {}): Pair => upWith(side(ah(words)), side(ah(words)), sky)

  it.each(['a', 'b'] as const)('is rekeyed by either end, with a key exchange of its own (%s)', (end) => {
    const both = up()
    const before = theChild(both.a)
    rekeyChild(both, both[end])
    expectAgreement(both)
    expect(theChild(both.a).id).not.toBe(before.id)
    expectSamePair(both)
    expect(half(both.a, 'out').suite.protocol).toBe(protocol.AH)
    expect(both.a.named('child-sa-closed').map(({ child }) => child)).toEqual([before.id])
  })

  it('is rekeyed by both at once, and one of the two new ones stays (RFC 7296 §2.8.1)', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const both = up({ seed, latency: 1, jitter: 40 })
      rekeyChild(both, both.a)
      rekeyChild(both, both.b)
      expectAgreement(both)
    }
  })

  it('survives the rekey of its IKE SA, in whatever weather', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const both = up({ seed, latency: 1, jitter: 300, loss: 0.2, duplication: 0.2 })
      rekeyIke(both, both.a)
      both.network.run(600_000)
      rekeyChild(both, inForce(both.b).length > 0 ? both.b : both.a)
      both.network.run(600_000)
      both.network.clearUp()
      expectAgreement(both)
    }
  })

  it('is rekeyed and ends as its lifetimes say', () => {
    const lived = {
      soft: { packets: undefined, bytes: undefined, time: 60_000 },
      hard: { packets: undefined, bytes: undefined, time: 90_000 },
      jitter: { packets: undefined, bytes: undefined, time: 5_000 },
    }
    const mortal = { ...side([]), child: { proposals: ah('sha256'), ...lived } }
    const both = upWith(mortal, mortal)
    both.network.run(200_000)
    expect(both.a.named('child-sa-established').length).toBeGreaterThan(2)
    expect(theChild(both.a).inbound).toBe(theChild(both.b).outbound)
  })

  it('is deleted by its SPI and protocol: an SA of ESP with the same SPI is another (RFC 7296 §3.11, RFC 4301 §4.1)', () => {
    const puppet = new Puppeteer('established', side(ah('sha256')), side(ah('sha256')))
    const { b } = puppet.both
    const { outbound, inbound } = theChild(b)
    expect(puppet.request(exchange.INFORMATIONAL, [deletePayload(protocol.ESP, [outbound])])).toEqual([])
    expect(theChild(b).outbound).toBe(outbound)
    const answer = puppet.request(exchange.INFORMATIONAL, [deletePayload(protocol.AH, [outbound])])
    expect(answer).toMatchObject([{ kind: 'D', protocol: protocol.AH, spiSize: 4 }])
    const [named] = answer?.flatMap((payload) => (payload.kind === 'D' ? payload.spis : [])) ?? []
    expect(named === undefined ? undefined : u32(named, 0)).toBe(inbound)
    expect(theIkeSa(b).children).toEqual([])
  })

  it('is named by its protocol in REKEY_SA: as one of ESP there is none (RFC 7296 §1.3.3, §2.25)', () => {
    const puppet = new Puppeteer('established', side(ah('sha256')), side(ah('sha256')))
    const { outbound } = theChild(puppet.both.b)
    const spi = deletePayload(protocol.AH, [outbound]).spis[0] ?? new Uint8Array(0)
    const rekey = (id: number): NotifyPayload => ({
      kind: 'N',
      critical: false,
      protocol: id,
      spi,
      type: notify.REKEY_SA,
      value: new Uint8Array(0),
    })
    const selector = (text: string) => ({
      protocol: 0,
      startPort: 0,
      endPort: 65_535,
      startAddress: text === 'alice' ? alice.address : bob.address,
      endAddress: text === 'alice' ? alice.address : bob.address,
    })
    const rest: readonly Payload[] = [
      notification(notify.USE_TRANSPORT_MODE),
      { kind: 'SA', critical: false, proposals: toChildProposals(ah('sha256'), Uint8Array.of(1, 2, 3, 4)) },
      { kind: 'NONCE', critical: false, nonce: new Uint8Array(32).fill(7) },
      { kind: 'TSi', critical: false, selectors: [selector('alice')] },
      { kind: 'TSr', critical: false, selectors: [selector('bob')] },
    ]
    const wrong = puppet.request(exchange.CREATE_CHILD_SA, [rekey(protocol.ESP), ...rest])
    expect(wrong).toMatchObject([{ kind: 'N', type: notify.CHILD_SA_NOT_FOUND, protocol: protocol.ESP, spi }])
    const right = puppet.request(exchange.CREATE_CHILD_SA, [rekey(protocol.AH), ...rest]) ?? []
    expect(right.map(({ kind }) => kind)).toEqual(['N', 'SA', 'NONCE', 'TSi', 'TSr'])
    expect(right).toMatchObject([{}, { proposals: [{ protocol: protocol.AH }] }, {}, {}, {}])
  })

  it('is deleted by command, and the Delete names AH', () => {
    const both = up()
    tell(both, both.a, { kind: 'close-child-sa', child: theChild(both.a).id })
    both.network.run(10_000)
    expect(both.b.named('child-sa-closed')).toMatchObject([{ by: 'peer' }])
    expect(both.a.named('child-sa-closed')).toMatchObject([{ by: 'us' }])
  })
})

describe('AH is refused with its reason', () => {
  const native = side(ah('sha256'))
  const forced = side(ah('sha256'), { connection: { encapsulation: 'force' } })
  const childless = { childless: 'never' } as const

  it.each([
    [
      'before a peer that says it is behind a NAT',
      native,
      { ...forced, child: {} },
      { reason: 'nat', behindNat: { local: 'no-nat', remote: 'behind-nat' } },
    ],
    ['where we pretend to be behind one', forced, native, { reason: 'forced-encapsulation' }],
    ['without a driver that has whole IP packets', { ...native, bare: 'esp' as const }, native, { reason: 'driver' }],
  ])('by the initiator, %s: nothing is asked for, and the IKE SA is up without it (RFC 6023)', (_, left, right, refusal) => {
    const both = pair(left, right)
    bringUp(both, 10_000)
    expect(both.a.named('child-sa-failed')).toMatchObject([
      { fault: { code: 'POLICY_PROTOCOL_UNUSABLE' }, refusal: { kind: 'protocol', protocol: protocol.AH, ...refusal } },
    ])
    expect([both.a.named('child-sa-established'), both.b.named('child-sa-failed')]).toEqual([[], []])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([1, 1])
  })

  it('by the initiator, whose IKE SA fails with it where a peer cannot do without a Child SA', () => {
    const both = pair({ ...native, bare: 'esp' }, side(ah('sha256'), { connection: childless }))
    bringUp(both, 10_000)
    const why = { fault: { code: 'POLICY_PROTOCOL_UNUSABLE' }, refusal: { kind: 'protocol', reason: 'driver' } }
    expect(both.a.named('child-sa-failed')).toMatchObject([why])
    expect(both.a.named('ike-sa-failed')).toMatchObject([why])
    expect(both.a.host.ikeSaCount).toBe(0)
  })

  it.each([
    ['in an IKE SA that is up', 'prefer'],
    ['in IKE_AUTH', 'allow'],
  ] as const)('by the responder, %s: NO_PROPOSAL_CHOSEN, and the driver is why', (_, wish) => {
    const both = pair(side(ah('sha256'), { connection: { childless: wish } }), { ...native, bare: 'esp' })
    bringUp(both, 10_000)
    expect(both.a.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'notify', type: notify.NO_PROPOSAL_CHOSEN } }])
    expect(both.b.named('child-sa-failed')).toMatchObject([
      { fault: { code: 'POLICY_PROTOCOL_UNUSABLE' }, refusal: { kind: 'protocol', reason: 'driver' } },
    ])
  })

  it('by the responder that sees a NAT which the initiator makes nothing of', () => {
    const puppet = new Puppeteer('established', side(ah('sha256')), side(esp('aes128gcm16'), { connection: { encapsulation: 'force' } }))
    expect(puppet.both.b.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'proposal' } }])
    const answer = puppet.request(exchange.CREATE_CHILD_SA, [
      notification(notify.USE_TRANSPORT_MODE),
      { kind: 'SA', critical: false, proposals: toChildProposals(ah('sha256'), Uint8Array.of(1, 2, 3, 4)) },
      { kind: 'NONCE', critical: false, nonce: new Uint8Array(32).fill(7) },
      { kind: 'TSi', critical: false, selectors: [anyOf(alice)] },
      { kind: 'TSr', critical: false, selectors: [anyOf(bob)] },
    ])
    expect(answer).toMatchObject([{ kind: 'N', type: notify.NO_PROPOSAL_CHOSEN }])
    expect(puppet.both.b.named('child-sa-failed').at(-1)).toMatchObject({
      refusal: { kind: 'protocol', reason: 'nat', behindNat: { local: 'no-nat', remote: 'behind-nat' } },
    })
  })

  it('and not at all where there is ESP beside it: that is what is used then', () => {
    const either = [...ah('sha256'), ...esp('aes128gcm16')]
    const both = upWith(side(either, { connection: { encapsulation: 'force' } }), side(either))
    const heedless = upWith({ ...side(either), bare: 'esp' }, side(either))
    for (const { a } of [both, heedless]) {
      expect(a.named('child-sa-failed')).toEqual([])
      expect(a.named('child-sa-established')).toMatchObject([{ established: { suite: { protocol: protocol.ESP } } }])
    }
  })

  it('in an IKE SA that is up, too: nothing is sent', () => {
    const both = pair(side(ah('sha256'), { bare: 'esp', connection: { childless: 'force' } }), native)
    bringUp(both, 10_000)
    tell(both, both.a, initiate)
    both.network.run(10_000)
    expect(both.a.named('child-sa-failed').length).toBeGreaterThan(1)
    expect(both.a.named('message').filter(({ exchangeType }) => exchangeType === exchange.CREATE_CHILD_SA)).toEqual([])
  })

  const anyOf = ({ address }: Side) => ({ protocol: 0, startPort: 0, endPort: 65_535, startAddress: address, endAddress: address })
})
