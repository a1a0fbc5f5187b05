// Public values that must be refused, and how private values are drawn: RFC 6989 §2, RFC 7296 §2.14, RFC 8031 §3.2.
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../src/bytes/secret.ts'
import { brainpool256, brainpool384, brainpool512, drawScalar, ecp256, ecp384, ecp521 } from '../../src/crypto/ecp.ts'
import { drawExponent, modpGroups } from '../../src/crypto/modp.ts'
import { curve25519, curve448, privateKeyByDer, privateKeyByJwk, publicValueOf } from '../../src/crypto/providers/node/montgomery-keys.ts'
import { hex, node, portable, present, printedCases, providers, revealed, secret, seededRandom } from './support.ts'

const curves = [ecp256, ecp384, ecp521, brainpool256, brainpool384, brainpool512]

/** A big-endian number of `length` octets. */
const number = (value: bigint, length: number): Uint8Array => hex(value.toString(16).padStart(2 * length, '0'))

describe.each(providers)('%s', (_, provider) => {
  describe.each(modpGroups)('MODP group $id', (group) => {
    const algorithm = present(provider.keyExchange(group.id))
    const prime = BigInt(`0x${toHex(group.prime)}`)
    const agrees = (value: bigint): Secret | undefined => algorithm.agree(new Secret(Uint8Array.of(3)), number(value, group.length))

    test('refuses public values outside 1 < r < p-1 (RFC 6989 §2.1)', () => {
      for (const value of [0n, 1n, prime - 1n, prime, prime + 1n, (1n << BigInt(8 * group.length)) - 1n])
        expect(agrees(value), String(value).slice(0, 12)).toBeUndefined()
      for (const value of [2n, prime - 2n]) expect(agrees(value)).toBeDefined()
    })

    test('pads the shared secret to the length of the modulus (RFC 7296 §2.14)', () => {
      expect(revealed(present(agrees(2n)))).toBe('08'.padStart(2 * group.length, '0'))
    })

    test('refuses public values of another length (RFC 7296 §3.4)', () => {
      expect(algorithm.agree(secret('03'), new Uint8Array(group.length - 1).fill(7))).toBeUndefined()
      expect(algorithm.agree(secret('03'), new Uint8Array(group.length + 1).fill(7))).toBeUndefined()
      expect(algorithm.agree(secret('03'), new Uint8Array(0))).toBeUndefined()
    })
  })

  describe.each(curves)('ECP group $id', (group) => {
    const algorithm = present(provider.keyExchange(group.id))
    const ours = algorithm.generate(seededRandom(3)).privateKey
    const theirs = algorithm.generate(seededRandom(4)).publicValue

    test('refuses points that are not on the curve (RFC 6989 §2.3)', () => {
      expect(algorithm.agree(ours, theirs)).toBeDefined()
      const off = theirs.slice()
      off[off.length - 1] = (off.at(-1) ?? 0) ^ 1
      expect(algorithm.agree(ours, off)).toBeUndefined()
      expect(algorithm.agree(ours, new Uint8Array(group.length * 2))).toBeUndefined()
      expect(algorithm.agree(ours, new Uint8Array(group.length * 2).fill(0xff))).toBeUndefined()
    })

    test('refuses public values of another length (RFC 5903 §7)', () => {
      expect(algorithm.agree(ours, theirs.subarray(1))).toBeUndefined()
      expect(algorithm.agree(ours, Uint8Array.of(4, ...theirs))).toBeUndefined()
    })
  })

  describe('X25519', () => {
    const x25519 = present(provider.keyExchange(31))
    const ours = x25519.generate(seededRandom(5)).privateKey

    test('refuses public values that lead to a zero secret (RFC 7748 §6.1)', () => {
      const order8 = 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'
      for (const value of ['00'.repeat(32), `01${'00'.repeat(31)}`, order8]) expect(x25519.agree(ours, hex(value))).toBeUndefined()
    })

    test('accepts non-canonical public values, and ignores their top bit (RFC 8031 §3.2)', () => {
      // 2^255 - 19 + 9 is the base point again.
      const canonical = x25519.agree(ours, hex(`09${'00'.repeat(31)}`))
      for (const value of [`f6${'ff'.repeat(30)}7f`, `f6${'ff'.repeat(31)}`, `09${'00'.repeat(30)}80`])
        expect(revealed(present(x25519.agree(ours, hex(value))))).toBe(revealed(present(canonical)))
    })

    test('refuses public values of another length', () => {
      expect(x25519.agree(ours, new Uint8Array(31).fill(9))).toBeUndefined()
      expect(x25519.agree(ours, new Uint8Array(33).fill(9))).toBeUndefined()
    })
  })

  describe('X448', () => {
    const x448 = present(provider.keyExchange(32))
    const ours = x448.generate(seededRandom(6)).privateKey

    test('refuses public values that lead to a zero secret (RFC 7748 §6.2)', () => {
      // 0, 1, p - 1, p, p + 1 for p = 2^448 - 2^224 - 1.
      const high = 'ff'.repeat(28)
      const values = ['00'.repeat(56), `01${'00'.repeat(55)}`, `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}`, `${high}fe${'ff'.repeat(27)}`]
      for (const value of [...values, `${'00'.repeat(28)}${high}`]) expect(x448.agree(ours, hex(value))).toBeUndefined()
    })

    test('accepts non-canonical public values (RFC 8031 §3.2)', () => {
      // p + 5 is the base point again.
      const value = `04${'00'.repeat(27)}${'ff'.repeat(28)}`
      const canonical = revealed(present(x448.agree(ours, hex(`05${'00'.repeat(55)}`))))
      expect(revealed(present(x448.agree(ours, hex(value))))).toBe(canonical)
    })

    test('refuses public values of another length', () => {
      for (const length of [0, 32, 55, 57]) expect(x448.agree(ours, new Uint8Array(length).fill(9))).toBeUndefined()
    })
  })

  test('groups that it does not have are undefined, and so are KEMs, which are none', () => {
    for (const id of [0, 1, 2, 22, 23, 24, 25, 26, 27, 33, 35, 36, 37, 65535]) expect(provider.keyExchange(id)).toBeUndefined()
  })
})

describe('private values', () => {
  test.each(curves)('of ECP group $id are drawn again until 0 < d < order', (group) => {
    const tooLarge = group.order
    const draws = [new Uint8Array(group.length), tooLarge.slice(), new Uint8Array(group.length).fill(0xff), below(tooLarge)]
    const value = drawScalar(group, () => present(draws.shift()))
    expect(toHex(value)).toBe(toHex(below(tooLarge)))
    expect(draws.length).toBe(0)
  })

  test.each(modpGroups)('of MODP group $id are at least 2', (group) => {
    const [zero, one, two] = [0, 1, 2].map((value) => number(BigInt(value), group.privateLength))
    const draws = [zero, one, two]
    expect(drawExponent(group, () => present(draws.shift())).at(-1)).toBe(2)
    expect(draws.length).toBe(0)
  })
})

test.each([5, 14, 15, 16, 17, 18, 19, 20, 21, 28, 29, 30, 31, 32])(
  'group %i: the same randomness gives the same keys and secrets with both providers',
  (id) => {
    const [ours, theirs] = [present(node.keyExchange(id)), present(portable.keyExchange(id))]
    const [a, b] = [ours.generate(seededRandom(id)), theirs.generate(seededRandom(id))]
    expect(toHex(a.publicValue)).toBe(toHex(b.publicValue))
    expect(toHex(dangerReveal(a.privateKey))).toBe(toHex(dangerReveal(b.privateKey)))
    expect(a.publicValue.length).toBe(ours.publicLength)
    const peer = ours.generate(seededRandom(id + 100))
    const shared = revealed(present(ours.agree(a.privateKey, peer.publicValue)))
    expect(revealed(present(theirs.agree(b.privateKey, peer.publicValue)))).toBe(shared)
    expect(revealed(present(theirs.agree(peer.privateKey, a.publicValue)))).toBe(shared)
  },
)

describe.each(providers)('%s: the public value of a private key', (_, provider) => {
  test.each([14, 19, 20, 21, 28, 29, 30, 31, 32])('of group %i is the one that was generated', (id) => {
    const group = present(provider.keyExchange(id))
    const { privateKey, publicValue } = group.generate(seededRandom(id))
    expect(toHex(present(group.publicValueOf(privateKey)))).toBe(toHex(publicValue))
  })

  test.each(curves)('of ECP group $id is undefined outside 0 < d < order', ({ id, order, length }) => {
    const group = present(provider.keyExchange(id))
    for (const value of [new Uint8Array(length), order.slice(), new Uint8Array(length).fill(0xff), new Uint8Array(length - 1).fill(1)])
      expect(group.publicValueOf(new Secret(value))).toBeUndefined()
    expect(group.publicValueOf(new Secret(below(order)))).toBeDefined()
  })

  test.each([14, 31, 32])('of group %i is undefined when the key has no such length', (id) => {
    const group = present(provider.keyExchange(id))
    for (const length of [0, group.publicLength + 1])
      expect(group.publicValueOf(new Secret(new Uint8Array(length).fill(7)))).toBeUndefined()
  })
})

test.each([
  [curve25519, 'rfc7748-x25519.json'],
  [curve448, 'rfc7748-x448.json'],
] as const)('node reads a key of $0.name by JWK as it does by DER (RFC 8410 §7)', (curve, file) => {
  const { inputs, expected } = present(printedCases(file, '-diffie-hellman-alice')[0])
  const octets = hex(String(inputs['privateKey']))
  for (const read of [privateKeyByJwk, privateKeyByDer])
    expect(toHex(publicValueOf(present(read(curve, octets))))).toBe(expected['ownPublicValue'])
})

/** order - 1; the orders are odd. */
function below(order: Uint8Array): Uint8Array {
  const value = order.slice()
  value[value.length - 1] = (value.at(-1) ?? 0) - 1
  return value
}
