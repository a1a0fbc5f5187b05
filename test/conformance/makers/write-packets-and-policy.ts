// `npx tsx test/conformance/makers/write-packets-and-policy.ts` makes the vectors of the packet path and of policy anew. Deterministic:
// `../made.test.ts` compares.
import { writeFileSync } from 'node:fs'
import { fileOf } from './files.ts'
import { packetAndPolicyFiles } from './packets-and-policy.ts'

for (const file of packetAndPolicyFiles())
  writeFileSync(new URL(`../../../vectors/${file.name}`, import.meta.url), `${JSON.stringify(fileOf(file), null, 2)}\n`)
