// Key exchange in JavaScript. MODP: RFC 3526; ECP: RFC 5903, RFC 6954; Curve25519, Curve448: RFC 8031. Public values are checked as RFC 6989 §2 asks.
// BigInt arithmetic does not run in constant time: where an attacker can measure time finely, use a native provider.
import { pow } from '@noble/curves/abstract/modular.js'
import type { x25519 } from '@noble/curves/ed25519.js'
import type { p256 } from '@noble/curves/nist.js'
import { concat, fromHex, toHex } from '../../../bytes/bytes.ts'
import { dangerReveal, Secret } from '../../../bytes/secret.ts'
import { Bug } from '../../../contract/faults.ts'
import { drawScalar, type EcpGroup, isScalar } from '../../ecp.ts'
import { drawExponent, isExponent, modpGenerator, type ModpGroup, modpValueInRange } from '../../modp.ts'
import type { KeyExchange } from '../../provider.ts'

export function portableModp(group: ModpGroup): KeyExchange {
  const prime = toNumber(group.prime)
  const publicValueOf = (privateValue: Uint8Array): Uint8Array =>
    toOctets(pow(BigInt(modpGenerator), toNumber(privateValue), prime), group.length)
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
      const shared = pow(toNumber(peerPublic), toNumber(dangerReveal(privateKey)), prime)
      // RFC 7296 §2.14: padded with zeros to the length of the modulus.
      return new Secret(toOctets(shared, group.length))
    },
  }
}

/** What noble's curves have in common. */
export type EcpCurve = Pick<typeof p256, 'getPublicKey' | 'getSharedSecret'>

export function portableEcp(group: EcpGroup, curve: EcpCurve): KeyExchange {
  // RFC 5903 §7: x | y, without the octet that says "uncompressed".
  const publicValueOf = (privateValue: Uint8Array): Uint8Array => curve.getPublicKey(privateValue, false).slice(1)
  return {
    id: group.id,
    publicLength: 2 * group.length,
    generate(random) {
      const privateValue = drawScalar(group, random)
      return { publicValue: publicValueOf(privateValue), privateKey: new Secret(privateValue) }
    },
    publicValueOf(privateKey) {
      const privateValue = dangerReveal(privateKey)
      return isScalar(group, privateValue) ? publicValueOf(privateValue) : undefined
    },
    agree(privateKey, peerPublic) {
      if (peerPublic.length !== 2 * group.length) return undefined
      try {
        // RFC 6989 §2.3: a point that is not on the curve throws.
        const point = curve.getSharedSecret(dangerReveal(privateKey), concat(Uint8Array.of(4), peerPublic), false)
        const shared = point.slice(1, 1 + group.length)
        point.fill(0)
        return new Secret(shared)
      } catch {
        return undefined
      }
    },
  }
}

/** `x25519` and `x448` have one type. */
export type MontgomeryFunction = typeof x25519

export function portableMontgomery(id: number, curve: MontgomeryFunction, length: number): KeyExchange {
  return {
    id,
    publicLength: length,
    generate(random) {
      const privateValue = random(length)
      const publicValue = curve.getPublicKey(privateValue)
      return { privateKey: new Secret(privateValue), publicValue }
    },
    publicValueOf: (privateKey) => (privateKey.length === length ? curve.getPublicKey(dangerReveal(privateKey)) : undefined),
    agree(privateKey, peerPublic) {
      if (peerPublic.length !== length) return undefined
      try {
        // RFC 7748 §6: a zero secret throws. RFC 8031 §3.2: non-canonical values are taken, the top bit of X25519's is ignored.
        return new Secret(curve.getSharedSecret(dangerReveal(privateKey), peerPublic))
      } catch {
        return undefined
      }
    },
  }
}

const toNumber = (octets: Uint8Array): bigint => BigInt(`0x${toHex(octets)}`)

function toOctets(number: bigint, length: number): Uint8Array {
  const octets = fromHex(number.toString(16).padStart(2 * length, '0'))
  if (octets?.length !== length) throw new Bug(`a number does not fit ${length} octets`)
  return octets
}
