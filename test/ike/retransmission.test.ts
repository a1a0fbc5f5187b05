// What an initiator sends while nobody answers. RFC 7296 §2.1, §2.2, §2.4.
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { bringUp, pair } from '../host/two-hosts.ts'

/** From its n-th datagram on, nothing arrives. */
function cutOffAfter(messages: number) {
  let count = 0
  const both = pair({}, {}, undefined, (datagram) => (count++ < messages ? datagram : undefined))
  bringUp(both)
  both.network.run(3_600_000)
  return both
}

describe.each([
  ['IKE_SA_INIT', 0, exchange.IKE_SA_INIT],
  ['IKE_AUTH', 2, exchange.IKE_AUTH],
])('a request of %s that nobody answers', (_, messages, exchangeType) => {
  const { a, network } = cutOffAfter(messages)
  const sent = a.named('message').filter((event) => event.direction === 'sent' && event.exchangeType === exchangeType)

  it('is the same octets each time (RFC 7296 §2.1), and so has the same Message ID (RFC 7296 §2.2)', () => {
    const octets = network.sent.filter(({ local }) => local.address === '192.0.2.1').map(({ bytes }) => toHex(bytes))
    const repeated = octets.slice(-sent.length)
    expect(repeated).toHaveLength(13)
    expect(new Set(repeated).size).toBe(1)
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1)
  })

  it('waits longer each time: exponentially, and not in step with others (RFC 7296 §2.4)', () => {
    const waits = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0))
    const ratios = waits.slice(1).map((wait, i) => wait / (waits[i] ?? 0))
    expect(ratios).toHaveLength(11)
    for (const ratio of ratios) expect(Math.abs(ratio / 1.5 - 1)).toBeLessThan(0.12)
    expect(new Set(ratios.map((ratio) => ratio.toFixed(3))).size).toBeGreaterThan(3)
  })
})
