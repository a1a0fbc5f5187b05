// Collisions that the explorer and the soak found, each made again by hand: one message is late, or lost, and both ends agree all the same. More
// of them are scenario files, in test/lab/scenarios.
// RFC 7296 §2.8.1, §2.8.2, §2.25.
import { expect, it } from 'vitest'
import { bob, bringUp, initiate, pair, type Side } from '../host/two-hosts.ts'
import { expectAgreement, rekeyIke, tell, theChild, theIkeSa } from './two-ends.ts'

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
