// Writes docs/states.md from the tables of states: `npm run diagrams`, after a change of one.
import { writeFileSync } from 'node:fs'
import { stateTables } from './state-tables.ts'
import { statesPage } from './states-page.ts'

writeFileSync(new URL('../docs/states.md', import.meta.url), statesPage(stateTables))
