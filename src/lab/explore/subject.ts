// What the explorer needs to know of a host: how to make it, what it may be told, what it remembers.
import type { Secret } from '../../bytes/secret.ts'
import type { Command, Datagram, Outcome, SharedKeyMacRequest } from '../../contract/machine.ts'
import type { Spi } from '../../contract/units.ts'
import type { Host, HostView } from '../../host/host.ts'

/** A host, and what it is made with. */
export interface Specimen {
  readonly host: Host
  /** The MAC under the key that the two identities share. */
  compute(request: SharedKeyMacRequest): Outcome<Uint8Array>
  /** Nonces that are drawn in the step that follows. Called before each. */
  setNonces(nonces: Nonces): void
  /** All that decides what it will do, as data; what is random in it as octets, numbers and keys. */
  memory(): unknown
  /** What tells states apart that otherwise differ in nothing but what was, and will be, drawn at random. */
  readonly drawn: number
}

/** `low` is below `middle` is below `high`, whoever draws them: which of two exchanges is redundant depends on it (RFC 7296 §2.8.1). */
export type Nonces = 'low' | 'middle' | 'high'

/** A packet under an SA, as it is on the wire; it stands for all that are sealed under that SA. */
export interface SealedPacket {
  readonly spi: Spi
  /** By its name: see `Subject`. */
  readonly key: string
  readonly datagram: Datagram
}

export interface Subject {
  readonly name: string
  /** Always the same one. */
  readonly make: () => Specimen
  /** What the host may be told to do in a state. */
  readonly starts: (view: HostView) => readonly Start[]
  /** Equal for equal keys. */
  readonly dangerKeyName: (key: Secret) => string
  /** A packet that policy protects. */
  readonly packet: Uint8Array
}

export interface Start {
  readonly command: Command
  readonly nonces: Nonces
}

export type Step =
  | { readonly kind: 'datagram'; readonly message: number }
  /** An ESP packet. */
  | { readonly kind: 'packet'; readonly packet: SealedPacket }
  | { readonly kind: 'timer' }
  | { readonly kind: 'start'; readonly start: Start }
