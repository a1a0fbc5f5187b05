// The MODP groups of RFC 3526: primes, ranges, and how private values are drawn. One way for all providers, so that the same
// randomness gives the same key pair.
import { fromHex } from '../bytes/bytes.ts'
import { Bug } from '../contract/faults.ts'
import type { RandomSource } from '../contract/random.ts'
import { keyExchange } from '../iana/transforms.ts'

export interface ModpGroup {
  readonly id: number
  /** Big-endian. */
  readonly prime: Uint8Array
  /** Octets of the prime, of public values and of the shared secret. */
  readonly length: number
  /** Octets of private values. */
  readonly privateLength: number
}

/** RFC 3526 §2 to §7: the generator of all these groups. */
export const modpGenerator = 2

/**
 * RFC 6989 §2.1: the recipient MUST verify that 1 < r < p-1. `value` is of the length of the prime.
 * Public values are no secret: the comparison may stop early.
 */
export function modpValueInRange(group: ModpGroup, value: Uint8Array): boolean {
  const last = group.length - 1
  if (value.length !== group.length || isAtMostOne(value)) return false
  for (let i = 0; i < last; i++) {
    const difference = (value[i] ?? 0) - (group.prime[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  // The primes are odd: p-1 differs from p in the last octet only.
  return (value[last] ?? 0) < (group.prime[last] ?? 0) - 1
}

/** A private value of at least 2, big-endian: drawn again until it fits. */
export function drawExponent(group: ModpGroup, random: RandomSource): Uint8Array {
  for (;;) {
    const value = random(group.privateLength)
    if (!isAtMostOne(value)) return value
  }
}

function isAtMostOne(value: Uint8Array): boolean {
  for (let i = 0; i < value.length - 1; i++) if (value[i] !== 0) return false
  return (value.at(-1) ?? 0) <= 1
}

function octets(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new Bug('a prime of RFC 3526 is mistyped')
  return bytes
}

/** What the primes of both groups begin with. */
const head = `
  FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1 29024E08 8A67CC74 020BBEA6 3B139B22 514A0879 8E3404DD
  EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245 E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
  EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE45B3D C2007CB8 A163BF05 98DA4836 1C55D39A 69163FA8 FD24CF5F
  83655D23 DCA3AD96 1C62F356 208552BB 9ED52907 7096966D 670C354E 4ABC9804 F1746C08 CA18217C 32905E46 2E36CE3B
  E39E772C 180E8603 9B2783A2 EC07A28F B5C55DF0 6F4C52C9 DE2BCBF6 95581718 3995497C EA956AE5 15D22618 98FA0510
  15728E5A`

// RFC 3526 §1 and §8: a private value has twice the bits of the strength that is wanted of the group. These are the longer
// estimates of §8's table: 320 bits, and 420 rounded up to whole octets.

/** RFC 3526 §3. */
export const modp2048: ModpGroup = {
  id: keyExchange.MODP_2048,
  prime: octets(`${head} 8AACAA68 FFFFFFFF FFFFFFFF`),
  length: 256,
  privateLength: 40,
}

/** RFC 3526 §4. */
export const modp3072: ModpGroup = {
  id: keyExchange.MODP_3072,
  prime: octets(`${head}
    8AAAC42D AD33170D 04507A33 A85521AB DF1CBA64 ECFB8504 58DBEF0A 8AEA7157 5D060C7D B3970F85 A6E1E4C7 ABF5AE8C
    DB0933D7 1E8C94E0 4A25619D CEE3D226 1AD2EE6B F12FFA06 D98A0864 D8760273 3EC86A64 521F2B18 177B200C BBE11757
    7A615D6C 770988C0 BAD946E2 08E24FA0 74E5AB31 43DB5BFC E0FD108E 4B82D120 A93AD2CA FFFFFFFF FFFFFFFF`),
  length: 384,
  privateLength: 53,
}
