import { reorderingOf } from '../../src/ipsec/reordering.ts'
import { describe, expect, test } from 'vitest'
import { type EchoAddresses, echoAddresses } from '../../src/cli/echo-addresses.ts'
import { PacketSource, runEchoes } from '../../src/cli/echo-run.ts'
import { Negotiation } from '../../src/cli/negotiation.ts'
import { pingJson } from '../../src/cli/ping-report.ts'
import { formatReply, formatSummary, PingStatistics } from '../../src/cli/ping-statistics.ts'
import type { ChildSaEstablished, IkeSaEstablished } from '../../src/contract/events.ts'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import { espSpi, type IkeSaId, ikeSaId, ikeSpi } from '../../src/contract/units.ts'
import { answerPing } from '../../src/runtime/services/echo-responder.ts'
import { address, addresses, encr } from '../inspect/samples.ts'

const noReordering = reorderingOf(undefined, undefined)

describe('ping', () => {
  test('counts as ping counts', () => {
    const books = new PingStatistics(1000)
    for (const [sequence, at] of [
      [1, 1000],
      [2, 2000],
      [3, 3000],
    ] as const)
      books.sent(sequence, at)
    expect(books.received(1, 1001.5, 64, 64)).toMatchObject({ sequence: 1, roundTrip: 1.5, duplicate: 'first' })
    expect(books.received(3, 3002.5, 64, 63)).toMatchObject({ sequence: 3, roundTrip: 2.5 })
    expect(books.received(3, 3004, 64, 63)).toMatchObject({ duplicate: 'duplicate' })
    expect(books.received(9, 3005, 64, 64)).toBeUndefined()
    expect(books.complete).toBe(false)
    expect(formatSummary(books.summary(4000), '192.0.2.2').split('\n')).toEqual([
      '--- 192.0.2.2 ping statistics ---',
      '3 packets transmitted, 2 received, +1 duplicates, 33.33% packet loss, time 3000 ms',
      'rtt min/avg/max/mdev = 1.500/2.000/2.500/0.500 ms',
    ])
  })
  test('has no times to tell when nothing came back', () => {
    const books = new PingStatistics(0)
    books.sent(1, 0)
    expect(formatSummary(books.summary(10), 'h')).toBe(
      '--- h ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 10 ms',
    )
  })
  test.each([
    [0.4123, '0.412'],
    [41.237, '41.24'],
    [123.44, '123.4'],
    [1234.6, '1235'],
  ])('writes %d ms with the figures that count', (roundTrip, text) => {
    const reply = { sequence: 5, octets: 64, ttl: 63, roundTrip, duplicate: 'first' } as const
    expect(formatReply(reply, '192.0.2.2')).toBe(`64 octets from 192.0.2.2: seq=5 ttl=63 time=${text} ms`)
  })
})

const child = (local: readonly TrafficSelector[], remote: readonly TrafficSelector[]): ChildSaEstablished => ({
  mapped: undefined,
  replaces: undefined,
  additionalSelectors: 'unknown',
  connection: 'peer',
  childName: 'child',
  inbound: espSpi(0x1000),
  outbound: espSpi(0x2000),
  mode: 'tunnel',
  suite: { protocol: 3, encryption: encr(20, 256), integrity: undefined, extendedSequence: 'no-esn' },
  localSelectors: local,
  remoteSelectors: remote,
  encapsulation: 'udp',
})
const ikeSaOf = (replaces: IkeSaId | undefined): IkeSaEstablished => ({
  role: 'initiator',
  replaces,
  connection: 'peer',
  initiatorSpi: ikeSpi('0000000000000001'),
  responderSpi: ikeSpi('0000000000000002'),
  local: { address: address('192.0.2.1'), port: 4500 },
  remote: { address: address('192.0.2.2'), port: 4500 },
  localIdentity: { type: 2, value: new Uint8Array(0) },
  remoteIdentity: { type: 2, value: new Uint8Array(0) },
  suite: { encryption: encr(20, 256), prf: encr(5, 256), integrity: undefined, keyExchange: encr(19, 256) },
  encapsulation: 'udp',
})
const outer: EchoAddresses = { local: address('192.0.2.1'), remote: address('192.0.2.2') }
const all = addresses('0.0.0.0', '255.255.255.255')

describe('the addresses of an echo request', () => {
  test('are the outer ones where the selectors hold them', () => {
    const narrow = child([addresses('192.0.2.1', '192.0.2.1')], [addresses('192.0.2.2', '192.0.2.2')])
    expect(echoAddresses(narrow, outer)).toEqual({ ok: true, value: outer })
    expect(echoAddresses(child([all], [all]), outer)).toEqual({ ok: true, value: outer })
  })
  test('are hosts of the selectors, never the number of the network', () => {
    const tunnel = child([addresses('10.1.0.0', '10.1.0.255')], [addresses('10.2.0.7', '10.2.0.7')])
    expect(echoAddresses(tunnel, outer)).toEqual({ ok: true, value: { local: '10.1.0.1', remote: '10.2.0.7' } })
  })
  test('are IPv6 in a tunnel for IPv6 over IPv4', () => {
    const tunnel = child([all, addresses('2001:db8:1::', '2001:db8:1::ffff')], [addresses('2001:db8:2::5', '2001:db8:2::5')])
    expect(echoAddresses(tunnel, outer)).toEqual({ ok: true, value: { local: '2001:db8:1::1', remote: '2001:db8:2::5' } })
  })
  test('are none where the selectors let no echo request through', () => {
    const tcp = { ...all, protocol: 6 }
    expect(echoAddresses(child([tcp], [all]), outer)).toEqual({
      ok: false,
      fault: 'no echo request may pass through this SA: its selectors are 0.0.0.0/0[tcp] ↔ 0.0.0.0/0',
    })
    const requestsOnly = { ...all, protocol: 1, startPort: 0x0800, endPort: 0x08ff }
    expect(echoAddresses(child([requestsOnly], [all]), outer).ok).toBe(false)
    expect(echoAddresses(child([{ ...all, protocol: 1 }], [all]), outer).ok).toBe(true)
  })
})

describe('a run of echo requests', () => {
  const plan = {
    addresses: outer,
    protocol: 'ESP',
    count: 3,
    interval: 1,
    size: 56,
    output: 'json',
    stop: new Promise<never>(() => {}),
  } as const

  test('ends with the last reply', async () => {
    const packets = new PacketSource()
    const send = (packet: Uint8Array): void => {
      const reply = answerPing(packet)
      if (reply === undefined) throw new Error('not an echo request')
      queueMicrotask(() => packets.offer(reply))
    }
    const run = await runEchoes({ ...plan, send }, packets)
    expect(run).toMatchObject({ stopped: undefined, summary: { transmitted: 3, received: 3, loss: 0 } })
    expect(run.replies.map(({ sequence, octets, ttl }) => [sequence, octets, ttl])).toEqual([
      [1, 64, 64],
      [2, 64, 64],
      [3, 64, 64],
    ])
    expect(
      pingJson({
        peer: outer.remote,
        outcome: { kind: 'established', ikeSa: undefined, childSa: child([all], [all]) },
        run,
        dropped: {},
        reordering: noReordering,
        rekeyFailures: [],
      }),
    ).toMatchObject({ established: true, transmitted: 3, received: 3, lossPercent: 0, failure: null, childSa: { mode: 'tunnel' } })
  })

  test('stops when it is told to', async () => {
    const run = await runEchoes({ ...plan, send: () => {}, interval: 60_000, stop: Promise.resolve('interrupted') }, new PacketSource())
    expect(run).toMatchObject({ stopped: 'interrupted', summary: { transmitted: 1, received: 0 } })
  })
})

describe('a negotiation', () => {
  const ikeSa = ikeSaId(1)
  const fault = { family: 'peer', code: 'PEER_SILENT', message: 'nothing came back', rfc: 'RFC 7296 §2.4' } as const
  const refusal = {
    kind: 'silence',
    exchangeType: 34,
    transmissions: 13,
    elapsed: 194_000,
    remote: { address: outer.remote, port: 500 },
    heardFrom: undefined,
    hint: 'none',
  } as const

  test('ends with what kept it from coming up', async () => {
    const negotiation = new Negotiation()
    negotiation.offer({ name: 'ike-sa-failed', ikeSa, connection: 'peer', fault, refusal })
    const outcome = await negotiation.outcome
    expect(outcome).toEqual({ kind: 'failed', fault, refusal })
    expect(
      pingJson({ peer: outer.remote, outcome, run: undefined, dropped: {}, reordering: noReordering, rekeyFailures: [] }),
    ).toMatchObject({
      established: false,
      failure: { code: 'PEER_SILENT', reason: expect.stringContaining('no answer to IKE_SA_INIT'), refusal: { kind: 'silence' } },
    })
  })
  test('keeps its first end', async () => {
    const negotiation = new Negotiation()
    negotiation.end({ kind: 'interrupted' })
    negotiation.offer({ name: 'ike-sa-failed', ikeSa, connection: 'peer', fault, refusal })
    expect(await negotiation.outcome).toEqual({ kind: 'interrupted' })
  })
  test('is broken when the peer closes what it made, not when we do', async () => {
    const negotiation = new Negotiation()
    let state = 'whole'
    void negotiation.broken.then(() => {
      state = 'broken'
    })
    negotiation.offer({ name: 'ike-sa-closed', ikeSa, by: 'us' })
    await Promise.resolve()
    expect(state).toBe('whole')
    negotiation.offer({ name: 'ike-sa-closed', ikeSa, by: 'peer' })
    await negotiation.broken
    expect(state).toBe('broken')
  })
  test('is whole while one of its IKE SAs is', async () => {
    const negotiation = new Negotiation()
    let state = 'whole'
    void negotiation.broken.then(() => {
      state = 'broken'
    })
    negotiation.offer({ name: 'ike-sa-established', ikeSa, established: ikeSaOf(undefined) })
    negotiation.offer({ name: 'ike-sa-established', ikeSa: ikeSaId(2), established: ikeSaOf(ikeSa) })
    negotiation.offer({ name: 'ike-sa-closed', ikeSa, by: 'peer' })
    await Promise.resolve()
    expect(state).toBe('whole')
    negotiation.offer({ name: 'ike-sa-closed', ikeSa: ikeSaId(2), by: 'peer' })
    await negotiation.broken
    expect(state).toBe('broken')
  })
  test('remembers which rekeys failed', () => {
    const negotiation = new Negotiation()
    negotiation.offer({ name: 'rekey-failed', ikeSa, child: undefined, fault, refusal, next: 'start-over' })
    const { rekeyFailures } = negotiation
    expect(
      pingJson({
        peer: outer.remote,
        outcome: { kind: 'interrupted' },
        run: undefined,
        dropped: {},
        reordering: noReordering,
        rekeyFailures,
      }),
    ).toMatchObject({
      rekeyFailures: [{ sa: 'ike-sa', next: 'start-over', code: 'PEER_SILENT', refusal: { kind: 'silence' } }],
    })
  })
})
