// Writes docs/public-surface.txt: every name that can be imported from the package, with its shape, on one line each.
// Run it (`npm run surface`) after a change of the surface that is meant; the diff is what a reviewer looks at.
import { writeFileSync } from 'node:fs'
import { surfaceText } from '../test/surface/surface.ts'

writeFileSync(new URL('../docs/public-surface.txt', import.meta.url), surfaceText())
