// Answers to IKE_SA_INIT with values that are out of range, or that nobody knows. RFC 7296 §2.6, §3.10.1.
import { describe, expect, it } from 'vitest'
import { notify } from '../../src/iana/notify.ts'
import { notification } from '../../src/ike/notifications.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type { Payload } from '../../src/wire/message.ts'
import { bringUp, pair, type Pair, value } from '../host/two-hosts.ts'

/** Alice has asked for an IKE SA; nobody hears her, and this is the answer. */
function answered(payload: Payload): Pair {
  const both = pair({}, {}, { loss: 1 })
  bringUp(both, 1)
  const [sent] = both.network.sent
  if (sent === undefined) throw new Error('no request')
  const { header } = value(decodeMessage(sent.bytes))
  const bytes = encodeMessage({ header: { ...header, flags: headerFlag.RESPONSE }, payloads: [payload] })
  both.network.feed(both.a, { kind: 'datagram', datagram: { ...sent, bytes } })
  return both
}

describe('a cookie', () => {
  it.each([
    [1, 'followed', 2],
    [64, 'followed', 2],
    [0, 'no cookie', 1],
    [65, 'no cookie', 1],
  ])('of %i octets is %s (RFC 7296 §2.6)', (length, _, requests) => {
    expect(answered(notification(notify.COOKIE, new Uint8Array(length))).network.sent).toHaveLength(requests)
  })
})

describe('an error of a type that nobody knows', () => {
  it('is one: the request has failed entirely (RFC 7296 §3.10.1)', () => {
    const both = answered(notification(8_191))
    both.network.run(10_000)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ refusal: { kind: 'notify', type: 8_191 } }])
    expect(both.a.host.ikeSaCount).toBe(0)
  })
})
