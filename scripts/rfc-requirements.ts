// The requirements of an RFC as docs/rfc/*.json states them: one for each sentence with a key word of RFC 2119, in our words.
import { readFileSync } from 'node:fs'

export interface Requirements {
  /** `RFC 7296` */
  readonly document: string
  /** What part of it: `§1 to §3`, `the whole text`. */
  readonly scope: string
  /** Those that have key words, in their order. */
  readonly sections: readonly Section[]
}

export interface Section {
  readonly section: string
  readonly title: string
  readonly requirements: readonly Requirement[]
}

/** What is known of a requirement is one of four: claimed, said elsewhere, not done yet, not for us. */
export type Requirement = Claimed | SaidElsewhere | NotYet | NotOurs

interface Stated {
  /** The section, and which of its key words is the first of this requirement: `2.1-3`. */
  readonly id: string
  /** The key words of the text that it covers, in their order; all of a section together are all of its key words. */
  readonly words: readonly string[]
  /** In our words, a dozen at most. */
  readonly says: string
  readonly note?: string
}

/** Code that obeys it; `tests` is empty where none is known. */
export interface Claimed extends Stated {
  readonly code: readonly CodeClaim[]
  readonly tests: readonly TestClaim[]
}
export interface SaidElsewhere extends Stated {
  /** The requirement that says the same. */
  readonly sameAs: string
}
export interface NotYet extends Stated {
  /** The feature that is missing. */
  readonly notYet: string
}
export interface NotOurs extends Stated {
  /** Why it asks nothing of us. */
  readonly notOurs: string
}

export interface CodeClaim {
  readonly file: string
  /** A citation in that file: `RFC 7296 §2.1`. */
  readonly cites: string
}

/** A test file and a part of one of its titles; or a file of vectors and the id of a case. */
export interface TestClaim {
  readonly file: string
  readonly title: string
}

/** The RFCs that are gone through so. */
export const coveredRfcs: readonly number[] = [3948, 4106, 4301, 4302, 4303, 4543, 4868, 6040, 7296, 7383]

export function requirementsOf(rfc: number): Requirements {
  return JSON.parse(readFileSync(new URL(`../docs/rfc/${rfc}.json`, import.meta.url), 'utf8'))
}

export const allRequirements = ({ sections }: Requirements): readonly Requirement[] => sections.flatMap(({ requirements }) => requirements)
