// What does not fit is refused with its reason on the side that knows it, and with what RFC 7296 lets be said on the other.
import { describe, expect, it } from 'vitest'
import { notify } from '../../src/iana/notify.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { bringUp, pair, value } from './two-hosts.ts'

describe('IKE_SA_INIT', () => {
  it('is tried again with the group that the responder wants (RFC 7296 §1.2, §2.7)', () => {
    const both = pair({ ike: 'aes128gcm16-prfsha256-x25519-ecp256' }, { ike: 'aes128gcm16-prfsha256-ecp256' })
    bringUp(both)
    expect(both.a.named('child-sa-established')).toHaveLength(1)
    expect(both.a.named('message').map(({ payloads }) => payloads[0])).toContain('N(INVALID_KE_PAYLOAD)')
  })

  it('without a common proposal fails on the initiator after some patience, and says on the responder which transform differs', () => {
    const both = pair({ ike: 'aes128gcm16-prfsha256-x25519' }, { ike: 'aes256gcm16-prfsha256-x25519' })
    bringUp(both)
    expect(both.a.named('ike-sa-failed')).toMatchObject([
      { refusal: { kind: 'notify', type: notify.NO_PROPOSAL_CHOSEN, protected: 'unprotected' } },
    ])
    // RFC 7296 §2.21.1: not at once, since anybody could have said so.
    expect(both.network.now).toBeGreaterThan(3_000)
    const refusal = both.b.named('request-refused')[0]?.refusal
    if (refusal?.kind !== 'proposal') throw new Error('no proposal refusal')
    expect(refusal.comparisons[0]?.verdicts.filter(({ verdict }) => verdict !== 'agree')).toMatchObject([
      { transformType: 1, verdict: 'differ' },
    ])
  })

  it('to nobody fails as silence after a dozen retransmissions', () => {
    const both = pair({}, {}, undefined, () => undefined)
    bringUp(both)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'silence', transmissions: 13 } }])
  })

  it('is not ended by a forged refusal while the true answer is on its way (RFC 7296 §2.21.1)', () => {
    let forged = false
    const both = pair({}, {}, undefined, (datagram) => {
      if (!forged && datagram.local.address === '192.0.2.1') {
        forged = true
        const bytes = Uint8Array.from([...datagram.bytes.subarray(0, 28), 0, 0, 0, 8, 0, 0, 0, notify.NO_PROPOSAL_CHOSEN])
        bytes[16] = 41
        bytes[19] = 0x20
        bytes.fill(0, 24, 27)
        bytes[27] = bytes.length
        both.network.transmit({ ...datagram, local: datagram.remote, remote: datagram.local, bytes })
      }
      return datagram
    })
    bringUp(both)
    expect(both.a.named('child-sa-established')).toHaveLength(1)
  })
})

describe('IKE_AUTH', () => {
  it('with a wrong key: AUTHENTICATION_FAILED on the wire, the reason at the responder (RFC 7296 §2.21.2)', () => {
    const both = pair({}, { key: 'another one' })
    bringUp(both)
    expect(both.a.named('ike-sa-failed')).toMatchObject([
      { refusal: { kind: 'notify', type: notify.AUTHENTICATION_FAILED, protected: 'protected' } },
    ])
    expect(both.b.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'authentication', reason: 'wrong-key' } }])
  })

  it('of a peer that nobody knows looks the same from outside as a wrong key', () => {
    const wrongKey = pair({}, { key: 'another one' })
    const unknown = pair({ identity: 'mallory.example', peer: 'any' }, {})
    bringUp(wrongKey)
    bringUp(unknown)
    const answers = (both: typeof unknown) =>
      both.a
        .named('message')
        .filter(({ direction }) => direction === 'received')
        .map(({ length, payloads }) => ({ length, payloads }))
    expect(answers(unknown)).toEqual(answers(wrongKey))
    expect(unknown.b.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'identity' } }])
  })

  it('by a responder with another identity than expected is told to it, and both close', () => {
    const both = pair({ peer: 'carol.example' }, {})
    bringUp(both)
    both.network.run(10_000)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'identity', reason: 'value' } }])
    expect(both.b.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'authentication', reason: 'rejected-by-peer' } }])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([0, 0])
  })

  it('by a responder with another key cannot be brought about by us, but a broken AUTH is refused', () => {
    const both = pair()
    const mac = both.b.mac
    let calls = 0
    Object.defineProperty(both.b, 'mac', {
      value: (request: Parameters<typeof mac>[0]) => (calls++ === 1 ? new Uint8Array(32) : mac(request)),
    })
    bringUp(both)
    both.network.run(10_000)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'authentication', reason: 'wrong-key' } }])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([0, 0])
  })
})

describe('a Child SA that fails leaves the IKE SA up (RFC 7296 §1.2, §2.21.2)', () => {
  const ipsec = { proposals: [value(parseProposal('aes256gcm16-noesn', 3))] }
  const net = (text: string) => [value(parseSelector(text))]

  it.each([
    {
      what: 'no common ESP proposal',
      left: {},
      right: ipsec,
      type: notify.NO_PROPOSAL_CHOSEN,
      refusal: { kind: 'proposal' },
    },
    {
      what: 'ESN on one side only',
      left: { proposals: [value(parseProposal('aes128gcm16-esn', 3))] },
      right: {},
      type: notify.NO_PROPOSAL_CHOSEN,
      refusal: { kind: 'proposal' },
    },
    {
      what: 'selectors that do not meet',
      left: { mode: 'tunnel', localSelectors: net('10.1.0.0/16'), remoteSelectors: net('10.2.0.0/16') },
      right: { mode: 'tunnel', localSelectors: net('10.3.0.0/16'), remoteSelectors: net('10.1.0.0/16') },
      type: notify.TS_UNACCEPTABLE,
      refusal: { kind: 'selectors', side: 'TSr' },
    },
    {
      what: 'tunnel mode wanted, transport mode configured',
      left: { mode: 'tunnel' },
      right: {},
      type: notify.NO_PROPOSAL_CHOSEN,
      refusal: { kind: 'mode', offered: 'tunnel', configured: 'transport' },
    },
  ] as const)('$what', ({ left, right, type, refusal }) => {
    const both = pair({ child: left }, { child: right })
    bringUp(both, 5_000)
    expect(both.a.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'notify', type, protected: 'protected' } }])
    expect(both.b.named('child-sa-failed')).toMatchObject([{ refusal }])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([1, 1])
  })

  it('transport mode wanted, tunnel mode given: we refuse it and delete what the peer has (RFC 7296 §1.3.1)', () => {
    const both = pair({}, { child: { mode: 'tunnel' } })
    bringUp(both, 5_000)
    both.network.run(5_000)
    expect(both.a.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'mode', offered: 'transport', configured: 'tunnel' } }])
    expect(both.b.named('child-sa-closed')).toMatchObject([{ by: 'peer' }])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([1, 1])
  })
})
