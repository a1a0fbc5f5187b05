// `npm run schemas`: writes the JSON Schema of every kind of vector into `vectors/schema/`, those of connection files and of scenarios into `docs/`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connectionSchema } from '../src/config/shape.ts'
import { kinds } from '../src/conformance/kinds/table.ts'
import { jsonSchema } from '../src/conformance/schema.ts'
import { scenarioSchema } from '../src/lab/scenario-files/shape.ts'

const folder = new URL('../vectors/schema/', import.meta.url)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const kind of kinds) writeFileSync(new URL(`${kind.name}.schema.json`, folder), `${JSON.stringify(jsonSchema(kind), null, 2)}\n`)
writeFileSync(new URL('../docs/connection.schema.json', import.meta.url), `${JSON.stringify(connectionSchema(), null, 2)}\n`)
writeFileSync(new URL('../docs/scenario.schema.json', import.meta.url), `${JSON.stringify(scenarioSchema(), null, 2)}\n`)
