// Keys as outputs, and private keys as inputs. Those of vectors are public; whoever calls this with another key prints it.
import { equalConstantTime, toHex } from '../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../bytes/secret.ts'
import type { KeyExchange, KeyPair } from '../crypto/provider.ts'

/** Lower-case hexadecimal. */
export const dangerHex = (secret: Secret): string => toHex(dangerReveal(secret))

/** The pair of a private key; `undefined` when the method does not take such a one. */
export function dangerKeyPair(method: KeyExchange, privateKey: Secret): KeyPair | undefined {
  const octets = dangerReveal(privateKey)
  let drawn = 0
  // A method draws again where octets are no private key: from the second time on it gets some that are one of any method.
  const pair = method.generate((length) => (drawn++ === 0 && length === octets.length ? octets.slice() : new Uint8Array(length).fill(2)))
  return equalConstantTime(dangerReveal(pair.privateKey), octets) ? pair : undefined
}
