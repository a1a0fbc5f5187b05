// Versions of one IKE_SA_INIT request are told from other requests. RFC 7296 §2.1, §2.6, §2.15.
import { describe, expect, it } from 'vitest'
import { requestDigest, withVersion } from '../../src/ike/endpoint/init-request.ts'
import { limits } from '../../src/ike/limits.ts'
import { notification } from '../../src/ike/notifications.ts'
import type { ResponderAuth } from '../../src/ike/sa/states.ts'
import { notify } from '../../src/iana/notify.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { bringUp, initiate, pair, provider } from '../host/two-hosts.ts'

/** What Alice says first, with a cookie of so many octets before it, or none. */
function request(cookie: Uint8Array | undefined, seed = 1): Uint8Array {
  const both = pair({}, {}, { seed, loss: 1 })
  bringUp(both, 1)
  const decoded = decodeMessage(both.network.sent[0]?.bytes ?? new Uint8Array(0))
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const cookies = cookie === undefined ? [] : [notification(notify.COOKIE, cookie)]
  return encodeMessage({ ...decoded.value, payloads: [...cookies, ...decoded.value.payloads] })
}

const nothing = new Uint8Array(0)
const answered = (bytes: Uint8Array): ResponderAuth => ({
  candidates: [],
  nonceI: nothing,
  nonceR: nothing,
  initRequests: [bytes],
  initResponse: nothing,
})

const plain = request(undefined)
const cookies = Array.from({ length: 64 }, (_, i) => request(new Uint8Array(i + 1).fill(i)))

describe('a request', () => {
  it('has the same digest with any cookie or none, and another one in any other case', () => {
    for (const version of cookies) expect(requestDigest(provider, version)).toBe(requestDigest(provider, plain))
    for (let i = 0; i < plain.length; i++) {
      const changed = plain.slice()
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(requestDigest(provider, changed), `octet ${i}`).not.toBe(requestDigest(provider, plain))
    }
  })

  it('has one digest for each initiator', () => {
    expect(requestDigest(provider, request(undefined, 2))).not.toBe(requestDigest(provider, plain))
  })
})

describe('what AUTH may be over', () => {
  const [one, two] = [request(Uint8Array.of(1)), request(Uint8Array.of(2))]

  it('is the version that was answered, and those with a cookie that come after it, in bounds', () => {
    expect(withVersion(answered(one), two)?.initRequests).toEqual([one, two])
    expect(withVersion(answered(plain), one)?.initRequests).toEqual([plain, one])
    let auth: ResponderAuth | undefined = answered(plain)
    for (const version of cookies) auth = auth === undefined ? undefined : withVersion(auth, version)
    expect(auth?.initRequests).toHaveLength(limits.requestVersions)
  })

  it('is no version twice, nor one from before the first cookie, which was not the latest', () => {
    expect(withVersion(answered(one), one)?.initRequests).toEqual([one])
    expect(withVersion(answered(one), plain)?.initRequests).toEqual([one])
  })

  it('is no other request', () => {
    expect(withVersion(answered(plain), request(undefined, 2))).toBeUndefined()
    expect(withVersion(answered(one), request(Uint8Array.of(1), 2))).toBeUndefined()
  })
})

describe('a version with a cookie that the responder has not made', () => {
  it('is answered as the one before, and AUTH is not tried over it', () => {
    const both = pair({ key: 'another key than that of the other one' })
    const { network, a, b } = both
    let asked = 0
    const { mac } = b
    Object.defineProperty(b, 'mac', { value: (request: Parameters<typeof mac>[0]) => (asked++, mac(request)) })
    const answers = (): number => b.named('message').filter(({ direction }) => direction === 'sent').length
    network.feed(a, { kind: 'command', command: initiate })
    network.run(1_000, () => answers() > 0)
    const heard = b.inputs.map(({ input }) => input).find((input) => input.kind === 'datagram')
    if (heard?.kind !== 'datagram') throw new Error('Bob has heard nothing')
    const decoded = decodeMessage(heard.datagram.bytes)
    if (!decoded.ok) throw new Error(decoded.fault.message)
    for (let i = 1; i <= 3; i++) {
      const payloads = [notification(notify.COOKIE, new Uint8Array(16).fill(i)), ...decoded.value.payloads]
      network.feed(b, { kind: 'datagram', datagram: { ...heard.datagram, bytes: encodeMessage({ ...decoded.value, payloads }) } })
    }
    expect(answers()).toBe(4)
    network.run(10_000, () => b.named('ike-sa-failed').length > 0)
    expect(b.named('ike-sa-failed')).toHaveLength(1)
    expect(asked).toBe(1)
  })
})
