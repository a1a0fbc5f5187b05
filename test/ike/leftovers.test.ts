// Nothing stays behind of an IKE SA that comes to nothing: neither SPIs nor operations.
import { describe, expect, it } from 'vitest'
import type { Command, Output } from '../../src/contract/machine.ts'
import { createHost, type Host } from '../../src/host/host.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { ikeSaId, ikeSpi, instant } from '../../src/contract/units.ts'
import { Registry } from '../../src/ike/endpoint/registry.ts'
import { limits } from '../../src/ike/limits.ts'
import type { IkeSa } from '../../src/ike/sa/ike-sa.ts'
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

describe('IKE SAs that linger', () => {
  it('are so many at most: the oldest goes for the newest', () => {
    const registry = new Registry(seededRandom(1))
    const over = (id: number): IkeSa => {
      const known: Pick<IkeSa, 'id' | 'role' | 'responderSpi'> = { id: ikeSaId(id), role: 'responder', responderSpi: ikeSpi(`${id}`) }
      return { ...known, state: { phase: 'closed' } } as IkeSa
    }
    const all = Array.from({ length: limits.lingering + 2 }, (_, id) => over(id))
    for (const sa of all.slice(0, limits.lingering)) expect(registry.linger(sa)).toBeUndefined()
    for (const [i, sa] of all.slice(limits.lingering).entries()) {
      expect(registry.linger(sa)).toBe(all[i])
      // Once more for the same one, as when it answers again.
      expect(registry.linger(sa)).toBe(all[i])
      registry.remove(all[i] ?? sa)
    }
  })
})
