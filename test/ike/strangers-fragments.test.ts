// Fragments of peers that nobody has authenticated yet: a bound for all of them together. RFC 7383 §5.
import { expect, it, vi } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import type * as Limits from '../../src/ike/limits.ts'
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
  for (let number = 1; number <= 9; number++) {
    puppet.raw(puppet.fragment({ number, total: 20, content: new Uint8Array(4_000), messageId: puppet.nextId }))
  }
  expect(drops(puppet)).toEqual([])
})
