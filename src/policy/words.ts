// What is said of a word in a configuration that means nothing: which, where, and the nearest that means something.

export interface WordFault {
  readonly word: string
  /** Where the word starts, in UTF-16 units from the start of the text that was parsed. */
  readonly offset: number
  /** The valid word that looks most like it; `undefined` when none does. */
  readonly nearest: string | undefined
  /** One line, without the place: `unknown algorithm "aes265"; did you mean "aes256"?` */
  readonly message: string
}

/** `what` completes "… "word"": `unknown algorithm`. */
export function unknownWord(what: string, word: string, offset: number, valid: Iterable<string>): WordFault {
  const nearest = nearestWord(word, valid)
  return { word, offset, nearest, message: `${what} "${word}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`}` }
}

/** The word of `valid` that the fewest edits make of `word`, when they are fewer than half its letters. */
export function nearestWord(word: string, valid: Iterable<string>): string | undefined {
  const lower = word.slice(0, longestWord).toLowerCase()
  let nearest: string | undefined
  let fewest = Math.max(2, Math.ceil(lower.length / 2))
  for (const candidate of valid) {
    const edits = editDistance(lower, candidate.toLowerCase())
    if (edits < fewest) {
      fewest = edits
      nearest = candidate
    }
  }
  return nearest
}

const longestWord = 64

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped))
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: readonly number[], i: number): number => row[i] ?? 0
