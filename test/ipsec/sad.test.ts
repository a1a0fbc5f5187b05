// The longest match names the SA of what comes in. RFC 4301 §4.1.
import { expect, test } from 'vitest'
import type { SaInstall } from '../../src/contract/install.ts'
import type { InboundSa } from '../../src/ipsec/inbound.ts'
import { Sad } from '../../src/ipsec/sad.ts'
import { createInboundSa } from '../../src/ipsec/sa.ts'
import { parseAddress, type Address } from '../../src/net/address.ts'
import { pair, provider, spi } from './fixtures.ts'

const address = (text: string): Address => parseAddress(text) ?? expect.unreachable()
const [group, otherGroup, us] = ['233.252.0.1', '233.252.0.2', '192.0.2.1'].map(address)
const [speaker, another] = ['198.51.100.1', '198.51.100.2'].map(address)

function sa(lookup: SaInstall['lookup'], local = us, remote = speaker): InboundSa {
  const { install } = pair().receiver
  const ends = { local: { address: local ?? expect.unreachable(), port: 0 }, remote: { address: remote ?? expect.unreachable(), port: 0 } }
  return createInboundSa({ ...install, ...ends, ...(lookup === undefined ? {} : { lookup }) }, provider)
}
const found = (sad: Sad, to = us, from = speaker): InboundSa | undefined =>
  sad.match(spi, to ?? expect.unreachable(), from ?? expect.unreachable())

test('is by SPI, destination and source, then by SPI and destination, then by SPI', () => {
  const unicast = sa(undefined)
  const ofGroup = sa('spi-destination', group)
  const ofSpeaker = sa('spi-destination-source', group, speaker)
  for (const order of [
    [unicast, ofGroup, ofSpeaker],
    [ofSpeaker, ofGroup, unicast],
    [ofGroup, unicast, ofSpeaker],
  ]) {
    const sad = new Sad()
    for (const each of order) sad.add(each)
    expect(sad.size).toBe(3)
    expect(found(sad, group, speaker)).toBe(ofSpeaker)
    expect(found(sad, group, another)).toBe(ofGroup)
    expect(found(sad, us, speaker)).toBe(unicast)
    expect(found(sad, otherGroup, speaker)).toBe(unicast)
    expect(new Set(sad)).toEqual(new Set([unicast, ofGroup, ofSpeaker]))
  }
})

test('finds none by addresses that no SA asks for', () => {
  const sad = new Sad()
  sad.add(sa('spi-destination-source', group, speaker))
  expect(found(sad, group, another)).toBeUndefined()
  expect(found(sad, us, speaker)).toBeUndefined()
  expect(sad.find(spi)).toBeUndefined()
})

test('takes one in the place of another that is named alike', () => {
  const sad = new Sad()
  const [first, second] = [sa('spi-destination', group), sa('spi-destination', group, another)]
  sad.add(first)
  sad.add(second)
  expect(sad.size).toBe(1)
  expect(found(sad, group)).toBe(second)
})

test('has no more what was removed by its name, and keeps the others of the SPI', () => {
  const all = [sa(undefined), sa('spi-destination', group), sa('spi-destination-source', group, speaker)]
  for (const gone of all) {
    const sad = new Sad()
    for (const each of all) sad.add(each)
    expect(sad.removeNamed(gone.install)).toBe(gone)
    expect(sad.size).toBe(2)
    expect(new Set(sad)).toEqual(new Set(all.filter((each) => each !== gone)))
    expect(sad.removeNamed(gone.install)).toBeUndefined()
    expect(sad.size).toBe(2)
    for (const each of all) sad.removeNamed(each.install)
    expect([sad.size, found(sad, group, speaker)]).toEqual([0, undefined])
  }
})
