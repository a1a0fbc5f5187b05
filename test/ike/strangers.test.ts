// What an endpoint says to addresses that nobody has verified: little, rarely, and never in answer to an answer. RFC 7296 §2.5, §2.6, §2.21.4.
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/bytes/bytes.ts'
import type { Datagram } from '../../src/contract/machine.ts'
import { ikeSpi, instant } from '../../src/contract/units.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { limits } from '../../src/ike/limits.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type { Message, NotifyPayload, Payload } from '../../src/wire/message.ts'
import { address, alice, bob, bringUp, initiate, makeHost, pair } from '../host/two-hosts.ts'
import type { LabHost } from '../../src/lab/host.ts'

const server = { address: bob.address, port: 500 }

/** What the host sends back to one datagram. */
function ask(host: LabHost, bytes: Uint8Array, from = '192.0.2.1', now = 0): readonly Datagram[] {
  const datagram: Datagram = { channel: 'ike', local: server, remote: { address: address(from), port: 500 }, bytes }
  return host.host
    .handle(instant(now), { kind: 'datagram', datagram })
    .flatMap((output) => (output.kind === 'send' ? [output.datagram] : []))
}

/** The IKE_SA_INIT request that Alice would send, with changes. */
function initRequest(change: Partial<Message['header']> = {}, more: readonly Payload[] = [], seed = 9): Uint8Array {
  const both = pair({}, {}, { seed, loss: 1 })
  bringUp(both, 1)
  const message = decode(both.network.sent[0]?.bytes)
  return encodeMessage({ header: { ...message.header, ...change }, payloads: [...more, ...message.payloads] })
}

function decode(bytes: Uint8Array | undefined): Message {
  const decoded = decodeMessage(bytes ?? new Uint8Array(0))
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return decoded.value
}

function notification(answers: readonly Datagram[]): NotifyPayload | undefined {
  const message = answers.length === 1 ? decode(answers[0]?.bytes) : undefined
  return message?.payloads.find((payload): payload is NotifyPayload => payload.kind === 'N' && payload.type < 16_384)
}

const stranger = () => makeHost(bob, alice.address, 2)

describe('a stranger', () => {
  it('with a request gets one answer, and the same again when it repeats it', () => {
    const host = stranger()
    const first = ask(host, initRequest())
    expect(first).toHaveLength(1)
    expect(ask(host, initRequest())).toEqual(first)
    expect(host.host.ikeSaCount).toBe(1)
  })

  it('with another request under the same SPI gets nothing', () => {
    const host = stranger()
    ask(host, initRequest())
    const spi = decode(initRequest()).header.initiatorSpi
    expect(ask(host, initRequest({ initiatorSpi: spi }, [], 10))).toEqual([])
  })

  it('with a response gets nothing', () => {
    expect(ask(stranger(), initRequest({ flags: headerFlag.RESPONSE | headerFlag.INITIATOR }))).toEqual([])
  })

  it('with a higher major version hears which one we speak, with IKEv1 nothing (RFC 7296 §2.5)', () => {
    expect(notification(ask(stranger(), initRequest({ majorVersion: 3 })))?.type).toBe(notify.INVALID_MAJOR_VERSION)
    expect(ask(stranger(), initRequest({ majorVersion: 1 }))).toEqual([])
  })

  it('with a higher minor version is served (RFC 7296 §2.5)', () => {
    expect(ask(stranger(), initRequest({ minorVersion: 7 }))).toHaveLength(1)
  })

  it('with an unknown critical payload hears its type; with one that is not critical it is served (RFC 7296 §2.5)', () => {
    const unknown = { kind: 'unknown', type: 200, body: Uint8Array.of(1, 2, 3) } as const
    const refusal = notification(ask(stranger(), initRequest({}, [{ ...unknown, critical: true }])))
    expect(refusal).toMatchObject({ type: notify.UNSUPPORTED_CRITICAL_PAYLOAD, value: Uint8Array.of(200) })
    const served = decode(ask(stranger(), initRequest({}, [{ ...unknown, critical: false }]))[0]?.bytes)
    expect(served.payloads[0]?.kind).toBe('SA')
  })

  it('with a message for an IKE SA that we do not know hears so, in clear, with its SPIs and Message ID', () => {
    const header = {
      initiatorSpi: ikeSpi('0102030405060708'),
      responderSpi: ikeSpi('1112131415161718'),
      exchangeType: exchange.INFORMATIONAL,
      messageId: 7,
    }
    const answers = ask(stranger(), initRequest(header))
    expect(notification(answers)?.type).toBe(notify.INVALID_IKE_SPI)
    expect(decode(answers[0]?.bytes).header).toMatchObject({ ...header, flags: headerFlag.RESPONSE })
  })

  it('with any public value that is not one gets nothing', () => {
    const message = decode(initRequest())
    const payloads = message.payloads.map((payload) => (payload.kind === 'KE' ? { ...payload, publicValue: new Uint8Array(32) } : payload))
    expect(ask(stranger(), encodeMessage({ ...message, payloads }))).toEqual([])
  })

  it('gets no answer that is larger than its question', () => {
    const requests = [initRequest({ majorVersion: 3 }), initRequest({ responderSpi: ikeSpi('1112131415161718') })]
    for (const request of requests) {
      for (const { bytes } of ask(stranger(), request)) expect(bytes.length).toBeLessThanOrEqual(request.length)
    }
  })

  it('is answered at a bounded rate, for each prefix', () => {
    const host = stranger()
    let answers = 0
    for (let i = 0; i < 200; i++) answers += ask(host, initRequest({ majorVersion: 3 })).length
    expect(answers).toBe(limits.strangerBurst)
    expect(ask(host, initRequest({ majorVersion: 3 }), '198.51.100.1')).toHaveLength(1)
    expect(ask(host, initRequest({ majorVersion: 3 }), '192.0.2.1', 1_000)).toHaveLength(1)
  })

  it('who turns out to be a peer may come again at once, as often as it authenticates (RFC 7296 §2.21.4 is about unverified addresses)', () => {
    const both = pair({}, {}, { latency: 1, jitter: 0 })
    const times = 4 * limits.strangerBurst
    for (let i = 1; i <= times; i++) {
      both.network.feed(both.a, { kind: 'command', command: initiate })
      both.network.run(1_000, () => both.a.named('child-sa-established').length === i)
      both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
      both.network.run(1_000, () => both.a.named('ike-sa-closed').length === i)
    }
    expect(both.b.named('child-sa-established')).toHaveLength(times)
    expect(both.b.named('message-dropped')).toEqual([])
  })

  it('with garbage changes a counter and nothing else', () => {
    const host = stranger()
    for (let length = 0; length < 200; length++) {
      expect(
        ask(
          host,
          Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff),
        ),
      ).toEqual([])
    }
    expect(host.host.ikeSaCount).toBe(0)
  })
})

describe('a responder with many half-open IKE SAs', () => {
  const any = { connection: { remote: { kind: 'any' as const } } }
  const from = (i: number) => `198.51.${100 + (i >> 8)}.${i & 255}`
  const request = (i: number, more: readonly Payload[] = []) => {
    const bytes = initRequest({ initiatorSpi: ikeSpi((i + 1).toString(16).padStart(16, '0')) }, more)
    return bytes
  }

  function crowded(): LabHost {
    const host = makeHost({ ...bob, ...any }, alice.address, 2)
    for (let i = 0; i < limits.halfOpenBeforeCookies; i++) ask(host, request(i), from(i))
    return host
  }

  it('asks for a cookie, keeps no state, and serves who brings it back (RFC 7296 §2.6)', () => {
    const host = crowded()
    const demand = decode(ask(host, request(999), from(999))[0]?.bytes)
    const cookie = demand.payloads[0]
    expect(cookie).toMatchObject({ kind: 'N', type: notify.COOKIE })
    expect(demand.header.responderSpi).toBe('0000000000000000')
    expect(host.host.ikeSaCount).toBe(limits.halfOpenBeforeCookies)
    if (cookie?.kind !== 'N') throw new Error('no cookie')
    expect(decode(ask(host, request(999, [cookie]), from(999))[0]?.bytes).payloads[0]?.kind).toBe('SA')
    expect(host.host.ikeSaCount).toBe(limits.halfOpenBeforeCookies + 1)
  })

  it('takes no cookie from another address, for another SPI, or from long ago', () => {
    const host = crowded()
    const cookie = decode(ask(host, request(999), from(999))[0]?.bytes).payloads[0]
    if (cookie?.kind !== 'N') throw new Error('no cookie')
    const first = (bytes: Uint8Array, source: string, now = 0) => decode(ask(host, bytes, source, now)[0]?.bytes).payloads[0]
    expect(first(request(999, [cookie]), from(998))).toMatchObject({ type: notify.COOKIE })
    expect(first(request(998, [cookie]), from(999))).toMatchObject({ type: notify.COOKIE })
    expect(first(request(997), from(997), 130_000)).toMatchObject({ type: notify.COOKIE })
    expect(first(request(999, [cookie]), from(999), 131_000)).toMatchObject({ type: notify.COOKIE })
  })

  it('forgets half-open IKE SAs in time', () => {
    const host = crowded()
    host.host.handle(instant(300_000), { kind: 'tick' })
    expect(host.host.ikeSaCount).toBe(0)
    expect(host.host.deadline).toBeUndefined()
  })
})

describe('an initiator', () => {
  it('returns a cookie as the first payload, all others unchanged (RFC 7296 §2.6)', () => {
    const value = fromHex('c00c1e') ?? new Uint8Array(0)
    let demanded = false
    const both = pair({}, {}, undefined, (datagram) => {
      if (demanded || datagram.local.address !== alice.address) return datagram
      demanded = true
      const { header } = decode(datagram.bytes)
      const payloads: Payload[] = [{ kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(0), type: notify.COOKIE, value }]
      const bytes = encodeMessage({ header: { ...header, flags: headerFlag.RESPONSE }, payloads })
      both.network.transmit({ ...datagram, local: datagram.remote, remote: datagram.local, bytes })
      return undefined
    })
    bringUp(both)
    const [first, second] = both.network.sent.filter(({ local }) => local.address === alice.address).map(({ bytes }) => bytes)
    const [plain, withCookie] = [decode(first), decode(second)]
    expect(withCookie.payloads[0]).toMatchObject({ type: notify.COOKIE, value })
    // NAT detection with a forced NAT is random each time; all else is the same.
    expect(withCookie.payloads.slice(1, 4)).toEqual(plain.payloads.slice(0, 3))
    expect(both.a.named('child-sa-established')).toHaveLength(1)
  })

  it('gives up after some cookies', () => {
    const both = pair({}, {}, undefined, (datagram) => {
      if (datagram.local.address !== alice.address) return datagram
      const { header } = decode(datagram.bytes)
      const payloads: Payload[] = [
        {
          kind: 'N',
          critical: false,
          protocol: 0,
          spi: new Uint8Array(0),
          type: notify.COOKIE,
          value: Uint8Array.of(both.network.sent.length),
        },
      ]
      both.network.transmit({
        ...datagram,
        local: datagram.remote,
        remote: datagram.local,
        bytes: encodeMessage({ header: { ...header, flags: headerFlag.RESPONSE }, payloads }),
      })
      return undefined
    })
    bringUp(both)
    expect(both.a.named('cookie-demanded')).toHaveLength(limits.cookieRounds)
    expect(both.a.named('ike-sa-failed')).toHaveLength(1)
  })
})
