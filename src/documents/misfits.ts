// What the shape of a document finds wrong, placed in its text.
import { nearestWord, type WordFault } from '../policy/words.ts'
import { didYouMean, error, type Finding, type Span } from './diagnostic.ts'
import type { Placed, PlacedEntry, PlacedWord } from './document.ts'
import type { Misfit, ReadShape } from './shape.ts'
import type { Visibility } from './visibility.ts'

export interface Fitting<T> {
  readonly read: (value: unknown) => ReadShape<T>
  /** Of values that mean something elsewhere, and nothing here yet. */
  readonly whyUnsupported?: (value: string) => string | undefined
}

/** `value` where there are no misfits. */
export function fit<T>(
  root: Placed,
  see: Visibility,
  { read, whyUnsupported = () => undefined }: Fitting<T>,
): { readonly value: T | undefined; readonly findings: readonly Finding[] } {
  const { value, misfits } = read(plain(root))
  const meant = new Set(misfits.flatMap((misfit) => meantBy(misfit) ?? []))
  // What is missing only because it is written wrong is said once.
  const told = misfits.filter(({ path }) => !meant.has(JSON.stringify(path)) || follow(root, path, see).found !== undefined)
  return { value, findings: told.flatMap((misfit) => describe(misfit, root, see, whyUnsupported)) }
}

/** A word that means nothing where it is; `valid` are those that do. */
export function unknownWord(key: PlacedWord, path: string, valid: readonly string[], see: Visibility): Finding {
  const nearest = nearestWord(key.text, valid)
  const known = nearest === undefined ? `; known here: ${valid.join(', ')}` : didYouMean(nearest)
  return error('unknown-word', key.span, `${unknownThere(key, path, see)}${known}`, nearest)
}

/** `unknown word "proposal" in connections.office` */
export function unknownThere({ span }: PlacedWord, path: string, see: Visibility): string {
  const quoted = see.quoted(span)
  return `unknown word${quoted === undefined ? '' : ` ${quoted}`}${path === '' ? '' : ` in ${path}`}`
}

/** Where the word at fault is in the text; whole, where the text does not have it character by character. */
export function spanWithin({ span, textStart }: PlacedWord, offset: number, length: number): Span {
  return textStart === undefined ? span : { start: textStart + offset, end: textStart + offset + length }
}

/** Where the word would be that an unknown one is most like. */
function meantBy(misfit: Misfit): string | undefined {
  if (misfit.kind !== 'unknown-word') return undefined
  const nearest = nearestWord(String(misfit.path.at(-1)), misfit.valid)
  return nearest === undefined ? undefined : JSON.stringify([...misfit.path.slice(0, -1), nearest])
}

/** As JSON would have it. A name that means something to JavaScript (`__proto__`) is a name as any other. */
function plain(placed: Placed): unknown {
  if (placed.kind === 'word') return placed.text
  if (placed.kind === 'list') return placed.items.map(plain)
  return Object.fromEntries(placed.entries.map(({ key, value }) => [key.text, plain(value)]))
}

function describe(
  misfit: Misfit,
  root: Placed,
  see: Visibility,
  whyUnsupported: (value: string) => string | undefined,
): readonly Finding[] {
  const { found, key, reached, path, parent } = follow(root, misfit.path, see)
  if (misfit.kind === 'unknown-word') return key === undefined ? [] : [unknownWord(key, parent, misfit.valid, see)]
  if (found === undefined) {
    const missing = String(misfit.path.at(-1))
    const where = path === '' ? 'the file' : path
    return [error('missing', reached, `"${missing}" is missing in ${where}`, missing)]
  }
  if (found.kind === 'word' && found.text === '') {
    return [error('missing', reached, `${path} has no value: ${expectation(misfit)} is expected`)]
  }
  if (misfit.kind === 'wrong-word') return [wrongWord(misfit.fault, found, path, see)]
  if (misfit.kind === 'not-one-of' && found.kind === 'word') return [notOneOf(misfit.valid, found, path, see, whyUnsupported(found.text))]
  const wantsItems = misfit.kind === 'other-length' || (misfit.kind === 'other-kind' && misfit.expected !== 'map')
  if (wantsItems && found.kind === 'list' && found.items.length === 0) {
    return [error('missing', headOf(found), 'this list is empty: a word is expected in it')]
  }
  if (misfit.kind === 'other-kind' && misfit.expected === 'words' && found.kind === 'list') {
    const wrong = found.items.find((item) => item.kind !== 'word' || item.text === '')
    return [error('wrong-kind', headOf(wrong ?? found), 'a word is expected in this list')]
  }
  if (misfit.kind === 'other-length' && found.kind === 'list') {
    return [error('wrong-value', headOf(found), `${path} has ${found.items.length} in its list: ${misfit.expected} are expected`)]
  }
  return [
    error(
      'wrong-kind',
      headOf(found),
      `${expectation(misfit)} is expected for ${path === '' ? 'the file' : path}, not ${kinds[found.kind]}`,
    ),
  ]
}

function wrongWord({ word, offset, message, nearest }: WordFault, found: Placed, path: string, see: Visibility): Finding {
  if (found.kind !== 'word') return error('wrong-value', headOf(found), message, nearest)
  // Where the word may be a secret, so may be all that is said of it.
  if (!see.isShown(found.span)) return error('wrong-value', found.span, `this is no valid value of ${path}`)
  return error('wrong-value', spanWithin(found, offset, word.length), message, nearest)
}

function notOneOf(valid: readonly string[], { text, span }: PlacedWord, path: string, see: Visibility, why: string | undefined): Finding {
  const quoted = see.quoted(span) ?? 'this'
  if (why !== undefined) return error('not-supported', span, `${quoted} is not supported yet: ${why}`)
  const nearest = nearestWord(text, valid)
  return error('wrong-value', span, `${quoted} is no value for ${path}: ${list(valid)} is expected${didYouMean(nearest)}`, nearest)
}

function expectation(misfit: Misfit): string {
  if (misfit.kind === 'not-one-of') return list(misfit.valid)
  if (misfit.kind === 'other-length') return 'a list'
  if (misfit.kind !== 'other-kind') return 'a word'
  return { map: 'a map of words', list: 'a list', word: 'a word', words: 'a word or a list of words' }[misfit.expected]
}

const kinds = { word: 'a word', list: 'a list', map: 'a map' } as const
const list = (words: readonly string[]): string => words.join(' or ')

interface Followed {
  readonly found: Placed | undefined
  /** The last key on the way, where it leads to `found`. */
  readonly key: PlacedWord | undefined
  /** The last key or item on the way. */
  readonly reached: Span
  /** Without the end that is missing. */
  readonly path: string
  /** Without its last step. */
  readonly parent: string
}

function follow(root: Placed, path: readonly PropertyKey[], see: Visibility): Followed {
  let found: Placed = root
  let key: PlacedWord | undefined
  let reached: Span = { start: root.span.start, end: root.span.start }
  let words = ''
  let parent = ''
  for (const step of path) {
    if (found.kind === 'list') {
      const item: Placed | undefined = found.items[Number(step)]
      if (item === undefined) return { found: undefined, key: undefined, reached, path: words, parent }
      found = item
      key = undefined
      reached = headOf(item)
      parent = words
      words = `${words}[${Number(step) + 1}]`
      continue
    }
    // The last of several is what JavaScript's objects keep.
    const entry: PlacedEntry | undefined = found.kind === 'map' ? found.entries.findLast(({ key }) => key.text === String(step)) : undefined
    if (entry === undefined) return { found: undefined, key: undefined, reached, path: words, parent }
    found = entry.value
    key = entry.key
    reached = entry.key.span
    parent = words
    const name = see.isShown(entry.key.span) ? entry.key.text : '…'
    words = words === '' ? name : `${words}.${name}`
  }
  return { found, key, reached, path: words, parent }
}

/** A word whole, of the rest where it starts. */
const headOf = ({ kind, span }: Placed): Span => (kind === 'word' ? span : { start: span.start, end: span.start + 1 })
