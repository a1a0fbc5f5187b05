// Stateless cookies against floods of half-open IKE SAs. RFC 7296 §2.6.
import { concat, equalConstantTime } from '../../bytes/bytes.ts'
import { Secret } from '../../bytes/secret.ts'
import { Bug } from '../../contract/faults.ts'
import type { RandomSource } from '../../contract/random.ts'
import type { Instant } from '../../contract/units.ts'
import type { CryptoProvider, Prf } from '../../crypto/provider.ts'
import { prf as prfIds } from '../../iana/transforms.ts'
import { addressBytes, type Address } from '../../net/address.ts'
import { timers } from '../timers.ts'

interface Generation {
  readonly version: number
  readonly secret: Secret
  readonly since: Instant
}

/** Cookie = version | MAC(Ni | IPi | SPIi): nothing is remembered of who got one. */
export class CookieJar {
  readonly #prf: Prf
  readonly #random: RandomSource
  #current: Generation | undefined
  #previous: Generation | undefined

  constructor(provider: CryptoProvider, random: RandomSource) {
    const prf = provider.prf(prfIds.PRF_HMAC_SHA2_256)
    if (prf === undefined) throw new Bug('every provider has PRF_HMAC_SHA2_256')
    this.#prf = prf
    this.#random = random
  }

  make(now: Instant, nonce: Uint8Array, address: Address, spi: Uint8Array): Uint8Array {
    return this.#cookie(this.#generation(now), nonce, address, spi)
  }

  /** Whether we made it for this request, with the current secret or the one before. */
  accepts(now: Instant, cookie: Uint8Array, nonce: Uint8Array, address: Address, spi: Uint8Array): boolean {
    const current = this.#generation(now)
    return [current, this.#previous].some(
      (generation) => generation !== undefined && equalConstantTime(cookie, this.#cookie(generation, nonce, address, spi)),
    )
  }

  #cookie(generation: Generation, nonce: Uint8Array, address: Address, spi: Uint8Array): Uint8Array {
    const mac = this.#prf.compute(generation.secret, nonce, addressBytes(address), spi)
    return concat(Uint8Array.of(generation.version), mac.subarray(0, 16))
  }

  /** RFC 7296 §2.6: the secret changes often; cookies of the previous one are still good for a while. */
  #generation(now: Instant): Generation {
    const current = this.#current
    if (current !== undefined && now - current.since < timers.cookieSecretLifetime) return current
    const fresh = { version: ((current?.version ?? 0) + 1) & 0xff, secret: new Secret(this.#random(32)), since: now }
    this.#previous?.secret.wipe()
    this.#previous = current !== undefined && now - current.since < 2 * timers.cookieSecretLifetime ? current : undefined
    this.#current = fresh
    return fresh
  }
}
