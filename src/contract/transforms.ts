// Algorithms as proposals name them. RFC 7296 §3.3.

/** One transform without its wire clothing: `type` and `id` are IANA numbers; `keyLength` is in bits where the attribute is present. */
export interface TransformChoice {
  readonly type: number
  readonly id: number
  readonly keyLength: number | undefined
}

/** What we are ready to use for one protocol: any transform of a type may be combined with any of the other types (RFC 7296 §3.3). */
export interface ProposalTemplate {
  /** Protocol ID: 1 IKE, 2 AH, 3 ESP. */
  readonly protocol: number
  /** In order of preference within a type. */
  readonly transforms: readonly TransformChoice[]
}

/** The outcome for IKE: exactly one of each; `integrity` is absent with an AEAD (RFC 5282 §8). */
export interface IkeSuite {
  readonly encryption: TransformChoice
  readonly prf: TransformChoice
  readonly integrity: TransformChoice | undefined
  readonly keyExchange: TransformChoice
}

/** The outcome for ESP or AH. */
export interface ChildSuite {
  /** 2 AH, 3 ESP. */
  readonly protocol: number
  readonly encryption: TransformChoice | undefined
  readonly integrity: TransformChoice | undefined
  readonly extendedSequence: 'esn' | 'no-esn'
}
