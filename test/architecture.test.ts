// The walls of the house stand, and each is shown to fall when it is broken. ARCHITECTURE.md says what they are for.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codeOf, source, type Source, sourcesUnder, textsUnder } from './architecture/sources.ts'
import {
  bannedConstructs,
  cycles,
  disclosures,
  foreignImports,
  importDirections,
  impurities,
  levels,
  pureRooms,
  revealers,
  secretEvents,
  workplaceWords,
} from './architecture/walls.ts'

const src = sourcesUnder('src')
const all = sourcesUnder('src', 'test', 'bench', 'examples', 'scripts')

/** So that this file does not contain the word. */
const glue = (...parts: readonly string[]): string => parts.join('')

type Wall = (sources: readonly Source[]) => readonly string[]

/** The wall stands in the house, and falls for each of `breaches`: a path, and what would be written there. */
function stands(wall: Wall, sources: readonly Source[], breaches: readonly (readonly [path: string, text: string])[]): void {
  for (const [path, text] of breaches) expect(wall([source(path, text)]), `${path}: ${text}`).not.toEqual([])
  expect(wall(sources)).toEqual([])
}

describe('the rooms', () => {
  it('import downwards only', () => {
    stands(importDirections, src, [
      ['src/bytes/bytes.ts', "import type { Address } from '../net/address.ts'"],
      ['src/wire/codec.ts', "import { prfPlus } from '../crypto/key-schedule.ts'"],
      ['src/policy/spd.ts', "import type { Sad } from '../ipsec/sad.ts'"],
      ['src/ike/sa/close.ts', "import type { Sad } from '../../ipsec/sad.ts'"],
      ['src/ike/endpoint/endpoint.ts', "import { createHost } from '../../host/host.ts'"],
      ['src/net/address.ts', "import { Bug } from '../contract/faults.ts'"],
      ['src/host/host.ts', "export { startRuntime } from '../runtime/runtime.ts'"],
      ['src/cli/main.ts', "const host = await import('../entries/host.ts')"],
      ['src/attic/box.ts', "import { toHex } from '../bytes/bytes.ts'"],
    ])
  })

  it('import from elsewhere only what is theirs to use', () => {
    stands(foreignImports, src, [
      ['src/net/address.ts', "import { isIP } from 'node:net'"],
      ['src/crypto/providers/portable/macs.ts', "import { createHmac } from 'node:crypto'"],
      ['src/crypto/key-schedule.ts', "import { hmac } from '@noble/hashes/hmac.js'"],
      ['src/runtime/runtime.ts', "import { Command } from 'commander'"],
      ['src/runtime/runtime.ts', "const koffi = await import('koffi')"],
      ['src/cli/main.ts', "import leftPad from 'left-pad'"],
    ])
  })

  it('are pure where the table says so', () => {
    stands(impurities, src, [
      ['src/ike/timers.ts', 'const now = Date.now()'],
      ['src/ike/timers.ts', 'const now = performance.now()'],
      ['src/host/host.ts', 'setTimeout(tick, 10)'],
      ['src/host/host.ts', 'export async function handle() {}'],
      ['src/host/host.ts', 'const later: Promise<void> = soon()'],
      ['src/wire/codec.ts', 'const octets = Buffer.alloc(4)'],
      ['src/wire/codec.ts', 'const octets = new TextEncoder().encode(text)'],
      ['src/crypto/ecp.ts', 'const dice = Math.random()'],
      ['src/crypto/ecp.ts', 'crypto.getRandomValues(octets)'],
      ['src/inspect/ladder.ts', 'console.log(`${text}`)'],
      ['src/inspect/ladder.ts', 'const text = `${process.env.HOME}`'],
    ])
  })

  it('are those of ARCHITECTURE.md, with their levels and their purity', () => {
    const text = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8')
    const rows = [...text.matchAll(/^\| (\d+) \| `(\w+)\/`( \*)? \|/gm)]
    expect(Object.fromEntries(rows.map(([, level, room]) => [room, Number(level)]))).toEqual(levels)
    expect(rows.filter(([, , , star]) => star !== undefined).map(([, , room]) => room)).toEqual(pureRooms)
  })

  it('need each other in no circle at run time', () => {
    const ring = [source('src/net/a.ts', "import { b } from './b.ts'"), source('src/net/b.ts', "import { a } from './a.ts'")]
    expect(cycles(ring)).toEqual(['src/net/a.ts → src/net/b.ts → src/net/a.ts'])
    expect(cycles(ring.map(({ path, text }) => source(path, text.replace('import {', 'import type {'))))).toEqual([])
    expect(cycles(src)).toEqual([])
  })
})

describe('the house style', () => {
  it('has no any, no export *, no default exports, no enums, no namespaces', () => {
    stands(bannedConstructs, src, [
      ['src/net/address.ts', 'const x: any = 1'],
      ['src/net/address.ts', 'const x = y as any'],
      ['src/net/address.ts', 'const x: Array<any> = []'],
      ['src/net/address.ts', "export * from './ipv4.ts'"],
      ['src/net/address.ts', 'export default 1'],
      ['src/net/address.ts', 'export enum Version { Four }'],
      ['src/net/address.ts', 'namespace Net {}'],
    ])
    expect(bannedConstructs(all)).toEqual([])
  })
})

describe('secrets', () => {
  it('are read by crypto/ and by what is called dangerous', () => {
    stands(revealers, src, [['src/ike/sa/protect.ts', "import { dangerReveal, Secret } from '../../bytes/secret.ts'"]])
  })

  it('are disclosed by names with danger in them only', () => {
    stands(disclosures, src, [
      ['src/inspect/wireshark-keys.ts', "import { dangerReveal } from '../bytes/secret.ts'\nexport function keyRow(): string {}"],
    ])
    stands(secretEvents, src, [
      ['src/contract/events.ts', "export type Event =\n  | {\n      readonly name: 'ike-keys'\n      readonly skEi: Secret\n    }\n"],
    ])
  })
})

describe('the tree', () => {
  it('knows nothing of the place where it was written', () => {
    const folders = ['src', 'test', 'bench', 'examples', 'scripts', 'docs', 'vectors', '.ci']
    const files = ['README', 'ARCHITECTURE', 'CONTRIBUTING', 'CHANGELOG', 'SECURITY'].map((name) => `${name}.md`)
    const texts = textsUnder(
      [...folders, ...files, 'package.json', 'LICENSE'],
      ['.ts', '.md', '.json', '.txt', '.mjs', 'run', 'install-peers', 'LICENSE'],
    )
    expect(texts.map(({ path }) => path)).toContain('SECURITY.md')
    for (const breach of [`/${glue('wo', 'rk')}/notes`, `../${glue('sha', 'red')}/notes`, `${glue('iss', 'ue')} 2 asks for it`]) {
      expect(workplaceWords([{ path: 'src/net/address.ts', text: `// ${breach}` }]), breach).not.toEqual([])
    }
    expect(workplaceWords(texts)).toEqual([])
  })
})

describe('what the walls read', () => {
  it('is code without comments, strings and regular expressions', () => {
    expect(codeOf("a('any') // any\n/* any */ b(/[/'any]/) + `any ${c(`any`)} any`")).toBe(
      "a('') \n b(//) + ` c(``)`".replace('` c', '` c'),
    )
    expect(codeOf('x = a / b / c')).toBe('x = a / b / c')
  })
})
