// Requests that come in fragments: what is collected, what is discarded, what is answered. RFC 7383 §2.6, §2.6.1, §5.
import { describe, expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { limits } from '../../src/ike/limits.ts'
import { notification } from '../../src/ike/notifications.ts'
import { timers } from '../../src/ike/timers.ts'
import { instant } from '../../src/contract/units.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import { encodePayloads } from '../../src/wire/codec.ts'
import type { Payload } from '../../src/wire/message.ts'
import { type Fragment, Puppeteer } from './puppeteer.ts'

/** Strangers' notifications: an INFORMATIONAL request with them is answered by an empty answer. */
const many: readonly Payload[] = Array.from({ length: 30 }, (_, i) => notification(40_000 + i, new Uint8Array(20).fill(i)))
const { firstType, bytes: content } = encodePayloads(many)

/** The content in `total` fragments of about the same size, boundaries of payloads notwithstanding. */
function fragmentsOf(puppet: Puppeteer, total: number, messageId = puppet.nextId): readonly Uint8Array[] {
  const size = Math.ceil(content.length / total)
  return Array.from({ length: total }, (_, i) =>
    puppet.fragment({
      number: i + 1,
      total,
      content: content.subarray(i * size, (i + 1) * size),
      messageId,
      ...(i === 0 ? { firstPayload: firstType } : {}),
    }),
  )
}

const incomplete = (puppet: Puppeteer) => puppet.both.b.host.view.ikeSas[0]?.fragmentation?.incomplete
const lastDrop = (puppet: Puppeteer) => puppet.both.b.named('message-dropped').at(-1)?.reason
const dropsOf = (puppet: Puppeteer) => puppet.both.b.named('message-dropped').map(({ reason }) => reason)
const lastMessage = (puppet: Puppeteer) => puppet.both.b.named('message').findLast(({ direction }) => direction === 'received')

describe('fragments of a request', () => {
  it('are answered once all are there, in whatever order they come', () => {
    const puppet = new Puppeteer('established')
    const [first, ...rest] = fragmentsOf(puppet, 5).toReversed()
    expect(puppet.raw(first ?? content)).toBeUndefined()
    expect(rest.map((piece) => puppet.raw(piece)).slice(0, -1)).toEqual([undefined, undefined, undefined])
    expect(lastMessage(puppet)).toMatchObject({ fragments: 5, length: fragmentsOf(puppet, 5).reduce((sum, { length }) => sum + length, 0) })
    expect(lastMessage(puppet)?.payloads).toEqual(['SKF', ...many.map(() => expect.stringMatching(/^N\(/) as unknown)])
    expect(dropsOf(puppet)).toEqual([])
  })

  it('are nothing by themselves: what is already there is not looked into (RFC 7383 §5)', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    // A Delete for the IKE SA, whole, in the first of two fragments.
    const deletion = Uint8Array.of(0, 0, 0, 8, 1, 0, 0, 0)
    expect(puppet.raw(puppet.fragment({ number: 1, total: 2, content: deletion, firstPayload: 42, messageId }))).toBeUndefined()
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
    expect(puppet.raw(puppet.fragment({ number: 2, total: 2, content: new Uint8Array(0), messageId }))).toEqual([])
    expect(puppet.both.b.host.ikeSaCount).toBe(0)
  })

  it('may be a single one', () => {
    const puppet = new Puppeteer('established')
    expect(fragmentsOf(puppet, 1).map((piece) => puppet.raw(piece))).toEqual([[]])
  })

  it('that come twice are discarded silently', () => {
    const puppet = new Puppeteer('established')
    const [one = content, two = content] = fragmentsOf(puppet, 2)
    expect(puppet.raw(one)).toBeUndefined()
    expect(puppet.raw(one)).toBeUndefined()
    expect(lastDrop(puppet)).toBe('fragment-repeated')
    expect(puppet.raw(two)).toEqual([])
  })

  it('of a larger set start the reassembly over, and those of a smaller one are discarded silently', () => {
    const puppet = new Puppeteer('established')
    const [ofTwo = content, otherOfTwo = content] = fragmentsOf(puppet, 2)
    const [a = content, b = content, c = content] = fragmentsOf(puppet, 3)
    puppet.raw(ofTwo)
    puppet.raw(b)
    expect(puppet.raw(otherOfTwo)).toBeUndefined()
    expect(lastDrop(puppet)).toBe('fragment-outdated')
    // The first of two is forgotten: both that are missing of three have to come.
    expect(puppet.raw(c)).toBeUndefined()
    expect(puppet.raw(a)).toEqual([])
    expect(lastMessage(puppet)).toMatchObject({ fragments: 3 })
  })

  it('that fail their ICV change nothing: neither a larger set nor a missing number', () => {
    const puppet = new Puppeteer('established')
    const [one = content, two = content] = fragmentsOf(puppet, 2)
    const broken = (piece: Uint8Array): Uint8Array => piece.map((octet, at) => (at === piece.length - 1 ? octet ^ 1 : octet))
    puppet.raw(one)
    expect(puppet.raw(broken(fragmentsOf(puppet, 3)[0] ?? content))).toBeUndefined()
    expect(puppet.raw(broken(two))).toBeUndefined()
    expect(dropsOf(puppet)).toEqual(['integrity-check-failed', 'integrity-check-failed'])
    expect(puppet.raw(two)).toEqual([])
  })

  it('whose numbers are impossible are discarded silently', () => {
    const puppet = new Puppeteer('established')
    const wrong: readonly (readonly [number: number, total: number])[] = [
      [1, 0],
      [3, 2],
      [0, 2],
      [0, 0],
    ]
    for (const [number, total] of wrong) {
      const piece = puppet.fragment({ number: 1, total: 2, content, messageId: puppet.nextId })
      piece.set([number >>> 8, number & 255, total >>> 8, total & 255], 32)
      expect(puppet.raw(piece)).toBeUndefined()
      expect(lastDrop(puppet)).toBe('malformed')
    }
    expect(fragmentsOf(puppet, 2).map((piece) => puppet.raw(piece))).toEqual([undefined, []])
  })

  it('of another exchange do not go together', () => {
    const puppet = new Puppeteer('established')
    const [one = content, two = content] = fragmentsOf(puppet, 2)
    puppet.raw(one)
    const strange = puppet.fragment({ number: 2, total: 2, content, messageId: puppet.nextId, exchangeType: exchange.CREATE_CHILD_SA })
    expect(puppet.raw(strange)).toBeUndefined()
    expect(lastDrop(puppet)).toBe('exchange-unexpected')
    expect(puppet.raw(two)).toEqual([])
  })

  it('give way to the whole message, should that come', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    const [one = content, two = content] = fragmentsOf(puppet, 2)
    puppet.raw(one)
    expect(puppet.request(exchange.INFORMATIONAL, many)).toEqual([])
    expect(lastMessage(puppet)).toMatchObject({ fragments: 1, messageId })
    expect(incomplete(puppet)).toEqual([])
    expect(puppet.raw(two)).toBeUndefined()
    expect(lastDrop(puppet)).toBe('fragment-repeated')
  })

  it('with the Next Payload of a later one set make the same message (RFC 7383 §2.6 does not have it checked)', () => {
    const puppet = new Puppeteer('established')
    const half = Math.ceil(content.length / 2)
    const messageId = puppet.nextId
    const parts: readonly Fragment[] = [
      { number: 1, total: 2, content: content.subarray(0, half), firstPayload: firstType, messageId },
      { number: 2, total: 2, content: content.subarray(half), firstPayload: 35, messageId },
    ]
    expect(parts.map((part) => puppet.raw(puppet.fragment(part)))).toEqual([undefined, []])
  })

  it('that make a malformed message are answered as one: INVALID_SYNTAX (RFC 7296 §2.21.3)', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    const broken = Uint8Array.of(0, 0, 0, 8, 3, 4, 0, 9)
    puppet.raw(puppet.fragment({ number: 1, total: 2, content: broken.subarray(0, 3), firstPayload: 42, messageId }))
    expect(puppet.raw(puppet.fragment({ number: 2, total: 2, content: broken.subarray(3), messageId }))).toMatchObject([
      { type: notify.INVALID_SYNTAX },
    ])
  })

  it('outside the window are not collected', () => {
    const puppet = new Puppeteer('established')
    for (const piece of fragmentsOf(puppet, 2, puppet.nextId + 1)) expect(puppet.raw(piece)).toBeUndefined()
    expect(dropsOf(puppet)).toEqual(['message-id-out-of-window', 'message-id-out-of-window'])
  })
})

describe('fragments of an answer', () => {
  const response = headerFlag.INITIATOR | headerFlag.RESPONSE

  it('are collected while the request is out, and not after', () => {
    const puppet = new Puppeteer('established')
    const { network, b } = puppet.both
    const [up] = b.named('ike-sa-established')
    if (up === undefined) throw new Error('no IKE SA')
    const part = (number: number, messageId = 0): Uint8Array =>
      puppet.fragment({ number, total: 2, content: new Uint8Array(0), firstPayload: 0, messageId, flags: response })
    puppet.raw(part(1))
    expect(lastDrop(puppet)).toBe('response-unexpected')
    network.command(b, { kind: 'check-liveness', ikeSa: up.ikeSa })
    for (const number of [1, 2]) expect(puppet.raw(part(number))).toBeUndefined()
    expect(b.named('peer-alive')).toHaveLength(1)
    puppet.raw(part(1))
    expect(dropsOf(puppet)).toEqual(['response-unexpected', 'response-unexpected'])
  })

  it('are wanted no more when the IKE SA is over', () => {
    const puppet = new Puppeteer('established')
    const { network, b } = puppet.both
    const [up] = b.named('ike-sa-established')
    if (up === undefined) throw new Error('no IKE SA')
    network.command(b, { kind: 'check-liveness', ikeSa: up.ikeSa })
    puppet.raw(puppet.fragment({ number: 1, total: 2, content, messageId: 0, flags: response }))
    expect(incomplete(puppet)).toEqual([{ role: 'response', messageId: 0, fragments: 1, totalFragments: 2 }])
    const deletion: Payload = { kind: 'D', critical: false, protocol: 1, spiSize: 0, spis: [] }
    expect(puppet.request(exchange.INFORMATIONAL, [deletion])).toEqual([])
    expect(b.host.view).toMatchObject({ ikeSas: [], over: [{ answered: [2] }] })
  })
})

describe('a request in fragments that has been answered', () => {
  it('is answered again for fragment 1 alone (RFC 7383 §2.6.1), once its ICV is right', () => {
    const puppet = new Puppeteer('established')
    const [one = content, two = content, three = content] = fragmentsOf(puppet, 3)
    for (const piece of [one, two]) expect(puppet.raw(piece)).toBeUndefined()
    expect(puppet.raw(three)).toEqual([])
    for (const piece of [three, two]) {
      expect(puppet.raw(piece)).toBeUndefined()
      expect(lastDrop(puppet)).toBe('fragment-repeated')
    }
    expect(puppet.raw(one)).toEqual([])
    expect(puppet.raw(one.map((octet, at) => (at === 50 ? octet ^ 1 : octet)))).toBeUndefined()
    expect(lastDrop(puppet)).toBe('integrity-check-failed')
  })

  it('is answered again for fragment 1 of another set, which its sender has gone on to (RFC 7383 §2.5.2)', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    for (const piece of fragmentsOf(puppet, 2, messageId)) puppet.raw(piece)
    const [one = content, ...others] = fragmentsOf(puppet, 4, messageId)
    expect(puppet.raw(one)).toEqual([])
    for (const piece of others) expect(puppet.raw(piece)).toBeUndefined()
  })

  it('is answered once for each repetition when it came whole at first', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    expect(puppet.request(exchange.INFORMATIONAL, many)).toEqual([])
    expect(fragmentsOf(puppet, 2, messageId).map((piece) => puppet.raw(piece))).toEqual([[], undefined])
  })
})

describe('reassembly is bounded', () => {
  it('in time: what is not complete is forgotten, the IKE SA lives on, and all may come again', () => {
    const puppet = new Puppeteer('established')
    const { network, b } = puppet.both
    const [one = content, two = content] = fragmentsOf(puppet, 2)
    puppet.raw(one)
    const due = instant(network.now + timers.reassemblyLifetime)
    expect(b.host.deadline).toBeLessThanOrEqual(due)
    network.run(timers.reassemblyLifetime + 1)
    expect(dropsOf(puppet)).toContain('fragments-incomplete')
    expect(b.host.ikeSaCount).toBe(1)
    expect(puppet.raw(two)).toBeUndefined()
    expect(puppet.raw(one)).toEqual([])
  })

  it('in fragments', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    puppet.raw(puppet.fragment({ number: 1, total: limits.fragments + 1, content, messageId }))
    expect(lastDrop(puppet)).toBe('fragment-limit')
    puppet.raw(puppet.fragment({ number: 1, total: limits.fragments, content, messageId }))
    expect(dropsOf(puppet)).toHaveLength(1)
  })

  it('in octets: with more than any message has, the connection is dropped (RFC 7383 §5)', () => {
    const puppet = new Puppeteer('established')
    const messageId = puppet.nextId
    const quarter = new Uint8Array(limits.reassembledOctets / 4)
    const piece = (number: number, octets: Uint8Array): Uint8Array => puppet.fragment({ number, total: 9, content: octets, messageId })
    for (let number = 1; number <= 4; number++) expect(puppet.raw(piece(number, quarter))).toBeUndefined()
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
    expect(puppet.raw(piece(5, new Uint8Array(1)))).toBeUndefined()
    expect(puppet.both.b.host.ikeSaCount).toBe(0)
    expect(puppet.both.b.named('ike-sa-failed')).toMatchObject([{ fault: { code: 'PEER_FRAGMENTS_EXCESSIVE' } }])
  })
})

describe('an IKE SA that is not made for fragments', () => {
  const oneSided = [
    ['no', 'yes'],
    ['yes', 'no'],
  ] as const
  it.each(oneSided)('takes none: fragmentation %s and %s', (mine, theirs) => {
    const puppet = new Puppeteer('established', { connection: { fragmentation: theirs } }, { connection: { fragmentation: mine } })
    for (const piece of fragmentsOf(puppet, 2)) expect(puppet.raw(piece)).toBeUndefined()
    expect(dropsOf(puppet)).toEqual(['fragment-unexpected', 'fragment-unexpected'])
    expect(puppet.request(exchange.INFORMATIONAL, [])).toEqual([])
  })

  it.each(['yes', 'accept'] as const)('takes them with fragmentation %s', (theirs) => {
    const puppet = new Puppeteer('established', { connection: { fragmentation: theirs } })
    expect(fragmentsOf(puppet, 2).map((piece) => puppet.raw(piece))).toEqual([undefined, []])
  })
})
