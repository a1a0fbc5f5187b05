// IKE_SA_INIT as we send it. RFC 7296 §1.2, §2.5, §2.10, §3.1, §3.2, §3.9.
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { decodeMessage } from '../../src/wire/codec.ts'
import { isFromInitiator, isResponse } from '../../src/wire/flags.ts'
import type { Message } from '../../src/wire/message.ts'
import { bringUp, pair, value } from '../host/two-hosts.ts'

/** All of a negotiation in which the group changes, and of one that follows it. */
function messages(): readonly Message[] {
  const both = pair({ ike: 'aes128gcm16-prfsha256-x25519-ecp256' }, { ike: 'aes128gcm16-prfsha256-ecp256' })
  bringUp(both)
  both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
  both.network.run(1_000)
  bringUp(both)
  both.network.run(1_000)
  const sent = both.network.sent.filter(({ channel }) => channel === 'ike').map(({ bytes }) => value(decodeMessage(bytes)))
  return sent.filter(({ header }) => header.exchangeType === exchange.IKE_SA_INIT)
}

const all = messages()
const requests = all.filter(({ header }) => !isResponse(header.flags))
const payload = <K extends 'SA' | 'KE' | 'NONCE'>(message: Message | undefined, kind: K) =>
  message?.payloads.find((each): each is Extract<typeof each, { readonly kind: K }> => each.kind === kind)

describe('IKE_SA_INIT', () => {
  it('has version 2.0, and zero for the responder in requests, with its flags (RFC 7296 §3.1)', () => {
    expect(all).toHaveLength(8)
    for (const { header } of all) expect([header.majorVersion, header.minorVersion]).toEqual([2, 0])
    for (const { header } of all) expect(isFromInitiator(header.flags)).toBe(!isResponse(header.flags))
    expect(new Set(requests.map(({ header }) => header.responderSpi))).toEqual(new Set(['0000000000000000']))
  })

  it('with another group has all of its proposals again (RFC 7296 §1.2)', () => {
    const [first, second] = requests
    expect(payload(second, 'KE')?.method).not.toBe(payload(first, 'KE')?.method)
    expect(payload(second, 'SA')).toEqual(payload(first, 'SA'))
    expect(payload(second, 'SA')?.proposals[0]?.transforms.filter(({ type }) => type === 4)).toHaveLength(2)
  })

  it('has nonces of 32 octets, half of the longest key of a PRF, and each only for one attempt (RFC 7296 §2.10, §3.9)', () => {
    const nonces = all.flatMap((message) => payload(message, 'NONCE')?.nonce ?? [])
    expect(nonces.map(({ length }) => length)).toEqual(nonces.map(() => 32))
    // The initiator's stays as it was when the group changes.
    expect(nonces).toHaveLength(6)
    expect(new Set(nonces.map(toHex)).size).toBe(4)
  })

  it('has no payload that is critical, in neither direction (RFC 7296 §2.5, §3.2)', () => {
    expect(all.flatMap(({ payloads }) => payloads.filter(({ critical }) => critical))).toEqual([])
  })
})
