// What an initiator makes of answers to IKE_SA_INIT that anybody may have sent, one after another. RFC 7296 §2.6, §2.7, §2.21.1.
import { describe, expect, it } from 'vitest'
import type { Input } from '../../src/contract/machine.ts'
import { later } from '../../src/contract/units.ts'
import { notify } from '../../src/iana/notify.ts'
import { limits } from '../../src/ike/limits.ts'
import { notification } from '../../src/ike/notifications.ts'
import { retransmitDelay, timers } from '../../src/ike/timers.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type { Message, NotifyPayload } from '../../src/wire/message.ts'
import { bringUp, pair } from '../host/two-hosts.ts'

const [x25519, ecp256] = [31, 19]
const refusal = notification(notify.NO_PROPOSAL_CHOSEN)
const cookie = (octet: number): NotifyPayload => notification(notify.COOKIE, Uint8Array.of(octet))
const group = (id: number): NotifyPayload => notification(notify.INVALID_KE_PAYLOAD, Uint8Array.of(0, id))

/** Alice has asked for an IKE SA; nobody hears her, and the test answers. */
class Initiator {
  readonly #both = pair({ ike: 'aes128gcm16-prfsha256-x25519-ecp256' }, {}, { loss: 1 })

  constructor() {
    bringUp(this.#both, 1)
  }

  /** What she says to such an answer. */
  answer(payload: NotifyPayload): readonly string[] {
    const { network, a } = this.#both
    const [request] = this.requests
    const [sent] = network.sent
    if (request === undefined || sent === undefined) throw new Error('no request')
    const { channel, local, remote } = sent
    const bytes = encodeMessage({ header: { ...request.header, flags: headerFlag.RESPONSE }, payloads: [payload] })
    const input: Input = { kind: 'datagram', datagram: { channel, local, remote, bytes } }
    const before = network.sent.length
    network.feed(a, input)
    return this.requests.slice(before).map(leads)
  }

  /** What she says of herself in so many milliseconds. */
  wait(milliseconds: number): readonly string[] {
    const before = this.requests.length
    // The clock of the lab jumps to what happens: to nothing that comes later than what is asked for.
    const end = this.#both.network.now + milliseconds
    this.#both.network.plan(later(this.#both.network.now, milliseconds), () => {})
    this.#both.network.run(milliseconds)
    expect(this.#both.network.now).toBe(end)
    return this.requests.slice(before).map(leads)
  }

  get requests(): readonly Message[] {
    return this.#both.network.sent.map(({ bytes }) => {
      const decoded = decodeMessage(bytes)
      if (!decoded.ok) throw new Error(decoded.fault.message)
      return decoded.value
    })
  }

  get attempt() {
    return this.#both.a.host.view.ikeSas[0]?.attempt
  }

  get failures() {
    return this.#both.a.named('ike-sa-failed')
  }
}

/** `cookie 1` or `no cookie`, and the group. */
function leads({ payloads }: Message): string {
  const [first] = payloads
  const ke = payloads.find(({ kind }) => kind === 'KE')
  const words = first?.kind === 'N' && first.type === notify.COOKIE ? `cookie ${first.value.join()}` : 'no cookie'
  return `${words}, group ${ke?.kind === 'KE' ? ke.method : 'none'}`
}

describe('a refusal that is doubted', () => {
  it('is believed when nothing better comes (RFC 7296 §2.21.1)', () => {
    const initiator = new Initiator()
    expect(initiator.answer(refusal)).toEqual([])
    expect(initiator.attempt?.doubt).toBe('PEER_REFUSED')
    initiator.wait(timers.unprotectedRefusalPatience)
    expect(initiator.failures).toMatchObject([{ fault: { code: 'PEER_REFUSED' } }])
  })

  it.each([
    ['a cookie', cookie(1), `cookie 1, group ${x25519}`],
    ['another group', group(ecp256), `no cookie, group ${ecp256}`],
  ])('is dropped when the negotiation moves on, with %s', (_, better, next) => {
    const initiator = new Initiator()
    initiator.answer(refusal)
    expect(initiator.answer(better)).toEqual([next])
    expect(initiator.attempt?.doubt).toBeUndefined()
    initiator.wait(timers.unprotectedRefusalPatience)
    expect(initiator.failures).toEqual([])
    // In the end it is the silence after it that is told.
    initiator.wait(600_000)
    expect(initiator.failures).toMatchObject([{ fault: { code: 'PEER_SILENT' } }])
  })

  it('is dropped for a second cookie, too, though that is followed later', () => {
    const initiator = new Initiator()
    initiator.answer(cookie(1))
    initiator.answer(refusal)
    expect(initiator.answer(cookie(2))).toEqual([])
    expect(initiator.attempt?.doubt).toBeUndefined()
    initiator.wait(timers.unprotectedRefusalPatience)
    expect(initiator.failures).toEqual([])
  })

  it('stays in force when what comes has been followed already, or cannot be', () => {
    const initiator = new Initiator()
    initiator.answer(cookie(1))
    initiator.answer(group(ecp256))
    initiator.answer(refusal)
    for (const known of [cookie(1), group(ecp256), group(14), cookieOf(65)]) {
      expect(initiator.answer(known)).toEqual([])
      expect(initiator.attempt?.doubt).toBe('PEER_REFUSED')
    }
    initiator.wait(timers.unprotectedRefusalPatience)
    expect(initiator.failures).toHaveLength(1)
  })
})

describe('a second cookie', () => {
  const soon = retransmitDelay(0, 0)

  it('waits for as long as an answer to the first may take, and is followed then (RFC 7296 §2.6)', () => {
    const initiator = new Initiator()
    expect(initiator.answer(cookie(1))).toEqual([`cookie 1, group ${x25519}`])
    expect(initiator.answer(cookie(2))).toEqual([])
    expect(initiator.attempt).toMatchObject({ cookies: ['01'], spareCookie: '02' })
    expect(initiator.wait(soon - 1)).toEqual([])
    expect(initiator.wait(1)).toEqual([`cookie 2, group ${x25519}`])
    expect(initiator.attempt).toMatchObject({ cookies: ['01', '02'], spareCookie: undefined })
  })

  it('waits no longer than that, however long the first has gone unanswered', () => {
    const initiator = new Initiator()
    initiator.answer(cookie(1))
    initiator.wait(60_000)
    initiator.answer(cookie(2))
    expect(initiator.wait(soon)).toEqual([`cookie 2, group ${x25519}`])
  })

  it('makes nobody go back to the first, which comes again', () => {
    const initiator = new Initiator()
    initiator.answer(cookie(1))
    initiator.answer(cookie(2))
    initiator.wait(soon)
    initiator.answer(cookie(1))
    expect(initiator.attempt?.spareCookie).toBeUndefined()
    expect(initiator.wait(soon)).toEqual([`cookie 2, group ${x25519}`])
  })

  it('is followed at once when the group has changed: the first may have been for the other one (RFC 7296 §2.6.1)', () => {
    const initiator = new Initiator()
    initiator.answer(cookie(1))
    // The shorter exchange: the cookie stays in.
    expect(initiator.answer(group(ecp256))).toEqual([`cookie 1, group ${ecp256}`])
    expect(initiator.answer(cookie(2))).toEqual([`cookie 2, group ${ecp256}`])
  })

  it('and all others are so many at most', () => {
    const initiator = new Initiator()
    for (let octet = 1; octet <= 2 * limits.cookieRounds; octet++) {
      initiator.answer(cookie(octet))
      initiator.wait(soon)
    }
    expect(initiator.attempt?.cookies).toHaveLength(limits.cookieRounds)
  })
})

function cookieOf(length: number): NotifyPayload {
  return notification(notify.COOKIE, new Uint8Array(length).fill(9))
}
