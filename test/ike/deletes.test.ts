// What the answer to a Delete names. RFC 7296 §1.4.1.
import { describe, expect, it } from 'vitest'
import type { LabHost } from '../../src/lab/host.ts'
import { bringUp, pair } from '../host/two-hosts.ts'

function close(host: LabHost, network: ReturnType<typeof pair>['network']): void {
  const child = host.named('child-sa-established')[0]?.child
  if (child === undefined) throw new Error('no child')
  network.feed(host, { kind: 'command', command: { kind: 'close-child-sa', child } })
}

/** What it answered to INFORMATIONAL requests. */
const answers = (host: LabHost): readonly (readonly string[])[] =>
  host
    .named('message')
    .filter(({ direction, role, exchangeType }) => direction === 'sent' && role === 'response' && exchangeType === 37)
    .map(({ payloads }) => payloads)

describe('the answer to a Delete', () => {
  it('names the SA of the other direction', () => {
    const { network, a, b } = bringUpPair()
    close(a, network)
    network.run(1_000)
    expect(answers(b)).toEqual([['SK', 'D']])
  })

  it('names nothing where both have asked: that would delete twice (RFC 7296 §1.4.1)', () => {
    const { network, a, b } = bringUpPair()
    close(a, network)
    close(b, network)
    network.run(1_000)
    expect([answers(a), answers(b)]).toEqual([[['SK']], [['SK']]])
  })
})

function bringUpPair() {
  const both = pair()
  bringUp(both)
  return both
}
