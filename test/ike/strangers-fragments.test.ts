// Fragments of peers that nobody has authenticated yet: a bound for all of them together. RFC 7383 §5.
import { expect, it, vi } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import type * as Limits from '../../src/ike/limits.ts'
import { Registry } from '../../src/ike/endpoint/registry.ts'
import { type IkeSa, newIkeSa } from '../../src/ike/sa/ike-sa.ts'
import { ikeSaId, instant } from '../../src/contract/units.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { alice, bob } from '../host/two-hosts.ts'
import { ikeSpi } from '../crypto/support.ts'
import { Puppeteer } from './puppeteer.ts'

vi.mock('../../src/ike/limits.ts', async (original) => {
  const { limits } = await original<typeof Limits>()
  return { limits: { ...limits, strangersFragments: 10_000 } }
})

const piece = (puppet: Puppeteer, number: number, octets: number): Uint8Array =>
  puppet.fragment({ number, total: 20, content: new Uint8Array(octets), messageId: 1, exchangeType: exchange.IKE_AUTH })
const drops = (puppet: Puppeteer) => puppet.both.b.named('message-dropped').map(({ reason }) => reason)

it('what is above it is dropped, and when the others are forgotten there is room again', () => {
  const puppet = new Puppeteer('init')
  for (const number of [1, 2]) puppet.raw(piece(puppet, number, 4_000))
  expect(drops(puppet)).toEqual([])
  puppet.raw(piece(puppet, 3, 4_000))
  expect(drops(puppet)).toEqual(['fragment-limit'])
  // A larger set takes the place of what was there.
  puppet.raw(puppet.fragment({ number: 1, total: 30, content: new Uint8Array(100), messageId: 1, exchangeType: exchange.IKE_AUTH }))
  for (const number of [2, 3])
    puppet.raw(puppet.fragment({ number, total: 30, content: new Uint8Array(4_000), messageId: 1, exchangeType: exchange.IKE_AUTH }))
  expect(drops(puppet)).toEqual(['fragment-limit'])
})

it('empty ones are counted, too', () => {
  const puppet = new Puppeteer('init')
  for (let number = 1; number <= 100; number++)
    puppet.raw(puppet.fragment({ number, total: 100, content: new Uint8Array(0), messageId: 1, exchangeType: exchange.IKE_AUTH }))
  expect(drops(puppet).filter((reason) => reason === 'fragment-limit').length).toBeGreaterThan(10)
})

it('peers that are established have bounds of their own', () => {
  const puppet = new Puppeteer('established')
  puppet.raw(puppet.fragment({ number: 1, total: 20, content: new Uint8Array(12_000), messageId: puppet.nextId }))
  expect(drops(puppet)).toEqual([])
})

it('what is no longer half-open, or gone, does not count', () => {
  const registry = new Registry(seededRandom(1))
  const [one, two] = [1, 2].map(halfOpen)
  if (one === undefined || two === undefined) throw new Error('no IKE SAs')
  for (const sa of [one, two]) {
    registry.add(sa)
    registry.addHalfOpen(sa, sa.path.remote)
    registry.noteFragments(sa, 700)
    registry.noteFragments(sa, 500)
  }
  expect(registry.strangersFragments).toBe(1_000)
  registry.settle(one)
  expect(registry.strangersFragments).toBe(500)
  registry.remove(two)
  expect(registry.strangersFragments).toBe(0)
})

function halfOpen(number: number): IkeSa {
  const ports = (address: typeof alice.address) => ({ address, ikePort: 500, natPort: 4500 })
  return newIkeSa(instant(0), {
    id: ikeSaId(number),
    role: 'responder',
    initiatorSpi: ikeSpi(`000000000000000${number}`),
    responderSpi: ikeSpi(`100000000000000${number}`),
    replaces: undefined,
    reauthenticates: undefined,
    state: { phase: 'closed' },
    path: {
      channel: 'ike',
      local: { address: bob.address, port: 500 },
      remote: { address: alice.address, port: 500 },
      localPorts: ports(bob.address),
      remotePorts: ports(alice.address),
      nat: { local: 'no-nat', remote: 'no-nat', encapsulation: 'none' },
      bare: 'esp',
    },
    heardFrom: undefined,
  })
}
