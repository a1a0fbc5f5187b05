// Writes `vectors/messages/`, and into each case who confirms it: `npx tsx test/conformance/makers/messages/write.ts`. Needs what
// `../../twins/confirm_messages.py` needs. Deterministic but for these names: `../../messages.test.ts` compares.
import { mkdirSync, writeFileSync } from 'node:fs'
import { messageConfirmations } from '../../../interop/harness/message-twin.ts'
import { published } from './draft.ts'
import { messageFiles } from './files.ts'

const vectors = new URL('../../../../vectors/', import.meta.url)
mkdirSync(new URL('messages/', vectors), { recursive: true })
for (const file of messageFiles()) {
  const write = (confirmedBy: (id: string) => readonly string[]): void =>
    writeFileSync(new URL(file.name, vectors), `${JSON.stringify(published(file, confirmedBy), null, 2)}\n`)
  write(() => ['nobody'])
  const found = new Map(messageConfirmations(file.name).map((each) => [each.id, each]))
  for (const { id, problem } of found.values()) if (problem !== '') process.stderr.write(`${id}: ${problem}\n`)
  write((id) => found.get(id)?.by ?? ['nobody'])
}
