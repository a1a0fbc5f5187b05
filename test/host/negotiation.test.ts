// Two hosts negotiate and protect packets, on a calm network. RFC 7296 §1.2, §2.9.
import { describe, expect, it } from 'vitest'
import { portableProvider } from '../../src/crypto/providers/portable.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { address, alice, bob, bringUp, type Pair, pair, type Side, value } from './two-hosts.ts'
import { seededRandom } from '../../src/lab/random.ts'

function udpPacket(from: Address, to: Address, text: string): Uint8Array {
  const payload = Uint8Array.from(text, (character) => character.charCodeAt(0))
  const datagram = udpDatagram({ source: { address: from, port: 4000 }, destination: { address: to, port: 5000 }, payload })
  return ipPacket(from, to, 17, datagram)
}

/** One packet each way; both must come out as they went in. */
function exchangePackets(both: Pair, from: Address, to: Address): void {
  const there = udpPacket(from, to, 'there')
  const back = udpPacket(to, from, 'and back')
  both.network.feed(both.a, { kind: 'packet', bytes: there })
  both.network.feed(both.b, { kind: 'packet', bytes: back })
  both.network.run(1_000)
  expect(both.b.delivered.map(({ bytes }) => bytes)).toEqual([there])
  expect(both.a.delivered.map(({ bytes }) => bytes)).toEqual([back])
}

describe('two hosts with the same key', () => {
  it('agree on an IKE SA and a Child SA in two exchanges', () => {
    const both = pair()
    bringUp(both)
    expect(both.a.named('ike-sa-failed')).toEqual([])
    expect(both.b.named('message-dropped')).toEqual([])
    const [a] = both.a.named('child-sa-established')
    const [b] = both.b.named('child-sa-established')
    expect(a?.established.inbound).toBe(b?.established.outbound)
    expect(a?.established.outbound).toBe(b?.established.inbound)
    expect(a?.established.mode).toBe('transport')
    expect(both.a.named('message').filter(({ direction }) => direction === 'sent')).toHaveLength(2)
  })

  it('exchange packets through it, in UDP, and nothing is sent in clear', () => {
    const both = pair()
    bringUp(both)
    exchangePackets(both, alice.address, bob.address)
    expect(both.network.sent.every(({ channel }) => channel !== 'esp')).toBe(true)
    expect(both.a.bypassed).toEqual([])
  })

  it('give the same octets from the same seeds', () => {
    const octets = (): string[] => {
      const both = pair({}, {}, { seed: 7 })
      bringUp(both)
      return both.network.sent.map(({ bytes }) => bytes.join())
    }
    expect(octets()).toEqual(octets())
  })

  it.each([
    'aes256gcm16-prfsha384-ecp384',
    'chacha20poly1305-prfsha512-ecp256',
    'aes256-sha256-modp2048',
    'aes192-sha384-ecp521',
    'aes128-sha512-modp3072',
    'aes128-sha256-x448',
    'aes128-sha256-ecp256bp',
    'aes128-sha256-ecp512bp',
    'aes128-sha256-modp1536',
    'aes128-sha256-modp4096',
    'aes128-sha1-x25519',
    'aes128-aesxcbc-x25519',
    'aes256ctr-aescmac-x25519',
    'aes128ctr-sha256-x25519',
    'aes128ccm8-prfaesxcbc-x25519',
    'aes192ccm12-prfaescmac-x25519',
    'aes256ccm16-prfsha1-x25519',
    'aes128gcm8-prfsha256-x25519',
    'aes256gcm12-prfsha256-x25519',
    'camellia128-sha256-x25519',
    'camellia256-sha512-x25519',
    '3des-sha1-x25519',
  ])('agree on %s', (ike) => {
    const both = pair({ ike }, { ike })
    bringUp(both)
    exchangePackets(both, alice.address, bob.address)
  })

  it.each([
    'aes256gcm16-esn',
    'chacha20poly1305-noesn',
    'aes128-sha256-esn',
    'aes256-sha512-noesn',
    'null-sha256-noesn',
    'aes128-sha1-esn',
    'aes128-aesxcbc-noesn',
    'aes256ctr-aescmac-esn',
    'aes128ctr-sha256-noesn',
    'aes128gcm8-esn',
    'aes192gcm12-noesn',
    'aes256ccm16-esn',
    'aes128ccm8-noesn',
    'aes192ccm12-noesn',
    'aes128gmac-esn',
    'aes256gmac-noesn',
    'aes128gcm16iiv-esn',
    'aes256ccm8iiv-noesn',
    'chacha20poly1305iiv-esn',
  ])('protect packets by %s', (espWords) => {
    const both = pair({ espWords }, { espWords, provider: portableProvider({ random: seededRandom(3) }) })
    bringUp(both)
    exchangePackets(both, alice.address, bob.address)
  })

  it.each(['camellia192-sha256-esn', '3des-sha1-noesn'])('protect packets by %s, where both providers have it', (espWords) => {
    const both = pair({ espWords }, { espWords })
    bringUp(both)
    exchangePackets(both, alice.address, bob.address)
  })

  it('need no particular provider: node at one end, portable at the other', () => {
    const both = pair({}, { provider: portableProvider({ random: seededRandom(3) }) })
    bringUp(both)
    exchangePackets(both, alice.address, bob.address)
  })

  it('carry whole subnets in tunnel mode', () => {
    const subnet = (text: string) => [value(parseSelector(text))]
    const left: Partial<Side> = {
      child: { mode: 'tunnel', localSelectors: subnet('10.1.0.0/16'), remoteSelectors: subnet('10.2.0.0/16') },
    }
    const right: Partial<Side> = {
      child: { mode: 'tunnel', localSelectors: subnet('10.2.0.0/16'), remoteSelectors: subnet('10.0.0.0/8') },
    }
    const both = pair(left, right)
    bringUp(both)
    expect(both.a.named('child-sa-established')[0]?.established.remoteSelectors[0]?.startAddress).toBe('10.2.0.0')
    exchangePackets(both, address('10.1.2.3'), address('10.2.3.4'))
  })

  it('speak over IPv6 as well', () => {
    const both = pair({ address: address('2001:db8::1') }, { address: address('2001:db8::2') })
    const ends = { a: address('2001:db8::1'), b: address('2001:db8::2') }
    both.network.feed(both.a, { kind: 'packet', bytes: udpPacket(ends.a, ends.b, 'starts it') })
    both.network.run(1_000)
    expect(both.b.delivered).toHaveLength(1)
  })

  it('skip UDP encapsulation when neither asks for it and no NAT is between', () => {
    const bare = { connection: { encapsulation: 'when-needed' as const } }
    const both = pair(bare, bare)
    bringUp(both)
    exchangePackets(both, alice.address, bob.address)
    expect(both.network.sent.filter(({ channel }) => channel === 'esp')).toHaveLength(2)
    expect(both.network.sent.every(({ channel }) => channel !== 'nat-t')).toBe(true)
  })

  it('start on the NAT traversal port when told to', () => {
    const remote = { kind: 'exactly', start: 'nat-t', host: { address: bob.address, ikePort: undefined, natPort: 4500 } } as const
    const both = pair({ connection: { remote } })
    both.network.feed(both.a, { kind: 'packet', bytes: udpPacket(alice.address, bob.address, 'first') })
    both.network.run(1_000)
    expect(both.b.delivered).toHaveLength(1)
    expect(both.network.sent.every(({ channel }) => channel === 'nat-t')).toBe(true)
  })
})

describe('the end of an SA', () => {
  it('is a Delete of the IKE SA, answered, and both have forgotten it', () => {
    const both = pair()
    bringUp(both)
    both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
    both.network.run(1_000)
    expect(both.a.named('ike-sa-closed')).toMatchObject([{ by: 'us' }])
    expect(both.b.named('ike-sa-closed')).toMatchObject([{ by: 'peer' }])
    expect(both.b.named('child-sa-closed')).toMatchObject([{ by: 'peer' }])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([0, 0])
  })

  it('may be of one Child SA only: RFC 7296 §1.4.1', () => {
    const both = pair()
    bringUp(both)
    const child = both.b.named('child-sa-established')[0]?.child
    if (child === undefined) throw new Error('no child')
    both.network.feed(both.b, { kind: 'command', command: { kind: 'close-child-sa', child } })
    both.network.run(1_000)
    expect(both.a.named('child-sa-closed')).toMatchObject([{ by: 'peer' }])
    expect(both.b.named('child-sa-closed')).toMatchObject([{ by: 'us' }])
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([1, 1])
  })

  it('may be wanted by both at once: the Deletes cross, and both are answered', () => {
    const both = pair()
    bringUp(both)
    const close = (host: typeof both.a): void => {
      const child = host.named('child-sa-established')[0]?.child
      if (child !== undefined) both.network.feed(host, { kind: 'command', command: { kind: 'close-child-sa', child } })
    }
    close(both.a)
    close(both.b)
    both.network.run(1_000)
    expect(both.a.named('child-sa-closed')).toHaveLength(1)
    expect(both.b.named('child-sa-closed')).toHaveLength(1)
    both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
    both.network.feed(both.b, { kind: 'command', command: { kind: 'close-all' } })
    both.network.run(1_000)
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([0, 0])
  })
})

describe('liveness', () => {
  it('is asked for by an empty INFORMATIONAL after silence, and answered (RFC 7296 §2.4)', () => {
    const both = pair({ connection: { livenessDelay: 30_000 } })
    bringUp(both)
    both.network.run(100_000)
    expect(both.a.named('peer-alive').length).toBeGreaterThanOrEqual(3)
    expect(both.a.named('ike-sa-failed')).toEqual([])
  })

  it('finds a dead peer after a dozen retransmissions over minutes', () => {
    let dead = false
    const both = pair({ connection: { livenessDelay: 30_000 } }, {}, {}, (datagram) => (dead ? undefined : datagram))
    bringUp(both)
    dead = true
    const before = both.network.now
    both.network.run(600_000, () => both.a.named('ike-sa-failed').length > 0)
    expect(both.a.named('ike-sa-failed')).toMatchObject([
      { fault: { code: 'PEER_SILENT' }, refusal: { kind: 'silence', transmissions: 13 } },
    ])
    expect(both.a.named('retransmit')).toHaveLength(12)
    expect(both.network.now - before).toBeGreaterThan(180_000)
  })
})
