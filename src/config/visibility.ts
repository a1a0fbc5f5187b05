// What of a connection file may be repeated in a message: only what is known to be no secret. Everything else is dots.
import { nearestWord } from '../policy/words.ts'
import type { Span } from '../documents/diagnostic.ts'
import type { Placed, PlacedEntry } from '../documents/document.ts'
import { type Visibility, visibilityThrough } from '../documents/visibility.ts'
import { inside, isOfNames, itemsOf, type Place, whyUnsupported, wordsOf } from './vocabulary.ts'

/** `broken`: where YAML has a fault, what follows it may be another thing than it seems; from the first mention of a secret on, all is dots. */
export function visibilityOf(text: string, root: Placed | undefined, yaml: 'whole' | 'broken'): Visibility {
  const shown = new Uint8Array(text.length)
  const shut: Span[] = []
  const scalars: Span[] = []
  if (root !== undefined) mark(root, 'file', { shown, shut, scalars })
  showStructure(text, scalars, shown)
  const secrets = behindTheWord(text)
  for (const { start, end } of [...shut, ...secrets]) shown.fill(0, start, end)
  if (yaml === 'broken') shown.fill(0, secrets[0]?.start ?? text.length)
  return visibilityThrough(text, shown)
}

interface Marks {
  readonly shown: Uint8Array
  /** What stays hidden whoever shows it: an alias may say it twice. */
  readonly shut: Span[]
  readonly scalars: Span[]
}

function mark(placed: Placed, place: Place | 'value' | undefined, marks: Marks): void {
  if (placed.kind === 'word') {
    marks.scalars.push(placed.span)
    if (place === 'value') show(marks.shown, placed.span)
    if (place === undefined) marks.shut.push(placed.span)
  } else if (placed.kind === 'list') for (const item of placed.items) mark(item, place === 'value' ? 'value' : itemsOf(place), marks)
  else for (const entry of placed.entries) markEntry(entry, place, marks)
}

function markEntry({ key, value }: PlacedEntry, place: Place | 'value' | undefined, marks: Marks): void {
  marks.scalars.push(key.span)
  if (place !== undefined && place !== 'value' && isNoSecret(key.text, place)) show(marks.shown, key.span)
  const next = place === undefined || place === 'value' ? undefined : inside(place, key.text)
  // Of secrets, not even what is harmless: the next typing error may put the key there.
  const isPrivate = place === 'secret' || (next === 'value' && place === 'secrets')
  mark(value, isPrivate ? undefined : next, marks)
}

/** Free names and unknown words are shown among connections; at the top what looks like one of ours; of secrets only their own words. */
function isNoSecret(key: string, place: Place): boolean {
  if (place === 'secrets' || place === 'secret') return wordsOf('secret').includes(key)
  if (isOfNames(place) || place !== 'file') return true
  return whyUnsupported(key) !== undefined || nearestWord(key, wordsOf('file')) !== undefined
}

const show = (shown: Uint8Array, { start, end }: Span): void => void shown.fill(1, start, end)

/** Blanks, and the marks of YAML outside of scalars and comments. */
function showStructure(text: string, scalars: readonly Span[], shown: Uint8Array): void {
  const taken = new Uint8Array(text.length)
  for (const { start, end } of scalars) taken.fill(1, start, end)
  let isComment = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\n') isComment = false
    if (character === '#' && taken[at] === 0) isComment = true
    const isBlank = character === ' ' || character === '\t' || character === '\n' || character === '\r'
    if (isBlank || (!isComment && taken[at] === 0 && '{}[],:-#'.includes(character))) shown[at] = 1
  }
}

/** Whatever the tree says: the rest of a line behind the word secret, or another for the same. */
const behindTheWord = (text: string): readonly Span[] =>
  [...text.matchAll(/(?:secrets?|password|passphrase)\b(.*)/giu)].map(({ index, 0: all, 1: rest = '' }) => ({
    start: index + all.length - rest.length,
    end: index + all.length,
  }))
