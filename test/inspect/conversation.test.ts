import { describe, expect, test } from 'vitest'
import { CaptureLadder } from '../../src/inspect/capture-ladder.ts'
import { Conversations, type MessagePlace } from '../../src/inspect/conversation.ts'
import type { IkeSummary, Summary } from '../../src/inspect/span.ts'
import { parseAddress } from '../../src/net/address.ts'

const fromInitiator: IkeSummary = {
  initiatorSpi: '0102030405060708',
  responderSpi: '0000000000000000',
  majorVersion: 2,
  exchangeType: 34,
  exchange: 'IKE_SA_INIT',
  messageId: 0,
  direction: 'request',
  sender: 'initiator',
  payloads: ['SA', 'KE', 'NONCE'],
  fragment: undefined,
}
const request = (messageId: number, more: Partial<IkeSummary> = {}): IkeSummary => ({
  ...fromInitiator,
  responderSpi: '1112131415161718',
  exchangeType: 37,
  exchange: 'INFORMATIONAL',
  payloads: ['SK'],
  messageId,
  ...more,
})
const response = (ike: IkeSummary): IkeSummary => ({
  ...ike,
  responderSpi: '1112131415161718',
  direction: 'response',
  sender: ike.sender === 'initiator' ? 'responder' : 'initiator',
})
const octets = (value: number): Uint8Array => Uint8Array.of(1, 2, 3, 4, value)
const fresh = (frame: number): Partial<MessagePlace> => ({ transmission: 1, firstFrame: frame, lostResponse: undefined })

describe('a message among those before it', () => {
  test('a response answers its request, though the first request has no SPI of the responder', () => {
    const talk = new Conversations()
    expect(talk.note(1, fromInitiator, octets(1))).toMatchObject(fresh(1))
    expect(talk.note(2, response(fromInitiator), octets(2))).toMatchObject({ ...fresh(2), answers: 1 })
    expect(talk.unanswered).toEqual([])
  })

  test('the same octets again are a retransmission; other octets are a new request, with a cookie perhaps', () => {
    const talk = new Conversations()
    talk.note(1, fromInitiator, octets(1))
    expect(talk.note(2, fromInitiator, octets(1))).toMatchObject({ transmission: 2, firstFrame: 1 })
    expect(talk.note(3, fromInitiator, octets(9))).toMatchObject(fresh(3))
    expect(talk.note(4, response(fromInitiator), octets(2))).toMatchObject({ answers: 3 })
  })

  test('a request that comes again after its response says that the response was lost', () => {
    const talk = new Conversations()
    const ask = request(5)
    talk.note(1, ask, octets(1))
    talk.note(2, response(ask), octets(2))
    expect(talk.note(3, ask, octets(1))).toMatchObject({ transmission: 2, firstFrame: 1, lostResponse: 2 })
    expect(talk.note(4, response(ask), octets(2))).toMatchObject({ transmission: 2, firstFrame: 2, answers: 3 })
  })

  test('both sides count their own requests: equal Message IDs do not meet', () => {
    const talk = new Conversations()
    const ours = request(0)
    const theirs = request(0, { sender: 'responder' })
    talk.note(1, ours, octets(1))
    talk.note(2, theirs, octets(1))
    expect(talk.note(3, response(theirs), octets(3))).toMatchObject({ answers: 2 })
    expect(talk.unanswered).toEqual([{ frame: 1, exchange: 'INFORMATIONAL', messageId: 0, transmissions: 1 }])
  })

  test('fragments are known again one by one, and only the first asks for a response again (RFC 7383 §2.6.1)', () => {
    const talk = new Conversations()
    const part = (number: number, total = 2): IkeSummary => request(5, { fragment: { number, total } })
    expect(talk.note(1, part(1), octets(1))).toMatchObject(fresh(1))
    expect(talk.note(2, part(2), octets(2))).toMatchObject(fresh(2))
    expect(talk.note(3, part(1), octets(1))).toMatchObject({ transmission: 2, firstFrame: 1, lostResponse: undefined })
    expect(talk.unanswered).toEqual([{ frame: 1, exchange: 'INFORMATIONAL', messageId: 5, transmissions: 2 }])
    expect(talk.note(4, response(part(1)), octets(3))).toMatchObject({ ...fresh(4), answers: 3 })
    expect(talk.note(5, response(part(2)), octets(3))).toMatchObject({ ...fresh(5), answers: 3 })
    expect(talk.note(6, part(2), octets(2))).toMatchObject({ transmission: 2, firstFrame: 2, lostResponse: undefined })
    expect(talk.note(7, part(1), octets(1))).toMatchObject({ transmission: 3, firstFrame: 1, lostResponse: 5 })
    // A set of smaller fragments is not another request.
    expect(talk.note(8, part(1, 3), octets(9))).toMatchObject(fresh(8))
    expect(talk.unanswered).toEqual([])
  })

  test('IKEv1 has no responses; what comes again is told', () => {
    const talk = new Conversations()
    const main = request(0, { majorVersion: 1, exchangeType: 2, exchange: 'Identity Protection' })
    talk.note(1, main, octets(1))
    expect(talk.note(2, main, octets(1))).toMatchObject({ transmission: 2, firstFrame: 1 })
    expect(talk.unanswered).toEqual([])
  })

  test('only so many exchanges are remembered', () => {
    const talk = new Conversations(10)
    for (let id = 0; id < 1000; id++) talk.note(id, request(id), octets(1))
    expect(talk.unanswered).toHaveLength(10)
  })
})

describe('the ladder of a capture', () => {
  const [us, them] = ['192.0.2.1', '192.0.2.2'].map((text) => parseAddress(text) ?? expect.unreachable(text))
  const summary = (direction: 'there' | 'back', more: Partial<Summary>): Summary => {
    const [source, destination] = direction === 'there' ? [us, them] : [them, us]
    if (source === undefined || destination === undefined) return expect.unreachable()
    return {
      text: '',
      addresses: { source, destination },
      ports: { source: 500, destination: 500 },
      ike: undefined,
      security: undefined,
      inside: undefined,
      ...more,
    }
  }

  test('tells retransmissions, lost responses, ESP in one row, and requests without a response', () => {
    const talk = new Conversations()
    const ladder = new CaptureLadder()
    let number = 0
    const ike = (direction: 'there' | 'back', message: IkeSummary, value: number): void => {
      number++
      const place = talk.note(number, message, octets(value))
      ladder.note({ number, at: BigInt(number) * 1_000_000n, summary: summary(direction, { ike: message }), octets: 100, place })
    }
    const esp = (direction: 'there' | 'back', sequence: number): void => {
      number++
      const security = { protocol: 'ESP', spi: direction === 'there' ? 0xaa : 0xbb, sequence } as const
      ladder.note({ number, at: BigInt(number) * 1_000_000n, summary: summary(direction, { security }), octets: 60, place: undefined })
    }
    ike('there', fromInitiator, 1)
    ike('back', response(fromInitiator), 2)
    ike('there', fromInitiator, 1)
    for (let i = 1; i <= 5; i++) {
      esp('there', i)
      esp('back', i)
    }
    ike('there', request(1), 7)
    ike('there', request(1), 7)

    const [text, ...more] = ladder.finish(90, talk.unanswered)
    expect(more).toEqual([])
    expect(text).toContain('192.0.2.1:500')
    expect(text).toContain('IKE_SA_INIT request 0, 100 octets, transmission 2')
    expect(text).toContain('the response in frame 2 was lost, or came too late: frame 3 asks again')
    expect(text?.match(/ESP 0x/g)).toHaveLength(2)
    expect(text).toContain('ESP 0x000000aa: 5 packets, 300 octets')
    expect(text).toContain('no response to the INFORMATIONAL request 1 of frame 14, sent 2 times')
  })

  test('shows fragments one by one', () => {
    const ladder = new CaptureLadder()
    const talk = new Conversations()
    for (const [i, part] of [1, 2, 1].entries()) {
      const ike = request(1, { fragment: { number: part, total: 2 }, payloads: ['SKF', '…'] })
      const place = talk.note(i + 1, ike, octets(part))
      ladder.note({ number: i + 1, at: BigInt(i) * 1_000_000n, summary: summary('there', { ike }), octets: 100, place })
    }
    const [text] = ladder.finish(90, [])
    expect(text?.match(/fragment \d of \d.*?(?= ─)/g)).toEqual(['fragment 1 of 2', 'fragment 2 of 2', 'fragment 1 of 2, transmission 2'])
  })

  test('is bounded, and says so', () => {
    const ladder = new CaptureLadder(10)
    for (let i = 0; i < 50; i++)
      ladder.note({ number: i, at: 0n, summary: summary('there', { ike: request(i) }), octets: 1, place: undefined })
    expect(ladder.finish(90, []).at(-1)).toBe('40 more packets are not in these ladders: narrow them down with a filter')
  })
})
