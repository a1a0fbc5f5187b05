// Writes docs/rfc/*.md from docs/rfc/*.json: `npm run coverage:rfc`. Claims that do not hold are told, and nothing is written of that RFC.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { brokenClaims } from './rfc-claims.ts'
import { rfcPage } from './rfc-page.ts'
import { coveredRfcs, requirementsOf } from './rfc-requirements.ts'

const here = (path: string): URL => new URL(`../${path}`, import.meta.url)
for (const rfc of coveredRfcs) {
  const requirements = requirementsOf(rfc)
  const broken = brokenClaims(requirements, (path) => (existsSync(here(path)) ? readFileSync(here(path), 'utf8') : undefined))
  if (broken.length === 0) writeFileSync(here(`docs/rfc/${rfc}.md`), rfcPage(requirements))
  else {
    console.error(broken.join('\n'))
    process.exitCode = 1
  }
}
