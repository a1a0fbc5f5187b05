// Nothing stays behind of an IKE SA that comes to nothing: neither SPIs nor operations.
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/bytes/secret.ts'
import type { Command, Output } from '../../src/contract/machine.ts'
import { messageAlgorithms } from '../../src/crypto/suites.ts'
import { createHost, type Host } from '../../src/host/host.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { ikeSaId, ikeSpi, type Instant, instant } from '../../src/contract/units.ts'
import { OverIkeSas } from '../../src/ike/endpoint/over-ike-sas.ts'
import { limits } from '../../src/ike/limits.ts'
import type { OverIkeSa } from '../../src/ike/sa/over.ts'
import { alice, bob, connectionOf, provider } from '../host/two-hosts.ts'

const start = instant(0)

function hostWith(random: (length: number) => Uint8Array): Host {
  return createHost({ provider, random, connections: [connectionOf(alice, bob.address)], policies: [], local: [], dangerKeyLog: 'off' })
}

function command(host: Host, one: Command): readonly Output[] {
  return host.handle(start, { kind: 'command', command: one })
}

const initiate: Command = {
  kind: 'initiate',
  connection: 'peer',
  child: 'child',
  path: {
    start: 'ike',
    local: { address: alice.address, ikePort: 500, natPort: 4500 },
    remote: { address: bob.address, ikePort: 500, natPort: 4500 },
  },
}

describe('what an attempt took', () => {
  it('is the SPI of a Child SA: it can be had again when the attempt is given up', () => {
    const random = seededRandom(1)
    let drawn = 0
    // ESP SPIs are the only four octets that are drawn, and always the same ones here: a host that keeps them would draw for ever.
    const host = hostWith((length) => {
      if (length === 4 && ++drawn > 3) throw new Error('the SPI is still taken')
      return length === 4 ? Uint8Array.of(1, 2, 3, 4) : random(length)
    })
    for (let attempt = 1; attempt <= 3; attempt++) {
      command(host, initiate)
      expect(host.ikeSaCount).toBe(1)
      command(host, { kind: 'close-all' })
      expect(host.ikeSaCount).toBe(0)
    }
    expect(drawn).toBe(3)
  })
})

describe('IKE SAs that are over', () => {
  const octets = (): Secret => new Secret(Uint8Array.of(1))
  const over = (id: number, expires: Instant): OverIkeSa => ({
    id: ikeSaId(id),
    role: 'responder',
    initiatorSpi: ikeSpi('1'),
    responderSpi: ikeSpi(`${id}`),
    algorithms: messageAlgorithms(provider, { encryption: { type: 1, id: 20, keyLength: 128 }, integrity: undefined }) ?? raise(),
    keys: { skEi: octets(), skEr: octets(), skAi: octets(), skAr: octets() },
    sealed: 0,
    fragmentation: undefined,
    answers: [],
    initDigest: `request ${id}`,
    expires,
  })
  const secretsOf = ({ keys }: OverIkeSa): readonly (Secret | undefined)[] => [keys.skEi, keys.skEr, keys.skAi, keys.skAr]

  it('are so many at most: the oldest goes for the newest, with its keys', () => {
    const kept = new OverIkeSas()
    // More than twice as many: what has gone takes no place.
    const all = Array.from({ length: 2 * limits.lingering + 2 }, (_, id) => over(id, instant(id)))
    for (const one of all) kept.add(one)
    const [gone, left] = [all.slice(0, -limits.lingering), all.slice(-limits.lingering)]
    expect([...kept.all]).toEqual(left)
    expect(kept.deadline).toBe(left[0]?.expires)
    for (const { responderSpi, initDigest } of gone) {
      expect(kept.bySpi(responderSpi)).toBeUndefined()
      expect(kept.cameOf(initDigest ?? '')).toBe(false)
    }
    expect(gone.flatMap(secretsOf).every((secret) => secret?.wiped)).toBe(true)
    expect(left.flatMap(secretsOf).some((secret) => secret?.wiped)).toBe(false)
  })

  it('go when their time has come, and not before', () => {
    const kept = new OverIkeSas()
    const all = [10, 20, 20, 30].map((expires, id) => over(id, instant(expires)))
    for (const one of all) kept.add(one)
    kept.dropExpired(instant(9))
    expect([...kept.all]).toEqual(all)
    kept.dropExpired(instant(20))
    expect([...kept.all]).toEqual(all.slice(3))
    expect(kept.deadline).toBe(30)
    kept.dropExpired(instant(30))
    expect([...kept.all]).toEqual([])
    expect(kept.deadline).toBeUndefined()
    expect(all.flatMap(secretsOf).every((secret) => secret?.wiped)).toBe(true)
  })
})

function raise(): never {
  throw new Error('the provider lacks AES-GCM')
}
