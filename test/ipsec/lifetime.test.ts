import { describe, expect, test } from 'vitest'
import { u32 } from '../../src/bytes/bytes.ts'
import type { Limits } from '../../src/contract/install.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { ReplayWindow } from '../../src/ipsec/replay.ts'
import { alice, bob, endpoint, open, outcomes, packets, pair, seal, suites } from './fixtures.ts'

const plain = ipPacket(
  alice[4],
  bob[4],
  17,
  udpDatagram({ source: endpoint(alice[4], 1000), destination: endpoint(bob[4], 2000), payload: new Uint8Array(20) }),
)
/** 28 octets of UDP, two of trailer and two of padding. */
const textLength = 32

describe('sequence numbers', () => {
  test('begin with 1 and grow by 1 (RFC 4303 §3.3.3)', () => {
    const sealed = seal(pair().sender, 'esp', plain, plain, plain)
    expect(packets(sealed).map((packet) => u32(packet, 4))).toEqual([1, 2, 3])
  })

  test('the 2^32-1st packet is the last; the next is refused and changes nothing', () => {
    const { sender, receiver } = pair({
      lastSequence: { high: 0, low: 0xfffffffd },
      window: new ReplayWindow(64, 'no-esn', { high: 0, low: 0xfffffff0 }),
    })
    const sealed = seal(sender, 'ip', plain, plain, plain, plain)
    expect(outcomes(sealed)).toEqual(['done', 'done', 'sequence-exhausted', 'sequence-exhausted'])
    expect(packets(sealed).slice(2)).toEqual([plain, plain])
    expect(sender).toMatchObject({ exhausted: true, state: 'hard', lastSequence: { high: 0, low: 0xffffffff } })
    expect(sender.counters.packets).toBe(2)
    expect(sender.counters.drops()).toEqual([['sequence-exhausted', 2]])
    expect(outcomes(open(receiver, 'ip', undefined, ...packets(sealed).slice(0, 2)))).toEqual(['done', 'done'])
  })

  test('an SA that continues after the last number seals nothing', () => {
    const { sender } = pair({ lastSequence: { high: 0, low: 0xffffffff } })
    expect(outcomes(seal(sender, 'esp', plain))).toEqual(['sequence-exhausted'])
  })

  test('with ESN the 64-bit number is what may not cycle', () => {
    const { sender } = pair({ extendedSequence: 'esn', lastSequence: { high: 0xffffffff, low: 0xfffffffe } })
    expect(outcomes(seal(sender, 'esp', plain, plain))).toEqual(['done', 'sequence-exhausted'])
  })

  test('an SA turns soft while there is time to replace it', () => {
    const { sender } = pair({ lastSequence: { high: 0, low: 0xeffffffe } })
    seal(sender, 'esp', plain)
    expect(sender.state).toBe('fresh')
    seal(sender, 'esp', plain)
    expect(sender.state).toBe('soft')
  })

  for (const suite of suites) {
    test(`${suite.name}: ESN carries over 2^32, out of order as well`, () => {
      const { sender, receiver } = pair({
        suite,
        extendedSequence: 'esn',
        lastSequence: { high: 0, low: 0xfffffffd },
        window: new ReplayWindow(64, 'esn', { high: 0, low: 0xfffffff0 }),
      })
      const [a, b, c, d] = packets(seal(sender, 'esp', plain, plain, plain, plain))
      if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four packets')
      expect([a, b, c, d].map((packet) => u32(packet, 4))).toEqual([0xfffffffe, 0xffffffff, 0, 1])
      expect(outcomes(open(receiver, 'esp', undefined, d, b, c, a))).toEqual(['done', 'done', 'done', 'done'])
      expect(receiver.window.highest).toEqual({ high: 1, low: 1 })
      expect(outcomes(open(receiver, 'esp', undefined, a, d))).toEqual(['replayed', 'replayed'])
    })

    test(`${suite.name}: the high half is authenticated though not sent`, () => {
      const sealed = packets(seal(pair({ suite, extendedSequence: 'esn', lastSequence: { high: 1, low: 9 } }).sender, 'esp', plain))
      const there = pair({ suite, extendedSequence: 'esn', window: new ReplayWindow(64, 'esn', { high: 1, low: 0 }) }).receiver
      const elsewhere = pair({ suite, extendedSequence: 'esn', window: new ReplayWindow(64, 'esn', { high: 2, low: 0 }) }).receiver
      expect(outcomes(open(there, 'esp', undefined, ...sealed))).toEqual(['done'])
      expect(outcomes(open(elsewhere, 'esp', undefined, ...sealed))).toEqual(['integrity-check-failed'])
    })
  }
})

describe('replays', () => {
  test('a packet opens once, whether it comes again in the same burst or later', () => {
    const { sender, receiver } = pair()
    const [first = plain, second = plain] = packets(seal(sender, 'esp', plain, plain))
    const burst = open(receiver, 'esp', undefined, first, second, first)
    expect(outcomes(burst)).toEqual(['done', 'done', 'replayed'])
    expect(burst.length[2]).toBe(0)
    expect(outcomes(open(receiver, 'esp', undefined, second))).toEqual(['replayed'])
    expect(receiver.counters).toMatchObject({ packets: 2, dropped: 2 })
  })

  test('are refused before anything is decrypted', () => {
    const { sender, receiver } = pair()
    const [good = plain] = packets(seal(sender, 'esp', plain))
    expect(outcomes(open(receiver, 'esp', undefined, good))).toEqual(['done'])
    const damaged = good.slice()
    damaged[20] = (damaged[20] ?? 0) ^ 1
    expect(outcomes(open(receiver, 'esp', undefined, damaged))).toEqual(['replayed'])
  })

  test('a forged packet does not move the window', () => {
    const { sender, receiver } = pair()
    const [good = plain] = packets(seal(sender, 'esp', plain))
    const forged = good.slice()
    forged.set([0xf0, 0, 0, 0], 4)
    expect(outcomes(open(receiver, 'esp', undefined, forged, good))).toEqual(['integrity-check-failed', 'done'])
    expect(receiver.window.highest).toEqual({ high: 0, low: 1 })
  })
})

describe('limits', () => {
  const limits = (packetCount: number | undefined, bytes: number | undefined): Limits => ({ packets: packetCount, bytes, until: undefined })

  test('in packets: soft is reported, hard stops the sender', () => {
    const { sender } = pair({ both: { soft: limits(2, undefined), hard: limits(3, undefined) } })
    seal(sender, 'esp', plain)
    expect(sender.state).toBe('fresh')
    seal(sender, 'esp', plain)
    expect(sender.state).toBe('soft')
    expect(outcomes(seal(sender, 'esp', plain, plain))).toEqual(['done', 'limit-reached'])
    expect(sender.state).toBe('hard')
  })

  test('in octets that the cipher works on: what would go beyond is refused, and ends the SA', () => {
    const { sender } = pair({ both: { soft: limits(undefined, textLength), hard: limits(undefined, 3 * textLength - 1) } })
    expect(outcomes(seal(sender, 'esp', plain, plain))).toEqual(['done', 'done'])
    expect(sender).toMatchObject({ state: 'soft' })
    expect(sender.counters.bytes).toBe(2 * textLength)
    expect(outcomes(seal(sender, 'esp', plain, plain))).toEqual(['limit-reached', 'limit-reached'])
    expect(sender.state).toBe('hard')
  })

  test('stop the receiver too, and within a burst', () => {
    const { sender, receiver } = pair({ receiving: { soft: limits(1, undefined), hard: limits(2, undefined) } })
    const sealed = packets(seal(sender, 'esp', plain, plain, plain))
    expect(outcomes(open(receiver, 'esp', undefined, ...sealed.slice(0, 1)))).toEqual(['done'])
    expect(receiver.state).toBe('soft')
    const rest = open(receiver, 'esp', undefined, ...sealed.slice(1))
    expect(outcomes(rest)).toEqual(['done', 'limit-reached'])
    expect(rest.length[1]).toBe(0)
    expect(receiver.state).toBe('hard')
  })
})

test('a released SA goes on where it was', () => {
  const { sender, receiver } = pair()
  const [first = plain] = packets(seal(sender, 'esp', plain))
  sender.release()
  receiver.release()
  const [second = plain] = packets(seal(sender, 'esp', plain))
  expect(u32(second, 4)).toBe(2)
  expect(outcomes(open(receiver, 'esp', undefined, first, second))).toEqual(['done', 'done'])
  receiver.release()
  expect(outcomes(open(receiver, 'esp', undefined, second))).toEqual(['replayed'])
})
