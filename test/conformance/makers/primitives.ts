// Makes the cases of suite `primitives` that no document prints, of those that documents print: one octet changed, a number out of its range.
// `npx tsx test/conformance/makers/primitives.ts` writes the files; test/conformance/makers-primitives.test.ts says when they are out of date.
// test/conformance/twins/primitives.py comes to the same answers by other means.
import { writeFileSync } from 'node:fs'
import { aeadCases } from './primitives/aead.ts'
import { algorithmIdentifierCases } from './primitives/algorithm-identifier.ts'
import type { MadeCase } from './primitives/case.ts'
import { keyAgreementCases } from './primitives/key-agreement.ts'
import { macCases } from './primitives/mac.ts'
import { signatureCases } from './primitives/signature.ts'

export interface MadeFile {
  readonly name: string
  readonly text: string
}

export const madeFiles = (): readonly MadeFile[] => [
  file('made-mac.json', 'MACs to be verified: right, and not quite right', 'mac', macCases()),
  file('made-aead.json', 'AEADs of IKE and ESP that no RFC has vectors of, and refusals', 'aead', aeadCases()),
  file('made-key-agreement.json', 'Public values that must be refused, and some that must not', 'key-agreement', keyAgreementCases()),
  file('made-signature.json', 'Signatures that are not quite right, and ECDSA in DER', 'signature', signatureCases()),
  file('made-algorithm-identifier.json', 'Other encodings of AlgorithmIdentifiers', 'algorithm-identifier', algorithmIdentifierCases()),
]

export const madePlace = (name: string): URL => new URL(`../../../vectors/primitives/${name}`, import.meta.url)

function file(name: string, title: string, kind: string, cases: readonly MadeCase[]): MadeFile {
  const value = { $schema: `../schema/${kind}.schema.json`, title, kind, cases }
  return { name, text: `${JSON.stringify(value, null, 2)}\n` }
}

if (process.argv[1] === import.meta.filename) for (const { name, text } of madeFiles()) writeFileSync(madePlace(name), text)
