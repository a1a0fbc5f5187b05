// A responder that narrows, and would have accepted more in another SA, says so: ADDITIONAL_TS_POSSIBLE. RFC 7296 §2.9.
import { expect, it } from 'vitest'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { alice, bob, bringUp, connectionOf, type Pair, pair, type Side, value } from '../host/two-hosts.ts'

/** Alice wants all of 10.0.0.0/8, in tunnel mode; Bob has these networks, a child for each. */
function wanting(networks: readonly string[]): Pair {
  const [usual] = connectionOf(bob, alice.address).children
  if (usual === undefined) throw new Error('no child')
  const children = networks.map((network, i): ChildConfig => {
    const name = i === 0 ? usual.name : `child-${i}`
    return { ...usual, name, mode: 'tunnel', localSelectors: [value(parseSelector(network))] }
  })
  const left: Partial<Side> = { child: { mode: 'tunnel', remoteSelectors: [value(parseSelector('10.0.0.0/8'))] } }
  const both = pair(left, { connection: { children } })
  bringUp(both)
  return both
}

const saysMore = ({ a, b }: Pair) => ({
  said: b.named('message').some(({ direction, payloads }) => direction === 'sent' && payloads.includes('N(ADDITIONAL_TS_POSSIBLE)')),
  heard: a.named('child-sa-established').map(({ established }) => established.additionalSelectors),
})

it('is said where another child would have taken another part of the offer', () => {
  expect(saysMore(wanting(['10.1.0.0/16', '10.2.0.0/16']))).toEqual({ said: true, heard: ['possible'] })
})

it('is not said where there is no other, or where another would have added nothing', () => {
  expect(saysMore(wanting(['10.1.0.0/16']))).toEqual({ said: false, heard: ['unknown'] })
  expect(saysMore(wanting(['10.1.0.0/16', '10.1.2.0/24']))).toEqual({ said: false, heard: ['unknown'] })
  expect(saysMore(wanting(['10.1.0.0/16', '192.168.0.0/16']))).toEqual({ said: false, heard: ['unknown'] })
})
