// Two processes of ours: the built JavaScript, as users run it, with the driver for Node and its sockets.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transformSync } from 'esbuild'
import type { Lab, Namespace } from '../../test/interop/harness/lab.ts'
import { cabled, type Contender } from './contender.ts'
import type { Answer, EndOptions, Request } from './our-end.ts'
import { initiator, responder, sharedKey, type Subject, suite } from './suite.ts'

/** `build` is a folder that `npm run build` wrote; `profiles`, where V8's profiles of the two go, makes them end early. */
export async function startOurs(lab: Lab, name: string, subject: Subject, build: string, profiles: string | undefined): Promise<Contender> {
  const [left, right] = await cabled(lab, name)
  // Its types are taken off, and nothing else is done to it.
  const program = join(lab.folder, `${name}.mjs`)
  const source = readFileSync(new URL('our-end.ts', import.meta.url), 'utf8')
  writeFileSync(program, transformSync(source, { loader: 'ts', format: 'esm', target: 'node20' }).code)
  const common = { entries: pathToFileURL(join(build, 'entries/')).href, ...suite, sharedKey, subject }
  const end = async (namespace: Namespace, options: EndOptions): Promise<ChildProcess> =>
    await startEnd(namespace, program, profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}/${options.role}`], options)
  const peer = await end(right, { ...common, role: 'responder', own: responder, other: initiator })
  const ours = await end(left, { ...common, role: 'initiator', own: initiator, other: responder })
  let negotiated = 0
  return {
    name,
    pids: [pidOf(ours), pidOf(peer)],
    async negotiate(count) {
      negotiated += count
      for (const answer of [await asked(ours, { ask: 'negotiate', count }), await asked(peer, { ask: 'count' })]) {
        if (answer.failure !== undefined) throw new Error(`${name}: ${answer.failure}`)
        if (answer.established !== negotiated || answer.deleted !== negotiated)
          throw new Error(`${name}: of ${negotiated} negotiations an end saw ${answer.established} and ${answer.deleted} Deletes`)
      }
    },
    async stop() {
      await Promise.all([ours, peer].map(ended))
    },
  }
}

async function startEnd(namespace: Namespace, program: string, flags: readonly string[], options: EndOptions): Promise<ChildProcess> {
  const command = namespace.command(process.execPath, ...flags, program, JSON.stringify(options))
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  if ((await said(child)) !== 'listening') throw new Error(`our ${options.role} does not start`)
  return child
}

async function asked(child: ChildProcess, request: Request): Promise<Answer> {
  const answer = said(child)
  child.send(request)
  /* oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ends of the channel are ours */
  return (await answer) as Answer
}

/** The next message of a process; fails when it ends. */
async function said(child: ChildProcess): Promise<unknown> {
  return await new Promise<unknown>((resolve, reject) => {
    const onExit = (): void => reject(new Error('a process of ours has ended'))
    child.once('exit', onExit)
    child.once('message', (message: unknown) => {
      child.off('exit', onExit)
      resolve(message)
    })
  })
}

/** Ends a process as it ends by itself, so that it writes its profile. */
async function ended(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.disconnect()
  })
}

/** All that starts it (setpriv, ip) makes way for it in the same process. */
function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('it did not start')
  return pid
}
