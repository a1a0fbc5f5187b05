// Loss, duplication and reordering: every negotiation ends, and both sides know how. RFC 7296 §2.1, §2.4.
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { bringUp, pair, type Sky } from './two-hosts.ts'

const storm = (seed: number): Sky => ({ seed, loss: 0.3, duplication: 0.2, latency: 5, jitter: 395 })
const hour = 3_600_000

describe('at 30 % loss, 20 % duplication and reordering', () => {
  it('hosts with matching configurations agree in at least 99 of 100 negotiations', () => {
    const failures: string[] = []
    for (let seed = 1; seed <= 100; seed++) {
      const both = pair({}, {}, storm(seed))
      bringUp(both, hour)
      const [a, b] = [both.a.named('child-sa-established')[0], both.b.named('child-sa-established')[0]]
      if (a === undefined || b === undefined) failures.push(`seed ${seed}`)
      else if (a.established.inbound !== b.established.outbound || a.established.outbound !== b.established.inbound) {
        failures.push(`seed ${seed}: different SPIs`)
      }
    }
    expect(failures.length, failures.join('; ')).toBeLessThanOrEqual(1)
  })

  it('hosts with different keys fail on both sides', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const both = pair({}, { key: 'another one' }, storm(seed))
      bringUp(both, hour)
      both.network.run(hour)
      expect(both.a.named('ike-sa-failed'), `seed ${seed}`).toHaveLength(1)
      expect(both.a.named('ike-sa-established'), `seed ${seed}`).toEqual([])
      expect(both.b.named('ike-sa-established'), `seed ${seed}`).toEqual([])
      expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount], `seed ${seed}`).toEqual([0, 0])
    }
  })

  it('a Delete ends on both sides, and no SA is left', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const both = pair({}, { connection: { livenessDelay: 60_000 } }, storm(seed))
      bringUp(both, hour)
      both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
      both.network.run(hour)
      expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount], `seed ${seed}`).toEqual([0, 0])
    }
  })
})

describe('any single message lost', () => {
  it.each([0, 1, 2, 3])('number %i: the negotiation converges all the same', (lost) => {
    let count = 0
    const both = pair({}, {}, { seed: 5 }, (datagram) => (count++ === lost ? undefined : datagram))
    bringUp(both)
    expect(both.a.named('child-sa-established')).toHaveLength(1)
    expect(both.b.named('child-sa-established')).toHaveLength(1)
  })
})

describe('messages that come twice', () => {
  it('are answered by the same octets, and change nothing', () => {
    const both = pair()
    bringUp(both)
    const [request] = both.network.sent.filter(({ local }) => local.address === '192.0.2.1').slice(-1)
    const answers = () =>
      both.network.sent.filter(({ local, bytes }) => local.address === '192.0.2.2' && bytes.length > 100).map(({ bytes }) => toHex(bytes))
    const before = answers()
    if (request === undefined) throw new Error('no request')
    both.network.transmit(request)
    both.network.run(1_000)
    expect(answers()).toEqual([...before, before.at(-1)])
    expect(both.b.named('child-sa-established')).toHaveLength(1)
    expect(both.a.named('message-dropped').map(({ reason }) => reason)).toEqual(['response-unexpected'])
  })
})
