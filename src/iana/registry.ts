// What every registry file of this room is made of: a const object of numbers for use in code, and this view of it for people.

/** One assigned number. */
export interface RegistryEntry {
  readonly number: number
  /** How the code, and RFC notation where there is one, writes it: `SA`, `ENCR`, `NO_PROPOSAL_CHOSEN`. */
  readonly notation: string
  /** How the defining document calls it: `Security Association`, `2048-bit MODP Group`, `NO_PROPOSAL_CHOSEN`. */
  readonly name: string
  /** The defining document: `RFC 7296`. */
  readonly rfc: string
}

export interface Registry {
  readonly title: string
  readonly entries: readonly RegistryEntry[]
  /** The entry of a number; `undefined` when it is not assigned by any document that we know. */
  readonly entry: (number: number) => RegistryEntry | undefined
  /** Name of a number; `private use (40960)` or `unknown (40000)` when it has none. */
  readonly name: (number: number) => string
  /** As `name`, in notation. */
  readonly notation: (number: number) => string
}

export interface RegistryDescription<Notation extends string> {
  readonly title: string
  readonly numbers: Readonly<Record<Notation, number>>
  /** The document of every entry that `sources` does not list. */
  readonly source: string
  readonly sources?: Readonly<Record<string, readonly NoInfer<Notation>[]>>
  /** Where the document's name is not a word that code can use. */
  readonly names?: Readonly<Partial<Record<NoInfer<Notation>, string>>>
  /** Inclusive ranges left to private agreements. */
  readonly privateUse: readonly (readonly [from: number, to: number])[]
}

export function registry<Notation extends string>(description: RegistryDescription<Notation>): Registry {
  const entries = entriesOf(description)
  const byNumber = new Map(entries.map((entry) => [entry.number, entry]))
  const unassigned = (number: number): string =>
    description.privateUse.some(([from, to]) => from <= number && number <= to) ? `private use (${number})` : `unknown (${number})`
  return {
    title: description.title,
    entries,
    entry: (number) => byNumber.get(number),
    name: (number) => byNumber.get(number)?.name ?? unassigned(number),
    notation: (number) => byNumber.get(number)?.notation ?? unassigned(number),
  }
}

function entriesOf<Notation extends string>(description: RegistryDescription<Notation>): readonly RegistryEntry[] {
  const sources = new Map<string, string>()
  for (const [rfc, notations] of Object.entries<readonly Notation[]>(description.sources ?? {}))
    for (const notation of notations) sources.set(notation, rfc)
  const names = new Map(Object.entries<string | undefined>(description.names ?? {}))
  return Object.entries<number>(description.numbers).map(([notation, number]) => ({
    number,
    notation,
    name: names.get(notation) ?? notation,
    rfc: sources.get(notation) ?? description.source,
  }))
}
