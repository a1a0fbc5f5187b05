// Writes docs/transforms.md from the catalogue and from docs/transforms-measured.json. Run it (`npm run transforms`) after a change of the
// catalogue; `npm run transforms -- --measure` measures first, which takes about two minutes on a machine that has nothing else to do.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { patientEffort } from '../bench/measure.ts'
import { benchTransforms } from '../bench/transforms.ts'
import type { Measured } from './transforms-costs.ts'
import { transformsPage } from './transforms-page.ts'

const docs = (name: string): URL => new URL(`../docs/${name}`, import.meta.url)
const stored = docs('transforms-measured.json')

if (process.argv.includes('--measure')) writeFileSync(stored, `${JSON.stringify(measure(), null, 1)}\n`)
const measured: Measured = JSON.parse(readFileSync(stored, 'utf8'))
writeFileSync(docs('transforms.md'), transformsPage(measured))

function measure(): Measured {
  const { node, openssl } = process.versions
  const rows = benchTransforms(patientEffort, (some) =>
    console.error(some.map(({ transform, op, provider }) => `${transform} ${op} ${provider}`).join(', ')),
  )
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'}, Node ${node}, OpenSSL ${openssl}`,
    rows: rows.map((row) => ({ ...row, ns: Math.round(row.ns) })),
  }
}
