// What a platform makes of keys (key objects, key schedules, keyed hash states), kept for the keys in use and for no more.
// Hundreds of thousands of idle SAs hold raw secrets only; the prepared form is made at first use and forgotten later.
import { ApiMisuse } from '../contract/faults.ts'
import type { Secret, SecretKeeper } from '../bytes/secret.ts'

/**
 * Remembers what was prepared of the secrets used last: at least the last `generation` of them, at most twice as many.
 * Nothing is remembered of a secret that has been wiped. Two generations stand in for an exact order of use: a hit in the young one costs one look-up and moves nothing.
 */
export class KeyCache<Prepared> implements SecretKeeper {
  readonly #prepare: (key: Secret) => Prepared
  readonly #generation: number
  #young: Map<Secret, Prepared> = new Map()
  #old: Map<Secret, Prepared> = new Map()

  constructor(generation: number, prepare: (key: Secret) => Prepared) {
    this.#generation = generation
    this.#prepare = prepare
  }

  of(key: Secret): Prepared {
    return this.#young.get(key) ?? this.#promote(key)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  forget(key: Secret): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  #promote(key: Secret): Prepared {
    if (key.wiped) throw new ApiMisuse('a key was used after it had been wiped')
    const prepared = this.#old.get(key) ?? this.#prepare(key)
    this.#old.delete(key)
    if (this.#young.size === this.#generation) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, prepared)
    key.keptBy(this)
    return prepared
  }
}
