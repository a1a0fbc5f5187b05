// Where the words of a read document are.
import type { Span } from './diagnostic.ts'
import type { Placed, PlacedEntry } from './document.ts'

/** The word at the end of a way through maps. */
export function entryAt(at: Placed | undefined, [first, ...rest]: readonly string[]): PlacedEntry | undefined {
  const found = at?.kind === 'map' ? at.entries.find(({ key }) => key.text === first) : undefined
  return found === undefined || rest.length === 0 ? found : entryAt(found.value, rest)
}

/** The value of a word of a map, else the head of the map. */
export const valueSpan = (map: Placed | undefined, word: string): Span => entryAt(map, [word])?.value.span ?? headSpan(map)

/** The word itself, else the head of the map. */
export const keySpan = (map: Placed | undefined, word: string): Span => entryAt(map, [word])?.key.span ?? headSpan(map)

function headSpan(map: Placed | undefined): Span {
  const start = map?.span.start ?? 0
  return { start, end: start + 1 }
}
