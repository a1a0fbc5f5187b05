// Key exchange on node:crypto. MODP: RFC 3526; ECP: RFC 5903, RFC 6954; Curve25519, Curve448: RFC 8031. Public values are checked as RFC 6989 §2 asks.
import { createDiffieHellman, createECDH, type DiffieHellman, diffieHellman, type ECDH } from 'node:crypto'
import { Secret, dangerReveal } from '../../../bytes/secret.ts'
import { KeyCache } from '../../key-cache.ts'
import { drawScalar, type EcpGroup, isScalar } from '../../ecp.ts'
import { drawExponent, isExponent, modpGenerator, type ModpGroup, modpValueInRange } from '../../modp.ts'
import type { KeyExchange } from '../../provider.ts'
import { plain } from './keys.ts'
import { type MontgomeryCurve, privateKeyOf, publicKeyOf, publicValueOf } from './montgomery-keys.ts'

export function nodeModp(group: ModpGroup): KeyExchange {
  const publicValueOf = (privateValue: Uint8Array): Uint8Array => padded(modpWith(group, privateValue).generateKeys(), group.length)
  return {
    id: group.id,
    publicLength: group.length,
    generate(random) {
      const privateValue = drawExponent(group, random)
      return { publicValue: publicValueOf(privateValue), privateKey: new Secret(privateValue) }
    },
    publicValueOf(privateKey) {
      const privateValue = dangerReveal(privateKey)
      return isExponent(group, privateValue) ? publicValueOf(privateValue) : undefined
    },
    agree(privateKey, peerPublic) {
      // RFC 6989 §2.1: 1 < r < p-1.
      if (!modpValueInRange(group, peerPublic)) return undefined
      const shared = modpWith(group, dangerReveal(privateKey)).computeSecret(peerPublic)
      // RFC 7296 §2.14: padded with zeros to the length of the modulus.
      return new Secret(padded(shared, group.length))
    },
  }
}

/** `name` as OpenSSL knows the curve. */
export function nodeEcp(group: EcpGroup, name: string): KeyExchange {
  const keys = new KeyCache(generation, (key) => ecdhWith(name, dangerReveal(key)))
  // RFC 5903 §7: x | y, without the octet that says "uncompressed".
  const publicValueOf = (privateKey: Secret): Uint8Array => plain(keys.of(privateKey).getPublicKey()).slice(1)
  return {
    id: group.id,
    publicLength: 2 * group.length,
    generate(random) {
      const privateKey = new Secret(drawScalar(group, random))
      return { privateKey, publicValue: publicValueOf(privateKey) }
    },
    publicValueOf: (privateKey) => (isScalar(group, dangerReveal(privateKey)) ? publicValueOf(privateKey) : undefined),
    agree(privateKey, peerPublic) {
      if (peerPublic.length !== 2 * group.length) return undefined
      const point = new Uint8Array(1 + peerPublic.length)
      point[0] = 4
      point.set(peerPublic, 1)
      const ecdh = keys.of(privateKey)
      try {
        // RFC 6989 §2.3: OpenSSL refuses a point that is not on the curve.
        return new Secret(padded(ecdh.computeSecret(point), group.length))
      } catch {
        return undefined
      }
    },
  }
}

export function nodeMontgomery(id: number, curve: MontgomeryCurve): KeyExchange {
  const { length } = curve
  const keys = new KeyCache(generation, (key) => privateKeyOf(curve, dangerReveal(key)))
  return {
    id,
    publicLength: length,
    generate(random) {
      const privateKey = new Secret(random(length))
      return { privateKey, publicValue: publicValueOf(keys.of(privateKey)) }
    },
    publicValueOf: (privateKey) => (privateKey.length === length ? publicValueOf(keys.of(privateKey)) : undefined),
    agree(privateKey, peerPublic) {
      if (peerPublic.length !== length) return undefined
      const ours = keys.of(privateKey)
      try {
        // RFC 7748 §6: OpenSSL refuses an all-zero secret. RFC 8031 §3.2: it takes non-canonical values, and ignores the top bit of X25519's.
        return new Secret(plain(diffieHellman({ privateKey: ours, publicKey: publicKeyOf(curve, peerPublic) })))
      } catch {
        return undefined
      }
    },
  }
}

/**
 * The private key of a pair is used twice within one exchange, and making it ready costs as much as using it. At most twice as many
 * are kept for each group, and none that has been wiped.
 */
const generation = 256

function modpWith(group: ModpGroup, privateValue: Uint8Array): DiffieHellman {
  const dh = createDiffieHellman(group.prime, modpGenerator)
  dh.setPrivateKey(privateValue)
  return dh
}

function ecdhWith(name: string, privateValue: Uint8Array): ECDH {
  const ecdh = createECDH(name)
  ecdh.setPrivateKey(privateValue)
  return ecdh
}

/** A copy of the right length that is nobody else's; the source is wiped. */
function padded(octets: Buffer, length: number): Uint8Array {
  const whole = new Uint8Array(length)
  whole.set(octets, length - octets.length)
  octets.fill(0)
  return whole
}
