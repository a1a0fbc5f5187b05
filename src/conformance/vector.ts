// A vector: one question with its answer. A file has questions of one kind; a suite is a folder of files.
// Everything is plain JSON: octets are lower-case hexadecimal, algorithms have the names of IANA's registries.
import type { JsonObject } from '../inspect/describe.ts'

/** Cases of one kind, as they stand in one file. */
export interface VectorFile {
  /** The folder that it lies in: `primitives`, `esp`. */
  readonly suite: string
  /** `primitives/rfc3602-aes-cbc.json` */
  readonly name: string
  readonly title: string
  readonly kind: string
  /** What each flag of the cases means. */
  readonly flags: Readonly<Record<string, string>>
  readonly cases: readonly VectorCase[]
}

export interface VectorCase {
  /** Unique among all files: `rfc3602-case-1-encrypt`. */
  readonly id: string
  /** What it is about, in one line. */
  readonly title: string | undefined
  readonly source: Source
  /** `acceptable`: an implementation may refuse it, but if it does not, its answer must be the expected one. */
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags: readonly string[]
  /** `slow`: seconds or minutes; runs on demand only. */
  readonly effort: 'quick' | 'slow'
  readonly inputs: JsonObject
  readonly expected: Expected
}

/** Where the values come from. */
export type Source =
  /** Transcribed from an RFC or a draft. */
  | { readonly printed: string; readonly section: string }
  /** Made by this project after a document, and found to be right by something else: `scapy 2.5.0`. */
  | { readonly made: string; readonly section: string; readonly confirmedBy: readonly string[] }
  /** Read from a file of others, which is not part of this project. */
  | { readonly imported: string; readonly number: number }

export type Expected =
  | {
      readonly kind: 'outputs'
      readonly outputs: JsonObject
      /** What the document prints is wrong: `outputs` are right, `printed` is what it prints. */
      readonly erratum: { readonly says: string; readonly printed: JsonObject } | undefined
    }
  | { readonly kind: 'invalid'; readonly at: Place }

/** Where a case must fail, so that a failure at one layer cannot hide behind another. */
export interface Place {
  readonly layer: Layer
  /** `SA.proposals[0].transforms[1].length`, `sealed`, `publicValue`, `sequence`. */
  readonly field: string
}

/**
 * `wire`: octets do not decode. `crypto`: a key, a nonce or a public value is refused. `integrity`: a MAC, an ICV or a signature is wrong.
 * `ipsec`: a packet is refused by its SA. `ike`: a message decodes, but is illegal here. `policy`: two configurations do not meet.
 */
export type Layer = 'wire' | 'crypto' | 'integrity' | 'ipsec' | 'ike' | 'policy'
export const layers: readonly Layer[] = ['wire', 'crypto', 'integrity', 'ipsec', 'ike', 'policy']

/** What an implementation says to the inputs of a case. */
export type Answer =
  | { readonly kind: 'outputs'; readonly outputs: JsonObject }
  /** `at` is `undefined` from an implementation that does not say where. */
  | { readonly kind: 'invalid'; readonly at: Place | undefined }
  /** It has not got what the case is about. */
  | { readonly kind: 'unimplemented'; readonly says: string }

export const outputs = (values: JsonObject): Answer => ({ kind: 'outputs', outputs: values })
export const invalid = (layer: Layer, field: string): Answer => ({ kind: 'invalid', at: { layer, field } })
export const unimplemented = (says: string): Answer => ({ kind: 'unimplemented', says })

/** The document that a case is about: `RFC 3602`. */
export function documentOf(source: Source): string {
  if ('printed' in source) return source.printed
  return 'made' in source ? source.made : source.imported
}
