// What the shape of a connection file finds wrong, placed in its text.
import { nearestWord } from '../policy/words.ts'
import { didYouMean, error, type Finding, type Span } from './diagnostic.ts'
import type { Placed, PlacedEntry } from './document.ts'
import { type Misfit, readShape, type FileShape } from './shape.ts'
import type { Visibility } from './visibility.ts'
import { whyUnsupportedValue } from './vocabulary.ts'

/** `file` where there are no misfits. */
export function fit(root: Placed, see: Visibility): { readonly file: FileShape | undefined; readonly findings: readonly Finding[] } {
  const { file, misfits } = readShape(plain(root))
  return { file, findings: misfits.flatMap((misfit) => describe(misfit, root, see)) }
}

/** As JSON would have it. A name that means something to JavaScript (`__proto__`) is a name as any other. */
function plain(placed: Placed): unknown {
  if (placed.kind === 'word') return placed.text
  if (placed.kind === 'list') return placed.items.map(plain)
  return Object.fromEntries(placed.entries.map(({ key, value }) => [key.text, plain(value)]))
}

function describe(misfit: Misfit, root: Placed, see: Visibility): readonly Finding[] {
  const { found, reached, path } = follow(root, misfit.path, see)
  if (found === undefined) {
    const missing = String(misfit.path.at(-1))
    const where = path === '' ? 'the file' : path
    return [error('missing', reached, `"${missing}" is missing in ${where}`, missing)]
  }
  if (found.kind === 'word' && found.text === '') {
    return [error('missing', reached, `${path} has no value: ${expectation(misfit)} is expected`)]
  }
  if (misfit.kind === 'not-one-of' && found.kind === 'word') return [notOneOf(misfit.valid, found.text, found.span, path, see)]
  if (misfit.kind === 'other-kind' && found.kind === 'list' && found.items.length === 0 && misfit.expected !== 'map') {
    return [error('missing', headOf(found), 'this list is empty: a word is expected in it')]
  }
  if (misfit.kind === 'other-kind' && misfit.expected === 'words' && found.kind === 'list') {
    const wrong = found.items.find((item) => item.kind !== 'word' || item.text === '')
    return [error('wrong-kind', headOf(wrong ?? found), 'a word is expected in this list')]
  }
  return [
    error(
      'wrong-kind',
      headOf(found),
      `${expectation(misfit)} is expected for ${path === '' ? 'the file' : path}, not ${kinds[found.kind]}`,
    ),
  ]
}

function notOneOf(valid: readonly string[], text: string, span: Span, path: string, see: Visibility): Finding {
  const quoted = see.quoted(span) ?? 'this'
  const why = whyUnsupportedValue(text)
  if (why !== undefined) return error('not-supported', span, `${quoted} is not supported yet: ${why}`)
  const nearest = nearestWord(text, valid)
  return error('wrong-value', span, `${quoted} is no value for ${path}: ${list(valid)} is expected${didYouMean(nearest)}`, nearest)
}

function expectation(misfit: Misfit): string {
  if (misfit.kind === 'not-one-of') return list(misfit.valid)
  return { map: 'a map of words', word: 'a word', words: 'a word or a list of words' }[misfit.expected]
}

const kinds = { word: 'a word', list: 'a list', map: 'a map' } as const
const list = (words: readonly string[]): string => words.join(' or ')

interface Followed {
  readonly found: Placed | undefined
  /** The last key or item on the way. */
  readonly reached: Span
  /** Without the end that is missing. */
  readonly path: string
}

function follow(root: Placed, path: readonly PropertyKey[], see: Visibility): Followed {
  let found: Placed = root
  let reached: Span = { start: root.span.start, end: root.span.start }
  let words = ''
  for (const step of path) {
    if (found.kind === 'list') {
      const item: Placed | undefined = found.items[Number(step)]
      if (item === undefined) return { found: undefined, reached, path: words }
      found = item
      reached = headOf(item)
      continue
    }
    // The last of several is what JavaScript's objects keep.
    const entry: PlacedEntry | undefined = found.kind === 'map' ? found.entries.findLast(({ key }) => key.text === String(step)) : undefined
    if (entry === undefined) return { found: undefined, reached, path: words }
    found = entry.value
    reached = entry.key.span
    const name = see.isShown(entry.key.span) ? entry.key.text : '…'
    words = words === '' ? name : `${words}.${name}`
  }
  return { found, reached, path: words }
}

/** A word whole, of the rest where it starts. */
const headOf = ({ kind, span }: Placed): Span => (kind === 'word' ? span : { start: span.start, end: span.start + 1 })
