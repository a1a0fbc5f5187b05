// The text of docs/transforms.md: a table for each Transform Type.
import { algorithmStatus } from '../src/iana/algorithm-requirements.ts'
import { transformIdName, transformType } from '../src/iana/transforms.ts'
import { type AlgorithmWord, algorithmWords } from '../src/policy/algorithm-words.ts'
import { costCells, dearest, dearFrom, type Measure, type Measured } from './transforms-costs.ts'
import { type Lengths, lengthsOf } from './transforms-lengths.ts'

export interface PageTable {
  readonly title: string
  readonly text: string
  readonly lengths: readonly (keyof Lengths['cells'])[]
  readonly measures: readonly Measure[]
  /** What the times are of, in this order. */
  readonly times: string
  readonly rows: readonly PageRow[]
}
export interface PageRow extends AlgorithmWord {
  readonly of: Lengths
}

const all: readonly PageRow[] = algorithmWords.flatMap((each) => {
  const of = lengthsOf(each.choice)
  return of === undefined ? [] : [{ ...each, of }]
})
const ofType = (type: number): readonly PageRow[] => all.filter(({ choice }) => choice.type === type)
const isKem = ({ of }: PageRow): boolean => of.uses.length === 0

export const pageTables: readonly PageTable[] = [
  {
    title: 'Encryption (Transform Type 1)',
    text: 'Ciphers without ICV need an integrity algorithm beside them. The salt is the end of the keying material. A key length is part of the word; ChaCha20-Poly1305, Triple DES and NULL have one only, and no Key Length attribute.',
    lengths: ['key', 'salt', 'IV', 'nonce', 'ICV', 'block'],
    measures: [
      ['seal', 1400],
      ['open', 1400],
    ],
    times: 'seal / open, 1,400 octets',
    rows: ofType(transformType.ENCR),
  },
  {
    title: 'Pseudorandom function (Transform Type 2)',
    text: 'Key: the preferred length; keys of other lengths are taken. Nonce: how much of each nonce makes the key of SKEYSEED (RFC 7296 §2.14).',
    lengths: ['key', 'output', 'nonce'],
    measures: [
      ['mac', 64],
      ['mac', 1400],
    ],
    times: '64 / 1,400 octets',
    rows: ofType(transformType.PRF),
  },
  {
    title: 'Integrity (Transform Type 3)',
    text: 'AES-GMAC is for AH alone (RFC 4543 §5.3). In an AH proposal its word can also be `aes128gmac`, which for ESP names the cipher that does not encrypt.',
    lengths: ['key', 'salt', 'IV', 'nonce', 'ICV'],
    measures: [
      ['mac', 64],
      ['mac', 1400],
    ],
    times: '64 / 1,400 octets',
    rows: ofType(transformType.INTEG),
  },
  {
    title: 'Key exchange (Transform Type 4)',
    text: 'Initiator, responder: the data of their KE payloads. The first time with a curve costs the portable provider half a second more, for its tables.',
    lengths: ['initiator', 'responder'],
    measures: [
      ['generate', 0],
      ['agree', 0],
    ],
    times: 'generate / agree',
    rows: ofType(transformType.KE).filter((row) => !isKem(row)),
  },
  {
    title: 'Key encapsulation (Transform Type 4, and 6 to 12)',
    text: 'As algorithms of the library only: the exchanges of RFC 9370 that they need are not there yet, and a proposal that names one is refused.',
    lengths: ['initiator', 'responder'],
    measures: [
      ['generate', 0],
      ['encapsulate', 0],
      ['decapsulate', 0],
    ],
    times: 'generate / encapsulate / decapsulate',
    rows: ofType(transformType.KE).filter(isKem),
  },
]

export function transformsPage(measured: Measured): string {
  const dear = pageTables.flatMap(({ rows, measures }) =>
    rows.filter(({ words: [word] }) => (dearest(measured, word, measures) ?? 0) > dearFrom).map(({ words: [word] }) => `\`${word}\``),
  )
  return `# Transforms

All that can be named in a proposal, written by \`npm run transforms\` from \`src/crypto/catalogue.ts\`. Lengths are in octets. "For" is where a
transform is legal, "status" what RFC 8247 requires of it for IKE and RFC 8221 for ESP and AH: what is MUST or SHOULD there is a default, all else is off unless named. AH itself is not there yet.

Times are microseconds of CPU time for one operation in the fastest quarter of the bursts, keys being ready where the provider keeps them. They are not
measured again with each change (\`npm run transforms -- --measure\`), and say what order of magnitude to expect. "Portable" is what the provider \`portable\` takes, and how many times as much that is for the operation that compares
worst. ${dear.length === 0 ? '' : `More than ${dearFrom} times as much as \`node\`: ${dear.join(', ')}. `}Measured on: ${measured.machine}.
${pageTables.map((each) => tableText(each, measured)).join('')}`
}

function tableText({ title, text, lengths, measures, times, rows }: PageTable, measured: Measured): string {
  const heads = ['number', 'name', 'word', ...lengths, 'for', 'providers', 'status']
  const costs = [`\`node\`, µs: ${times}`, '`portable`, µs', 'beside `node`']
  const lines = rows.map((row) => [...fixedCells(row, lengths), ...costCells(measured, row.words[0], measures)])
  return `\n## ${title}\n${text}\n\n${[[...heads, ...costs], [...heads, ...costs].map(() => '---'), ...lines].map(line).join('\n')}\n`
}

/** All cells but the times. */
export function fixedCells({ words, choice, of }: PageRow, lengths: PageTable['lengths']): readonly string[] {
  const status = of.uses.map((use) => `${use} ${algorithmStatus(use, choice).level}`).join(', ')
  const uses = of.uses.length === 0 ? 'nothing yet' : of.uses.join(', ')
  const name = transformIdName(choice.type, choice.id)
  return [String(choice.id), name, `\`${words[0]}\``, ...lengths.map((head) => of.cells[head] ?? '–'), uses, of.providers, status]
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
