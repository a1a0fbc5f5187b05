// A host is not made of connections that name algorithms which its provider does not have.
import { describe, expect, it } from 'vitest'
import { ApiMisuse } from '../../src/contract/faults.ts'
import type { ProposalTemplate } from '../../src/contract/transforms.ts'
import { portableProvider } from '../../src/crypto/providers/portable.ts'
import { bringUp, pair } from './two-hosts.ts'
import { seededRandom } from '../../src/lab/random.ts'

const portable = portableProvider({ random: seededRandom(1) })
const named = (type: number, id: number, keyLength?: number) => ({ type, id, keyLength })

describe('a host whose provider lacks an algorithm is not made', () => {
  it('where an IKE proposal names it', () => {
    const ike = 'aes128-camellia256-sha256-x25519'
    expect(() => pair({ ike, provider: portable })).toThrow(ApiMisuse)
    expect(() => pair({ ike, provider: portable })).toThrow(/names camellia256, which the provider "portable" does not have/)
    expect(() => pair({ ike })).not.toThrow()
  })

  it('where an ESP proposal names it', () => {
    expect(() => pair({ espWords: 'aes128-3des-sha1', provider: portable })).toThrow(/names 3des, /)
    expect(() => pair({ espWords: '3des-aes128gcm16-sha1' })).not.toThrow()
  })

  // No word of a proposal leads there: these are the data that words stand for.
  const ike = (keyExchange: number): ProposalTemplate[] => [
    { protocol: 1, transforms: [named(1, 20, 128), named(2, 5), named(4, keyExchange)] },
  ]
  it('where ML-KEM is to be the key exchange of IKE_SA_INIT', () => {
    expect(() => pair({ connection: { proposals: ike(36) } })).toThrow(/names mlkem768, which the provider "node" does not have/)
    expect(() => pair({ connection: { proposals: ike(31) } })).not.toThrow()
  })

  it('where GMAC of AH is to protect ESP (RFC 4543 §5.3)', () => {
    const transforms = [named(1, 12, 128), named(3, 9), named(5, 0)]
    const child = { proposals: [{ protocol: 3, transforms }] }
    expect(() => pair({ child })).toThrow(/names aes_128_gmac, /)
    expect(() =>
      pair({ child: { proposals: [{ protocol: 3, transforms: [...transforms.slice(0, 1), named(3, 12), named(5, 0)] }] } }),
    ).not.toThrow()
  })

  it('where ESP would have neither encryption nor integrity (RFC 4301 §4.2)', () => {
    for (const integrity of [[], [named(3, 0)]]) {
      const transforms = [named(1, 11), ...integrity, named(5, 0)]
      expect(() => pair({ child: { proposals: [{ protocol: 3, transforms }] } })).toThrow(/names null, /)
    }
  })

  it('and where both ends would have NULL and NONE among others, no such SA is made', () => {
    const child = { proposals: [{ protocol: 3, transforms: [named(1, 11), named(3, 0), named(3, 12), named(5, 0)] }] }
    const both = pair({ child }, { child })
    bringUp(both)
    const suites = both.b.named('child-sa-established').map(({ established }) => established.suite)
    expect(suites.filter(({ integrity }) => integrity === undefined || integrity.id === 0)).toEqual([])
    expect(suites.length + both.b.named('child-sa-failed').length).toBe(1)
  })

  it('NONE is nothing to lack (RFC 7296 §3.3.3)', () => {
    const transforms = [named(1, 20, 128), named(3, 0), named(4, 0), named(5, 0)]
    expect(() => pair({ child: { proposals: [{ protocol: 3, transforms }] } })).not.toThrow()
  })
})
