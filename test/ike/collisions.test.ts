// Collisions that the explorer and the soak found, each made again by hand: one message is late, or lost, and both ends agree all the same.
// RFC 7296 §2.8.1, §2.8.2, §2.25.
import { expect, it } from 'vitest'
import type { Datagram } from '../../src/contract/machine.ts'
import { timers } from '../../src/ike/timers.ts'
import { bob, bringUp, initiate, type Pair, pair, type Side } from '../host/two-hosts.ts'
import { expectAgreement, rekeyChild, rekeyIke, tell, theChild, theIkeSa } from './two-ends.ts'

/** Two hosts, and a hand that loses what Bob says next, once. */
function withHand(left: Partial<Side> = {}, right: Partial<Side> = {}): Pair & { loseNextOfBob(): void } {
  let armed = false
  const both = pair(left, right, {}, (datagram: Datagram) => {
    if (!armed || datagram.local.address !== bob.address) return datagram
    armed = false
    return undefined
  })
  bringUp(both)
  const loseNextOfBob = (): void => {
    armed = true
  }
  return { ...both, loseNextOfBob }
}

it('a Child SA is not rekeyed by who cannot know that the other end has it', () => {
  const both = withHand()
  both.loseNextOfBob()
  rekeyChild(both, both.a)
  both.network.run(20)
  // Bob has granted it, and his answer is lost.
  const fresh = theIkeSa(both.b).children.at(-1)
  if (fresh === undefined) throw new Error('no child')
  tell(both, both.b, { kind: 'rekey-child-sa', child: fresh.id })
  both.network.run(20)
  expect(both.b.named('rekey-failed')).toEqual([])
  expectAgreement(both)
})

it('a Delete for a Child SA that we do not know of yet is remembered: the answer that makes it comes too late', () => {
  let said = 0
  // The third thing that Bob says is his answer to the request for a Child SA.
  const both = pair({ connection: { childless: 'force' } }, {}, {}, (datagram) =>
    datagram.local.address === bob.address && ++said === 3 ? undefined : datagram,
  )
  both.network.feed(both.a, { kind: 'command', command: initiate })
  both.network.run(400, () => both.b.named('child-sa-established').length > 0)
  tell(both, both.b, { kind: 'close-child-sa', child: theChild(both.b).id })
  both.network.run(120_000)
  expect([theIkeSa(both.a).children, theIkeSa(both.b).children]).toEqual([[], []])
  expect(both.a.named('child-sa-failed')).toHaveLength(1)
})

it('a reauthentication keeps the old Child SA until the peer has let go of it, however late its Delete is', () => {
  const both = withHand()
  const old = theChild(both.a)
  tell(both, both.a, { kind: 'reauthenticate', ikeSa: theIkeSa(both.a).id })
  both.network.run(1_000, () => both.a.named('ike-sa-established').length === 2)
  both.network.cut(['alice.example', 'bob.example'])
  both.network.run(timers.childLinger + 10_000, () => both.network.now > 30_000)
  const kept = both.a.host.view.inbound.some(({ spi }) => spi === old.inbound)
  expect(kept).toBe(true)
  both.network.heal()
  expectAgreement(both)
})

it('whoever rekeys what a rekey has made has chosen it (RFC 7296 §2.8.2)', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const both = pair({}, {}, { seed, latency: 1, jitter: 60 })
    bringUp(both)
    rekeyIke(both, both.a)
    rekeyIke(both, both.b)
    both.network.run(70)
    for (const end of [both.a, both.b]) {
      for (const { id, phase } of end.host.view.ikeSas) if (phase === 'established') tell(both, end, { kind: 'rekey-ike-sa', ikeSa: id })
    }
    expectAgreement(both)
  }
})

it('a key of Triple DES protects eight megabytes at most, and is replaced before (NIST SP 800-67)', () => {
  const words: Partial<Side> = { espWords: '3des-sha256-noesn' }
  const both = pair(words, words)
  bringUp(both)
  const limits = both.a.inputs.flatMap(({ outputs }) => outputs.flatMap((output) => (output.kind === 'install' ? [output.sa] : [])))
  expect(limits.map(({ hard }) => hard.bytes)).toEqual([8 * 2 ** 20, 8 * 2 ** 20])
  for (const { soft } of limits) expect(soft.bytes).toBeLessThanOrEqual(6 * 2 ** 20)
})
