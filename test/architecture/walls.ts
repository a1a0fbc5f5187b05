// The walls of the house: each takes sources and says what breaks it, one line for each breach.
import { roomOf, type Source } from './sources.ts'

/** Imports point downwards only. This is the table of ARCHITECTURE.md; a test holds them together. */
export const levels: Readonly<Record<string, number>> = {
  bytes: 0,
  iana: 0,
  net: 1,
  contract: 1,
  wire: 2,
  crypto: 2,
  policy: 3,
  ipsec: 4,
  ike: 4,
  host: 5,
  inspect: 6,
  documents: 7,
  lab: 8,
  conformance: 8,
  config: 8,
  runtime: 9,
  entries: 10,
  cli: 11,
}

/** Rooms that run in any JavaScript; what they are excused from is in `needsNode`. */
export const pureRooms: readonly string[] = Object.keys(levels).filter((room) => !['runtime', 'entries', 'cli'].includes(room))

/** The provider for Node, which its own entry leads to. */
const needsNode = (path: string): boolean => path === 'src/crypto/providers/node.ts' || path.startsWith('src/crypto/providers/node/')

/** Rooms that know types of each other: the contract names addresses, addresses are branded by the contract. */
const knowEachOther: readonly string[] = ['net', 'contract']

export function importDirections(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ from, kind }) => {
      const here = roomOf(path) ?? path
      const there = roomOf(from)
      if (there === undefined || there === here) return []
      const [own, other] = [levels[here], levels[there]]
      if (own === undefined) return [`${path}: the room ${here} has no level`]
      if (other === undefined) return [`${path}: the room ${there} has no level`]
      if (here === 'cli' && there === 'entries') return [`${path} imports ${from}: entries are for users of the package`]
      if (other < own) return []
      if (kind === 'types' && knowEachOther.includes(here) && knowEachOther.includes(there)) return []
      return [`${path} (level ${own}) imports ${from} (level ${other})`]
    }),
  )
}

/** Who may import what is not ours. */
const foreign: readonly { readonly package: RegExp; readonly allowed: (path: string) => boolean }[] = [
  { package: /^node:crypto$/, allowed: needsNode },
  { package: /^node:/, allowed: (path) => ['runtime', 'cli'].includes(roomOf(path) ?? '') },
  { package: /^@noble\//, allowed: (path) => path.startsWith('src/crypto/providers/portable') },
  { package: /^zod$/, allowed: (path) => ['conformance', 'documents', 'config', 'lab'].includes(roomOf(path) ?? '') },
  { package: /^yaml$/, allowed: (path) => path === 'src/documents/document.ts' },
  { package: /^koffi$/, allowed: (path) => path === 'src/runtime/raw/libc.ts' },
  { package: /^commander$/, allowed: (path) => roomOf(path) === 'cli' },
]

export function foreignImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ from }) => !from.startsWith('src/'))
      .filter(({ from }) => !foreign.some((rule) => rule.package.test(from) && rule.allowed(path)))
      .map(({ from }) => `${path} imports ${from}`),
  )
}

const impure: Readonly<Record<string, RegExp>> = {
  Promise: /\bPromise\b/,
  async: /\basync\b/,
  await: /\bawait\b/,
  Date: /\bDate\b/,
  performance: /\bperformance\b/,
  timers: /\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/,
  'Math.random': /\bMath\s*\.\s*random\b/,
  console: /\bconsole\b/,
  process: /\bprocess\s*\./,
  Buffer: /\bBuffer\b/,
  TextEncoder: /\bText(?:En|De)coder\b/,
  globalThis: /\bglobalThis\b/,
  'Web Crypto': /(?<![.\w])crypto\s*\.|\bgetRandomValues\b/,
  fetch: /(?<![.\w])fetch\s*\(/,
}

/** Clocks, timers, promises, randomness, the console and what only Node has. */
export function impurities(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => pureRooms.includes(roomOf(path) ?? '') && !needsNode(path))
    .flatMap(({ path, code }) => namesFound(path, code, impure))
}

const banned: Readonly<Record<string, RegExp>> = {
  any: /(?::|<|\bas|=>|\btype \w+ =)\s*any\b(?!\s*[:(.])|<[^<>()]*\bany\s*[,>]/,
  'export *': /\bexport\s*\*/,
  'export default': /\bexport\s+default\b|\bas\s+default\b/,
  enum: /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/m,
  namespace: /^\s*(?:export\s+)?(?:declare\s+)?(?:namespace|module)\s+\w/m,
}

export function bannedConstructs(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, code }) => namesFound(path, code, banned))
}

const namesFound = (path: string, code: string, wanted: Readonly<Record<string, RegExp>>): readonly string[] =>
  Object.entries(wanted)
    .filter(([, pattern]) => pattern.test(code))
    .map(([name]) => `${path}: ${name}`)

/** Only `crypto/`, and files that have danger in their name or their subject, may read the octets of a Secret. */
export function revealers(sources: readonly Source[]): readonly string[] {
  const allowed = /^src\/(?:crypto|bytes|entries)\/|danger|wireshark-keys/
  return sources
    .filter(({ path, imports }) => !allowed.test(path) && imports.some(({ names }) => names.includes('dangerReveal')))
    .map(({ path }) => `${path} imports dangerReveal`)
}

/** Outside of `crypto/`, whatever a file exports that reads the octets of a Secret says so in its name. */
export function disclosures(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path, imports }) => !/^src\/(?:crypto|entries)\//.test(path) && imports.some(({ names }) => names.includes('dangerReveal')))
    .flatMap(({ path, code }) =>
      [...code.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)]
        .map(([, name = '']) => name)
        .filter((name) => !/danger/i.test(name))
        .map((name) => `${path} exports ${name}`),
    )
}

/** A variant of a union that hands out a Secret is a danger by name, save what is made to install an SA. */
export function secretEvents(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => path === 'src/contract/events.ts')
    .flatMap(({ path, text }) =>
      text
        .split(/^ {2}\| /m)
        .slice(1)
        .filter((variant) => /:\s*Secret\b/.test(variant) && !/name: 'danger-/.test(variant))
        .map((variant) => `${path}: ${variant.split('\n')[0]}`),
    )
}

/** Files that need each other at run time, as one line for each ring. Types may go round in circles. */
export function cycles(sources: readonly Source[]): readonly string[] {
  const values = new Map(
    sources.map(({ path, imports }) => [path, imports.filter(({ kind }) => kind === 'values').map(({ from }) => from)]),
  )
  const done = new Set<string>()
  const rings: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      rings.push([...trail.slice(at), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const next of values.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of values.keys()) visit(path, [])
  return rings
}

/** Words that mean something only where a change was made, put together here so that this file does not contain them. */
const local: Readonly<Record<string, RegExp>> = {
  'a path of one machine': new RegExp(`(?<![\\w.])/(?:${['wo', 'rk'].join('')}|${['ro', 'ot'].join('')}|${['ho', 'me'].join('')}/\\w+)/`),
  'a number of an issue': new RegExp(`\\b${['iss', 'ue'].join('')}s?\\s+#?\\d`, 'i'),
  'how it was written': new RegExp(`\\b(?:${['Cla', 'ude'].join('')}|${['L', 'LM'].join('')}|${['sub', 'agent'].join('')})\\b`, 'i'),
}
const neighbour = new RegExp(`\\.\\./${['sha', 'red'].join('')}`)

export function workplaceWords(texts: readonly { readonly path: string; readonly text: string }[]): readonly string[] {
  return texts.flatMap(({ path, text }) => [
    ...namesFound(path, text, local),
    ...(neighbour.test(text) && !/^(?:test|\.ci)\//.test(path) ? [`${path}: a folder beside the repository`] : []),
  ])
}
