// Writes docs/rfc/7296.md from docs/rfc/7296.json: `npm run coverage:rfc`. Claims that do not hold are told, and nothing is written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { brokenClaims } from './rfc-claims.ts'
import { rfcPage } from './rfc-page.ts'
import { requirementsOf } from './rfc-requirements.ts'

const here = (path: string): URL => new URL(`../${path}`, import.meta.url)
const requirements = requirementsOf(7296)
const broken = brokenClaims(requirements, (path) => (existsSync(here(path)) ? readFileSync(here(path), 'utf8') : undefined))
if (broken.length === 0) writeFileSync(here('docs/rfc/7296.md'), rfcPage(requirements))
else {
  console.error(broken.join('\n'))
  process.exitCode = 1
}
