// What is wrong with the words of a connection file, and with their values: one walk over its tree.
import { error, type Finding, type Span } from '../documents/diagnostic.ts'
import type { Placed, PlacedEntry, PlacedMap, PlacedWord } from '../documents/document.ts'
import { spanWithin, unknownThere, unknownWord } from '../documents/misfits.ts'
import { namePattern } from '../documents/shape.ts'
import { type ValueFault, valueFaults } from './values.ts'
import type { Visibility } from '../documents/visibility.ts'
import { homeOf, inside, isOfNames, itemsOf, type Place, whyUnsupported, wordsOf } from './vocabulary.ts'

/** Unknown words, names, values; what is missing or of another kind is for `misfits.ts`. */
export function survey(root: Placed, see: Visibility): readonly Finding[] {
  return surveyPlace(root, 'file', '', see)
}

/** `path`: `connections.office.local`. */
function surveyPlace(placed: Placed, place: Place, path: string, see: Visibility): readonly Finding[] {
  const items = itemsOf(place)
  if (placed.kind === 'list' && items !== undefined) return placed.items.flatMap((item) => surveyPlace(item, items, path, see))
  if (placed.kind !== 'map') return []
  return [...counted(placed, place), ...placed.entries.flatMap((entry) => surveyEntry(entry, place, path, see))]
}

function surveyEntry({ key, value }: PlacedEntry, place: Place, path: string, see: Visibility): readonly Finding[] {
  const next = inside(place, key.text)
  if (next === undefined) return [unknown(key, place, path, see)]
  const wrongName = isOfNames(place) && !namePattern.test(key.text) ? [nameless(key, see)] : []
  if (next !== 'value') return [...wrongName, ...surveyPlace(value, next, pathTo(path, key, see), see)]
  return surveyValue(value, place, key.text, see)
}

function surveyValue(value: Placed, place: Place, word: string, see: Visibility): readonly Finding[] {
  if (value.kind === 'map') return []
  if (value.kind === 'list') return value.items.flatMap((item) => surveyValue(item, place, word, see))
  if (value.text === '') return []
  const inline: readonly Finding[] =
    place === 'secret' && word === 'secret'
      ? [
          {
            severity: 'warning',
            code: 'secret',
            span: value.span,
            message: 'a key in this file: better in one of its own (file:)',
            nearest: 'file',
          },
        ]
      : []
  return [...inline, ...valueFaults(place, word, value.text).map((fault) => placeFault(fault, value, word, see))]
}

function placeFault(
  { severity, code, offset, length, message, nearest }: ValueFault,
  value: PlacedWord,
  word: string,
  see: Visibility,
): Finding {
  const span = spanWithin(value, offset, length)
  // Where the word may be a secret, so may be all that is said of it.
  const hidden = `this is no valid value of ${word}; it is not shown, since it is near a secret`
  return see.isShown(value.span)
    ? { severity, code, span, message, nearest }
    : { severity, code, span: value.span, message: hidden, nearest: undefined }
}

function unknown(key: PlacedWord, place: Place, path: string, see: Visibility): Finding {
  const quoted = see.quoted(key.span)
  const why = whyUnsupported(key.text)
  if (quoted !== undefined && why !== undefined) return error('not-supported', key.span, `${quoted} is not supported yet: ${why}`)
  if (key.text === '<<')
    return error('unknown-word', key.span, 'merge keys are no part of YAML 1.2: write an alias in the place of a whole map')
  const home = wordsOf(place).includes(key.text) ? undefined : homeOf(key.text)
  if (quoted !== undefined && home !== undefined)
    return error('unknown-word', key.span, `${unknownThere(key, path, see)}; it belongs in ${home}`)
  return unknownWord(key, path, wordsOf(place), see)
}

function nameless(key: PlacedWord, see: Visibility): Finding {
  const quoted = see.quoted(key.span) ?? 'this'
  return error(
    'wrong-value',
    key.span,
    `${quoted} is no name: a name is 64 letters, digits, "_", "-", "." at most, a letter or a digit first`,
  )
}

/** What a shape alone does not say: that there is something, and one place where a key is from. */
function counted({ entries, span }: PlacedMap, place: Place): readonly Finding[] {
  if (place === 'connections' && entries.length === 0) return [error('missing', headOf(span), 'there is no connection here')]
  if (place === 'children' && entries.length === 0) return [error('missing', headOf(span), 'there is no child here: one is needed')]
  if (place !== 'secret') return []
  const sources = entries.filter(({ key }) => ['file', 'env', 'secret'].includes(key.text))
  const isStrange = entries.some(({ key }) => !wordsOf('secret').includes(key.text))
  if (sources.length === 0) return isStrange ? [] : [error('missing', headOf(span), 'where is the key? Write file: PATH or env: NAME')]
  const [, other] = sources
  return other === undefined ? [] : [error('wrong-value', other.key.span, 'one of file, env and secret is enough')]
}

/** Names among secrets are not told. */
function pathTo(path: string, key: PlacedWord, see: Visibility): string {
  const name = see.isShown(key.span) ? key.text : '…'
  return path === '' ? name : `${path}.${name}`
}

const headOf = ({ start }: Span): Span => ({ start, end: start + 1 })
