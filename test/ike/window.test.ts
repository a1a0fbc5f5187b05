// Our window is 1: one request at a time, and the next when the last is answered. RFC 7296 §2.3.
import { expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { bringUp, type Pair, pair } from '../host/two-hosts.ts'

const ids = ({ a }: Pair): readonly number[] =>
  a
    .named('message')
    .filter((event) => event.direction === 'sent' && event.role === 'request' && event.exchangeType === exchange.INFORMATIONAL)
    .map(({ messageId }) => messageId)

it('a request waits until the last one is answered (RFC 7296 §2.3)', () => {
  const both = pair({ connection: { livenessDelay: 1_000 } })
  bringUp(both)
  const child = both.a.named('child-sa-established')[0]?.child
  if (child === undefined) throw new Error('no child')
  both.network.cut(['alice.example', 'bob.example'])
  both.network.run(10_000, () => ids(both).length > 0)
  // A check of liveness is out; two more requests are wanted.
  both.network.feed(both.a, { kind: 'command', command: { kind: 'close-child-sa', child } })
  both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
  both.network.run(3_000)
  expect(ids(both).length).toBeGreaterThan(1)
  expect(new Set(ids(both)).size).toBe(1)
  both.network.heal()
  both.network.run(60_000)
  expect(new Set(ids(both)).size).toBe(2)
  expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([0, 0])
})
