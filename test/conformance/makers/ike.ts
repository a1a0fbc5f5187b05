// Writes `vectors/ike/`: `npx tsx test/conformance/makers/ike.ts`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { published } from './ike/draft.ts'
import { drafts } from './ike/drafts.ts'

const vectors = new URL('../../../vectors/', import.meta.url)
mkdirSync(new URL('ike/', vectors), { recursive: true })
for (const draft of drafts()) writeFileSync(new URL(draft.name, vectors), `${JSON.stringify(published(draft), null, 2)}\n`)
