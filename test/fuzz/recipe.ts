// One thing that a fuzzer does to a host, before keys: what is kept, mutated and written down. With the keys of the moment it becomes
// octets (`render.ts`). Numbers that depend on the moment (Message IDs, SPIs, sequence numbers) are told by how they differ from it.
import { fromHex, toHex } from '../../src/bytes/bytes.ts'

export type Recipe =
  | ClearRecipe
  | SealedRecipe
  | EspRecipe
  | CompletionRecipe
  | WaitRecipe
  | CommandRecipe
  | UnreachableRecipe
  | AgainRecipe

/** Octets as they are. */
export interface ClearRecipe {
  readonly form: 'clear'
  readonly octets: Uint8Array
  readonly channel: 'ike' | 'nat-t' | 'esp'
  /** `true-spis`: the SPIs of the IKE SA are written over the first sixteen octets of the message. */
  readonly spis: 'as-they-are' | 'true-spis'
  readonly from: Sender
}

/** An IKE message protected by the right keys. */
export interface SealedRecipe {
  readonly form: 'sealed'
  readonly kind: 'request' | 'response'
  readonly exchangeType: number
  /** From the Message ID that the host waits for. */
  readonly idOffset: number
  readonly flagsXor: number
  readonly version: number
  readonly spis: 'right' | 'swapped' | 'no-responder' | 'another'
  /** One payload in clear before SK, as octets whose header will point to SK; may be empty. */
  readonly before: Uint8Array
  readonly beforeType: number
  readonly firstPayload: number
  /** Payloads as octets; in a fragment, a part of them. */
  readonly inside: Uint8Array
  /** In SKF, and what that says which fragment it is (RFC 7383); `undefined`: in SK. */
  readonly fragment: { readonly number: number; readonly total: number } | undefined
  /** Octets of padding, and what the pad length says beyond it. */
  readonly padding: number
  readonly padLie: number
  /** Added to the length in the header, and in SK; the ICV vouches for the lie. */
  readonly lengthLie: number
  readonly skLengthLie: number
  readonly from: Sender
}

/** An ESP packet protected by the right keys. */
export interface EspRecipe {
  readonly form: 'esp'
  readonly payload: Uint8Array
  readonly nextHeader: number
  /** RFC 4303 §2.4: 1, 2, 3, …; anything else is to be noticed. */
  readonly padding: 'counting' | 'zeros'
  /** Added to what the pad length says. */
  readonly padLie: number
  /** From the next sequence number. */
  readonly sequenceOffset: number
  readonly spi: 'right' | 'ours' | 'another'
  /** By itself, or in a burst with itself once more and with octets that are nothing. */
  readonly company: 'alone' | 'burst'
  /** Octets cut from the end, once sealed. */
  readonly cut: number
  readonly from: Sender
}

/** What comes of the oldest operation that is withheld. */
export interface CompletionRecipe {
  readonly form: 'completion'
  readonly outcome: 'right' | 'wrong' | 'failed' | 'twice'
}
export interface WaitRecipe {
  readonly form: 'wait'
  readonly milliseconds: number
}
export interface CommandRecipe {
  readonly form: 'command'
  readonly command: 'check-liveness' | 'close-child-sa' | 'close-ike-sa'
}
export interface UnreachableRecipe {
  readonly form: 'unreachable'
  readonly reason: 'port' | 'host' | 'network'
}

/** Mallory sets up anew, as far as the state asks for. */
export interface AgainRecipe {
  readonly form: 'again'
}

/** `elsewhere`: from another port of the same address. */
export type Sender = 'peer' | 'elsewhere'

/** A plain sealed request; what it is to differ in is written over it. */
export const sealedRequest: SealedRecipe = {
  form: 'sealed',
  kind: 'request',
  exchangeType: 37,
  idOffset: 0,
  flagsXor: 0,
  version: 0x20,
  spis: 'right',
  before: new Uint8Array(0),
  beforeType: 0,
  firstPayload: 0,
  inside: new Uint8Array(0),
  fragment: undefined,
  padding: 0,
  padLie: 0,
  lengthLie: 0,
  skLengthLie: 0,
  from: 'peer',
}

/** As one line of JSON; octets are `hex:…`. */
export const formatRecipe = (recipe: Recipe): string =>
  JSON.stringify(recipe, (_, value: unknown) => (value instanceof Uint8Array ? `hex:${toHex(value)}` : value))

export const parseRecipe = (text: string): Recipe =>
  JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith('hex:') ? fromHex(value.slice(4)) : value,
  ) as Recipe
