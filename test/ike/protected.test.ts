// Inside an IKE SA: Message IDs, unknown payloads, malformed contents, exchanges out of place. RFC 7296 §2.2, §2.3, §2.5, §2.21.
import { describe, expect, it } from 'vitest'
import type { Payload } from '../../src/wire/message.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { notification } from '../../src/ike/notifications.ts'
import { encodeMessage } from '../../src/wire/codec.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import { Puppeteer } from './puppeteer.ts'

const nothing = new Uint8Array(0)
const unknown = (critical: boolean): Payload => ({ kind: 'unknown', critical, type: 200, body: Uint8Array.of(1) })
const lastDrop = (puppet: Puppeteer) => puppet.both.b.named('message-dropped').at(-1)?.reason

describe('a request in an established IKE SA', () => {
  it('that is empty is answered by an empty answer (RFC 7296 §1.4)', () => {
    expect(new Puppeteer('established').request(exchange.INFORMATIONAL, [])).toEqual([])
  })

  it('with an unknown critical payload is rejected with its type, and the IKE SA goes on (RFC 7296 §2.5)', () => {
    const puppet = new Puppeteer('established')
    expect(puppet.request(exchange.INFORMATIONAL, [unknown(true)])).toMatchObject([
      { type: notify.UNSUPPORTED_CRITICAL_PAYLOAD, value: Uint8Array.of(200) },
    ])
    expect(puppet.request(exchange.INFORMATIONAL, [unknown(false)])).toEqual([])
  })

  it('with unknown notifications is answered, status or error (RFC 7296 §3.10.1)', () => {
    const puppet = new Puppeteer('established')
    expect(puppet.request(exchange.INFORMATIONAL, [notification(40_000, nothing), notification(8_000, nothing)])).toEqual([])
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
  })

  it('for a Child SA, without a nonce, is fatal: INVALID_SYNTAX (RFC 7296 §1.3, §2.21.3)', () => {
    const puppet = new Puppeteer('established')
    expect(puppet.request(exchange.CREATE_CHILD_SA, [])).toMatchObject([{ type: notify.INVALID_SYNTAX }])
    expect(puppet.both.b.host.ikeSaCount).toBe(0)
  })

  it('that is a second IKE_AUTH, or an exchange that we do not know, is fatal: INVALID_SYNTAX (RFC 7296 §2.21.3)', () => {
    for (const type of [exchange.IKE_AUTH, 99]) {
      const puppet = new Puppeteer('established')
      expect(puppet.request(type, [])).toMatchObject([{ type: notify.INVALID_SYNTAX }])
      expect(puppet.both.b.host.ikeSaCount).toBe(0)
    }
  })

  it('whose contents do not decode is fatal: INVALID_SYNTAX (RFC 7296 §2.21.3)', () => {
    const puppet = new Puppeteer('established')
    // A Delete payload that claims nine SPIs and has none.
    const broken = Uint8Array.of(0, 0, 0, 8, 3, 4, 0, 9)
    expect(puppet.raw(puppet.sealOctets(42, broken))).toMatchObject([{ type: notify.INVALID_SYNTAX }])
    expect(puppet.both.b.named('ike-sa-failed')).toMatchObject([{ fault: { family: 'wire' } }])
  })

  it('must have the next Message ID, and comes again only with the last (RFC 7296 §2.2, §2.3)', () => {
    const puppet = new Puppeteer('established')
    const id = puppet.nextId
    expect(puppet.request(exchange.INFORMATIONAL, [], id + 1)).toBeUndefined()
    expect(lastDrop(puppet)).toBe('message-id-out-of-window')
    const first = puppet.seal(exchange.INFORMATIONAL, [], id)
    expect(puppet.raw(first)).toEqual([])
    expect(puppet.raw(first)).toEqual([])
    expect(puppet.request(exchange.INFORMATIONAL, [], id - 1)).toBeUndefined()
    expect(lastDrop(puppet)).toBe('message-id-out-of-window')
  })

  it('that was changed on the way is dropped, whichever octet it was', () => {
    const puppet = new Puppeteer('established')
    const sound = puppet.seal(exchange.INFORMATIONAL, [notification(16_400)], puppet.nextId)
    for (let i = 0; i < sound.length; i++) {
      const changed = sound.slice()
      changed[i] = (changed[i] ?? 0) ^ 1
      // Outside the message that is protected there is nothing to lose but an unprotected hint.
      const answers = puppet.outputs(changed).filter(({ kind }) => kind === 'send')
      expect(answers.length, `octet ${i}`).toBeLessThanOrEqual(i < 16 || i === 17 || i === 19 ? 1 : 0)
    }
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
    expect(puppet.raw(sound)).toEqual([])
  })

  it('is never taken unprotected, nor is an unprotected answer (RFC 7296 §2.21.4)', () => {
    const puppet = new Puppeteer('established')
    const { header } = puppet
    const clear = (flags: number) =>
      encodeMessage({ header: { ...header, flags, messageId: puppet.nextId }, payloads: [notification(notify.INVALID_IKE_SPI)] })
    expect(puppet.raw(clear(headerFlag.INITIATOR))).toBeUndefined()
    expect(lastDrop(puppet)).toBe('not-protected')
    // An INVALID_IKE_SPI in clear is a hint: one liveness check follows, and no more for a while.
    const answers = [1, 2, 3].flatMap(() =>
      puppet.outputs(clear(headerFlag.INITIATOR | headerFlag.RESPONSE)).filter(({ kind }) => kind === 'send'),
    )
    expect(answers).toHaveLength(1)
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
  })
})

describe('a Delete', () => {
  it('for SPIs that nobody has is answered by an empty answer', () => {
    const puppet = new Puppeteer('established')
    const answer = puppet.request(exchange.INFORMATIONAL, [
      { kind: 'D', critical: false, protocol: 3, spiSize: 4, spis: [Uint8Array.of(1, 2, 3, 4)] },
    ])
    expect(answer).toEqual([])
    expect(puppet.both.b.named('child-sa-closed')).toEqual([])
  })

  it('of the IKE SA is answered again when it comes again, though the IKE SA is gone', () => {
    const puppet = new Puppeteer('established')
    const bytes = puppet.seal(exchange.INFORMATIONAL, [{ kind: 'D', critical: false, protocol: 1, spiSize: 0, spis: [] }], puppet.nextId)
    expect(puppet.raw(bytes)).toEqual([])
    expect(puppet.both.b.host.ikeSaCount).toBe(0)
    expect(puppet.raw(bytes)).toEqual([])
    expect(puppet.both.b.named('ike-sa-closed')).toHaveLength(1)
  })
})

describe('an IKE_AUTH request', () => {
  it('without IDi is malformed as a whole', () => {
    expect(new Puppeteer('init').request(exchange.IKE_AUTH, [])).toMatchObject([{ type: notify.INVALID_SYNTAX }])
  })

  it('with an unknown critical payload makes no IKE SA, and nothing else is looked at (RFC 7296 §2.21.2)', () => {
    const puppet = new Puppeteer('init')
    expect(puppet.request(exchange.IKE_AUTH, [unknown(true)])).toMatchObject([{ type: notify.UNSUPPORTED_CRITICAL_PAYLOAD }])
    expect(puppet.both.b.host.ikeSaCount).toBe(0)
  })

  it('without AUTH, for EAP, is not for us', () => {
    const identity = { type: 2, value: Uint8Array.of(97) }
    expect(new Puppeteer('init').request(exchange.IKE_AUTH, [{ kind: 'IDi', critical: false, identity }])).toMatchObject([
      { type: notify.AUTHENTICATION_FAILED },
    ])
  })

  it('must come before any other exchange', () => {
    const puppet = new Puppeteer('init')
    expect(puppet.request(exchange.INFORMATIONAL, [])).toMatchObject([{ type: notify.INVALID_SYNTAX }])
    expect(puppet.both.b.named('ike-sa-established')).toEqual([])
  })
})
