// Keys live as long as what they protect, and no longer. RFC 7296 §2.12.
import { describe, expect, it } from 'vitest'
import type { Secret } from '../../src/bytes/secret.ts'
import { bringUp, type Pair, pair } from './two-hosts.ts'

function keysOf(both: Pair): { readonly ike: readonly Secret[]; readonly child: readonly Secret[] } {
  const some = (...keys: readonly (Secret | undefined)[]) => keys.filter((key): key is Secret => key !== undefined)
  return {
    ike: [both.a, both.b].flatMap((host) =>
      host.named('danger-ike-keys').flatMap(({ skEi, skEr, skAi, skAr }) => some(skEi, skEr, skAi, skAr)),
    ),
    child: [both.a, both.b].flatMap((host) =>
      host.named('danger-child-keys').flatMap(({ encryption, integrity }) => some(encryption, integrity)),
    ),
  }
}

describe('keys', () => {
  it('of a Child SA are wiped when it is closed, those of its IKE SA are not', () => {
    const both = pair({ dangerKeyLog: 'on' }, { dangerKeyLog: 'on' })
    bringUp(both)
    const { ike, child } = keysOf(both)
    expect([...ike, ...child].some(({ wiped }) => wiped)).toBe(false)
    expect(child).toHaveLength(4)
    const id = both.a.named('child-sa-established')[0]?.child
    if (id === undefined) throw new Error('no child')
    both.network.feed(both.a, { kind: 'command', command: { kind: 'close-child-sa', child: id } })
    both.network.run(1_000)
    expect(child.every(({ wiped }) => wiped)).toBe(true)
    expect(ike.some(({ wiped }) => wiped)).toBe(false)
  })

  it('of an IKE SA are wiped when it is gone for good', () => {
    const both = pair({ dangerKeyLog: 'on', ike: 'aes128-sha256-x25519' }, { dangerKeyLog: 'on', ike: 'aes128-sha256-x25519' })
    bringUp(both)
    const { ike } = keysOf(both)
    expect(ike).toHaveLength(8)
    both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
    both.network.run(1_000_000)
    expect(ike.every(({ wiped }) => wiped)).toBe(true)
  })

  it('are logged only where the host was told to', () => {
    const both = pair()
    bringUp(both)
    expect([...keysOf(both).ike, ...keysOf(both).child]).toEqual([])
  })
})
