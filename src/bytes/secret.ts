// Key material that cannot be printed by accident and can be wiped.
// Only `crypto/` and what has `danger` in its name may read the octets: test/architecture.test.ts watches who imports `dangerReveal`.

let reveal: (secret: Secret) => Uint8Array

/** Keeps something made of a secret, and lets go of it when the secret is wiped. */
export interface SecretKeeper {
  forget(secret: Secret): void
}
const nobody: readonly SecretKeeper[] = []
const nothing = new Uint8Array(0)

/**
 * An opaque key handle: the core passes it about, a crypto provider reads it.
 * It owns its octets; whoever makes one must not keep another reference to them.
 */
export class Secret {
  readonly length: number
  #octets: Uint8Array
  #keepers: readonly SecretKeeper[] = nobody

  constructor(octets: Uint8Array) {
    this.#octets = octets
    this.length = octets.length
  }

  /** Overwrites the octets. A wiped secret reads as an empty string of octets. */
  wipe(): void {
    this.#octets.fill(0)
    this.#octets = nothing
    for (const keeper of this.#keepers) keeper.forget(this)
    this.#keepers = nobody
  }

  /** From now on `keeper` is told when the secret is wiped. */
  keptBy(keeper: SecretKeeper): void {
    if (!this.#keepers.includes(keeper)) this.#keepers = [...this.#keepers, keeper]
  }

  get wiped(): boolean {
    return this.#octets.length !== this.length
  }

  toString(): string {
    return `[secret of ${this.length} octets]`
  }

  toJSON(): string {
    return this.toString()
  }

  static {
    reveal = (secret) => secret.#octets
  }
}

/** The octets themselves, not a copy. */
export function dangerReveal(secret: Secret): Uint8Array {
  return reveal(secret)
}
