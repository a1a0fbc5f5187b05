// Two hosts that fragment: what is agreed, what goes out in how many pieces, and what becomes of it on narrow paths. RFC 7383 §2.3 to §2.5.
import { describe, expect, it } from 'vitest'
import type { MessageEvent } from '../../src/contract/events.ts'
import type { Datagram } from '../../src/contract/machine.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { limits } from '../../src/ike/limits.ts'
import { hasNotification } from '../../src/ike/notifications.ts'
import { timers } from '../../src/ike/timers.ts'
import type { SelectorTemplate } from '../../src/policy/connection.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { decodeMessage } from '../../src/wire/codec.ts'
import { address, alice, bob, bringUp, initiate, pair, type Pair, type Side, value } from '../host/two-hosts.ts'

/** IKE_AUTH messages of about 2,700 octets, both of them. */
const manySelectors: readonly SelectorTemplate[] = Array.from({ length: 80 }, (_, i) =>
  value(parseSelector(`dynamic[udp/${1_000 + 2 * i}]`)),
)
const large = { localSelectors: manySelectors, remoteSelectors: manySelectors }
const side = (connection: Partial<Side['connection']>): Partial<Side> => ({ connection, child: large })

/** Of the IP datagram that carries it. */
const sizeOf = ({ bytes, local }: Datagram): number => bytes.length + 8 + (local.address.includes(':') ? 40 : 20)
const ikeOf = ({ channel, bytes }: Datagram): Uint8Array => (channel === 'nat-t' ? bytes.subarray(4) : bytes)

function payloadsIn(datagram: Datagram | undefined) {
  const decoded = datagram === undefined ? undefined : decodeMessage(ikeOf(datagram))
  return decoded?.ok === true ? decoded.value.payloads : []
}

/** Fragment Number and Total Fragments of all that went from one side. */
const fragmentsFrom = ({ network }: Pair, from: Side) =>
  network.sent
    .filter(({ local }) => local.address === from.address)
    .flatMap((datagram) =>
      payloadsIn(datagram).flatMap((payload) => (payload.kind === 'SKF' ? [[payload.fragmentNumber, payload.totalFragments]] : [])),
    )

const isUp = ({ a, b }: Pair): boolean => a.named('child-sa-established').length === 1 && b.named('child-sa-established').length === 1
const authMessages = (events: readonly MessageEvent[], direction: 'sent' | 'received') =>
  events.filter((event) => event.exchangeType === exchange.IKE_AUTH && event.direction === direction)

describe('the negotiation (RFC 7383 §2.3)', () => {
  const cases = (['yes', 'accept', 'no'] as const).flatMap((ours) =>
    (['yes', 'accept', 'no'] as const).map((theirs) => [ours, theirs] as const),
  )

  it.each(cases)('initiator %s, responder %s', (ours, theirs) => {
    const both = pair(side({ fragmentation: ours }), side({ fragmentation: theirs }))
    bringUp(both)
    expect(isUp(both)).toBe(true)
    const [request, response] = both.network.sent
    const says = (datagram: Datagram | undefined) => hasNotification(payloadsIn(datagram), notify.IKEV2_FRAGMENTATION_SUPPORTED)
    expect(says(request)).toBe(ours !== 'no')
    // Only in answer to an initiator that knows it.
    expect(says(response)).toBe(ours !== 'no' && theirs !== 'no')
    // RFC 7383 §2.4: MUST NOT be used unless both said so.
    expect(fragmentsFrom(both, alice).length > 0).toBe(ours === 'yes' && theirs !== 'no')
    expect(fragmentsFrom(both, bob).length > 0).toBe(theirs === 'yes' && ours !== 'no')
  })

  it('says it as RFC 7383 §2.3 has it: protocol 0, no SPI, no data', () => {
    const both = pair()
    bringUp(both)
    const said = payloadsIn(both.network.sent[0]).find((payload) => payload.kind === 'N' && payload.type === 16_430)
    expect(said).toEqual({ kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(0), type: 16_430, value: new Uint8Array(0) })
  })

  it('is said again with another group', () => {
    const both = pair({ ike: 'aes128gcm16-prfsha256-x25519-ecp256' }, { ike: 'aes128gcm16-prfsha256-ecp256' })
    bringUp(both)
    expect(isUp(both)).toBe(true)
    const requests = both.network.sent.filter(({ local, channel }) => local.address === alice.address && channel === 'ike')
    expect(requests.map((request) => hasNotification(payloadsIn(request), notify.IKEV2_FRAGMENTATION_SUPPORTED))).toEqual([true, true])
  })
})

describe('sizes (RFC 7383 §2.5.1)', () => {
  it.each([296, 400, 576, 1_000, 1_280, 1_500])(
    'no datagram is larger than %i octets, and the first is as full as can be',
    (fragmentSize) => {
      const both = pair(side({ fragmentSize }), side({ fragmentSize }))
      bringUp(both)
      expect(isUp(both)).toBe(true)
      const sizes = both.network.sent.filter((datagram) => payloadsIn(datagram)[0]?.kind === 'SKF').map(sizeOf)
      expect(Math.max(...sizes)).toBe(fragmentSize)
    },
  )

  it('are 1280 over IPv6 and over IPv4 where nothing is said, and never below 296', () => {
    for (const [fragmentSize, most] of [
      [undefined, 1_280],
      [20, 296],
    ] as const) {
      const both = pair(side({ fragmentSize }), side({ fragmentSize }))
      bringUp(both)
      expect(Math.max(...both.network.sent.filter((datagram) => payloadsIn(datagram)[0]?.kind === 'SKF').map(sizeOf))).toBe(most)
    }
    const six = { address: address('2001:db8::1') }
    const both = pair({ ...side({}), ...six }, { ...side({}), address: address('2001:db8::2') })
    const path = {
      start: 'ike',
      local: { ...six, ikePort: 500, natPort: 4500 },
      remote: { address: address('2001:db8::2'), ikePort: 500, natPort: 4500 },
    } as const
    both.network.feed(both.a, { kind: 'command', command: { kind: 'initiate', connection: 'peer', child: 'child', path } })
    both.network.run(10_000, () => isUp(both))
    expect(isUp(both)).toBe(true)
    expect(Math.max(...both.network.sent.filter((datagram) => payloadsIn(datagram)[0]?.kind === 'SKF').map(sizeOf))).toBe(1_280)
  })

  it('the responder keeps to the size of what it received', () => {
    const both = pair(side({ fragmentSize: 500 }), side({ fragmentSize: 1_280 }))
    bringUp(both)
    const fromBob = both.network.sent.filter(
      (datagram) => datagram.local.address === bob.address && payloadsIn(datagram)[0]?.kind === 'SKF',
    )
    expect(Math.max(...fromBob.map(sizeOf))).toBe(500)
  })

  it('what fits is not fragmented, and IKE_SA_INIT never is (RFC 7383 §2.2)', () => {
    const narrowSide = { ike: 'aes128gcm16-prfsha256-modp3072', connection: { fragmentSize: 296 } }
    const both = pair(narrowSide, narrowSide)
    bringUp(both)
    const [up] = both.a.named('ike-sa-established')
    if (up === undefined) throw new Error('no IKE SA')
    both.network.command(both.a, { kind: 'check-liveness', ikeSa: up.ikeSa })
    both.network.run(1_000)
    const [init] = both.network.sent
    expect(init === undefined ? 0 : sizeOf(init)).toBeGreaterThan(296)
    expect(payloadsIn(init).some(({ kind }) => kind === 'SKF')).toBe(false)
    const informational = both.a.named('message').filter(({ exchangeType }) => exchangeType === exchange.INFORMATIONAL)
    expect(informational.map(({ fragments }) => fragments)).toEqual([1, 1])
  })
})

describe('events', () => {
  it('tell one message of so many fragments, with what is inside', () => {
    const both = pair(side({ fragmentSize: 576 }), side({ fragmentSize: 576 }))
    bringUp(both)
    const total = fragmentsFrom(both, alice).length
    expect(total).toBeGreaterThan(4)
    for (const event of [...authMessages(both.a.named('message'), 'sent'), ...authMessages(both.b.named('message'), 'received')]) {
      expect(event).toMatchObject({
        fragments: total,
        role: 'request',
        payloads: ['SKF', 'IDi', 'IDr', 'AUTH', 'N(INITIAL_CONTACT)', 'N(USE_TRANSPORT_MODE)', 'SA', 'TSi', 'TSr'],
      })
    }
    const octets = both.network.sent.filter(
      (datagram) => datagram.local.address === alice.address && payloadsIn(datagram)[0]?.kind === 'SKF',
    )
    expect(authMessages(both.a.named('message'), 'sent')[0]?.length).toBe(octets.reduce((sum, { bytes }) => sum + bytes.length - 4, 0))
  })
})

describe('a retransmission', () => {
  it('sends all fragments again, the same octets (RFC 7296 §2.1)', () => {
    let lost = 0
    const both = pair(side({ fragmentSize: 576 }), side({ fragmentSize: 576 }), {}, (datagram) => {
      const [skf] = payloadsIn(datagram)
      return skf?.kind === 'SKF' && skf.fragmentNumber === 2 && lost++ === 0 ? undefined : datagram
    })
    bringUp(both)
    expect(isUp(both)).toBe(true)
    const sent = both.network.sent.filter((datagram) => datagram.local.address === alice.address && payloadsIn(datagram)[0]?.kind === 'SKF')
    const half = sent.length / 2
    expect(sent.slice(0, half).map(({ bytes }) => bytes)).toEqual(sent.slice(half).map(({ bytes }) => bytes))
    // All but the one that was missing had come before.
    expect(both.b.named('message-dropped').map(({ reason }) => reason)).toEqual(Array.from({ length: half - 1 }, () => 'fragment-repeated'))
  })
})

describe('a path that carries less (RFC 7383 §2.5.2)', () => {
  /** Swallows what is larger, in one direction or both. */
  const narrow =
    (most: number, from?: Side) =>
    (datagram: Datagram): Datagram | undefined =>
      sizeOf(datagram) > most && (from === undefined || datagram.local.address === from.address) ? undefined : datagram

  it.each([600, 300])('of %i octets: the request goes on in smaller fragments, and the timers start over', (most) => {
    const both = pair(side({}), side({}), {}, narrow(most))
    bringUp(both)
    expect(isUp(both)).toBe(true)
    const totals = [...new Set(fragmentsFrom(both, alice).map(([, total]) => total ?? 0))]
    expect(totals).toEqual(totals.toSorted((x, y) => x - y))
    expect(totals).toHaveLength(most === 600 ? 2 : 3)
    const waits = both.a
      .named('message')
      .filter(({ direction, role, exchangeType }) => direction === 'sent' && role === 'request' && exchangeType === exchange.IKE_AUTH)
    const gaps = waits.slice(1).map(({ at }, i) => at - (waits[i]?.at ?? 0))
    // Each is a little shorter than these, by chance; the next one would be 1,688 ms.
    const round = [500, 750, 1_125]
    expect(gaps).toHaveLength(most === 600 ? 3 : 6)
    for (const [i, gap] of gaps.entries()) {
      expect(gap).toBeLessThanOrEqual(round[i % 3] ?? 0)
      expect(gap).toBeGreaterThan(0.85 * (round[i % 3] ?? 0))
    }
  })

  it('for the answer alone: the responder follows an initiator that goes on to smaller fragments', () => {
    // Of the repetitions only that in smaller fragments comes through.
    let transmissions = 0
    const wide = narrow(600, bob)
    const both = pair(side({}), side({}), {}, (datagram) => {
      const [skf] = payloadsIn(datagram)
      const isFirst = datagram.local.address === alice.address && skf?.kind === 'SKF' && skf.fragmentNumber === 1
      if (isFirst) transmissions++
      return isFirst && (transmissions === 2 || transmissions === 3) ? undefined : wide(datagram)
    })
    bringUp(both)
    expect(isUp(both)).toBe(true)
    expect(new Set(fragmentsFrom(both, bob).map(([, total]) => total)).size).toBe(2)
    expect(authMessages(both.b.named('message'), 'sent')).toHaveLength(2)
  })

  it('for the answer to a request that is too small to be divided: repetitions make the responder divide it (RFC 7383 §2.4)', () => {
    const both = pair({}, side({}), {}, narrow(600, bob))
    bringUp(both)
    expect(isUp(both)).toBe(true)
    expect(fragmentsFrom(both, alice)).toEqual([])
    expect([...new Set(authMessages(both.b.named('message'), 'sent').map(({ fragments }) => fragments))]).toEqual([3, 6])
  })

  it('and what has been found is where the next exchange starts', () => {
    let most = 600
    const both = pair(side({}), side({}), {}, (datagram) => narrow(most)(datagram))
    bringUp(both)
    most = 10_000
    const [up] = both.a.named('ike-sa-established')
    expect(up).toBeDefined()
    expect(both.a.host.view.ikeSas).toMatchObject([{ fragmentation: { threshold: 576 } }])
  })

  it('which a rekeyed IKE SA inherits', () => {
    const both = pair(side({}), side({}), {}, narrow(600))
    bringUp(both)
    const [up] = both.a.named('ike-sa-established')
    if (up === undefined) throw new Error('no IKE SA')
    both.network.command(both.a, { kind: 'rekey-ike-sa', ikeSa: up.ikeSa })
    both.network.run(10_000)
    for (const { host, named } of [both.a, both.b].map((end) => ({ host: end.host, named: end }))) {
      const heirs = host.view.ikeSas.filter(({ id }) => id !== named.named('ike-sa-established')[0]?.ikeSa)
      expect(heirs).toMatchObject([{ phase: 'established', fragmentation: { sending: 'yes', incomplete: [] } }])
    }
    expect(both.a.host.view.ikeSas.at(-1)?.fragmentation?.threshold).toBe(576)
  })

  it('on which the last fragment of the answer is always lost: the failure says that some came', () => {
    const both = pair(side({}), side({}), {}, (datagram) => {
      const [skf] = payloadsIn(datagram)
      const isLast = skf?.kind === 'SKF' && skf.fragmentNumber === skf.totalFragments
      return isLast && datagram.local.address === bob.address ? undefined : datagram
    })
    bringUp(both)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'silence', hint: 'answered-in-part' } }])
  })

  it('after the smallest size, transmissions go on until the peer is given up (RFC 7296 §2.4)', () => {
    let swallow = false
    const both = pair(side({}), side({}), {}, (datagram) => (swallow && datagram.channel !== 'ike' ? undefined : datagram))
    swallow = true
    both.network.feed(both.a, { kind: 'command', command: initiate })
    both.network.run(600_000)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ fault: { code: 'PEER_SILENT' } }])
    const sent = authMessages(both.a.named('message'), 'sent')
    const bySize = [...new Set(sent.map(({ fragments }) => fragments))].map(
      (size) => sent.filter(({ fragments }) => fragments === size).length,
    )
    expect(bySize).toEqual([timers.probeTransmissions, timers.probeTransmissions, timers.retransmitTimes + 1])
    expect(limits.fragmentSteps).toHaveLength(3)
  })
})
