// Shims that behave, and shims that do not: whatever they do, every question has a reply in time, and no process is left.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { VectorCase } from '../../src/conformance/vector.ts'
import { Shim, type ShimReply } from '../../src/runtime/shim.ts'

const folder = mkdtempSync(join(tmpdir(), 'shim-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Milliseconds: more than any answer takes on a busy machine. */
const plenty = 15_000

const vector: VectorCase = {
  id: 'x',
  title: undefined,
  source: { printed: 'RFC 1', section: '1' },
  result: 'valid',
  flags: [],
  effort: 'quick',
  inputs: { data: '00' },
  expected: { kind: 'outputs', outputs: {}, erratum: undefined },
}

/** A shim whose `case` lines are answered by `body`, a function body of JavaScript that knows `line` and `say`. */
function command(name: string, body: string, hello = `say({type:'hello',protocol:1,name:'t',version:'1',kinds:['mac']})`): string {
  const path = join(folder, `${name}.cjs`)
  writeFileSync(
    path,
    `const say = (value) => process.stdout.write((typeof value === 'string' ? value : JSON.stringify(value)) + '\\n')
require('node:readline').createInterface({ input: process.stdin }).on('line', (text) => {
  const line = JSON.parse(text)
  if (line.type === 'hello') { ${hello} } else { ${body} }
})`,
  )
  return `"${process.execPath}" "${path}"`
}

/** So many questions to a shim, and what it had to be told. */
async function asked(words: string, count: number, patience = plenty): Promise<{ replies: ShimReply[]; troubles: number }> {
  const shim = await Shim.start({ command: words, patience, mostTroubles: 2 })
  try {
    const replies: ShimReply[] = []
    for (let i = 0; i < count; i++) replies.push(await shim.ask('mac', vector))
    return { replies, troubles: shim.troubles }
  } finally {
    await shim.close()
  }
}

// Most of the time is waiting for processes: all at once.
describe.concurrent('a shim that behaves', () => {
  test('is asked line by line, and keeps what it knows', async () => {
    const { replies, troubles } = await asked(
      command('good', `say({type:'answer',number:line.number,outputs:{n:line.number,data:line.inputs.data}})`),
      3,
    )
    expect(replies.map((reply) => (reply.kind === 'answer' && reply.answer.kind === 'outputs' ? reply.answer.outputs : reply))).toEqual([
      { n: 1, data: '00' },
      { n: 2, data: '00' },
      { n: 3, data: '00' },
    ])
    expect(troubles).toBe(0)
  })

  test('may refuse, with a place or without, and say what it has not got', async () => {
    const bodies = [`invalid:true`, `invalid:{layer:'wire',field:'x'}`, `unimplemented:'no'`]
    const body = `say({type:'answer',number:line.number,...[{${bodies.join('},{')}}][line.number-1]})`
    const { replies } = await asked(command('refuse', body), 3)
    expect(replies.map((reply) => reply.kind === 'answer' && reply.answer)).toEqual([
      { kind: 'invalid', at: undefined },
      { kind: 'invalid', at: { layer: 'wire', field: 'x' } },
      { kind: 'unimplemented', says: 'no' },
    ])
  })

  test('is not asked what it has not got', async () => {
    const shim = await Shim.start({ command: command('few', `process.exit(1)`), patience: plenty })
    expect(await shim.ask('esp-packet', vector)).toMatchObject({ kind: 'answer', answer: { kind: 'unimplemented' } })
    await shim.close()
  })
})

describe.concurrent('a shim that does not', () => {
  test.each([
    ['hangs', 'hang', `void 0`, /hung: no answer within 0\.4 s/, 400],
    ['dies', 'die', `process.stderr.write('out of ink');process.exit(3)`, /ended \(exit code 3\): out of ink/, plenty],
    ['talks nonsense', 'nonsense', `say('hello?')`, /neither outputs nor invalid nor unimplemented: "hello\?"/, plenty],
    [
      'answers another question',
      'other',
      `say({type:'answer',number:line.number+7,outputs:{}})`,
      /answers question 8 when asked 1/,
      plenty,
    ],
    ['says two things at once', 'both', `say({type:'answer',number:line.number,outputs:{},invalid:true})`, /neither outputs/, plenty],
    ['never ends its line', 'flood', `process.stdout.write('x'.repeat(5e6))`, /more than 4194304 characters/, plenty],
  ])('%s: it is told, started again, and given up', async (_, name, body, says, patience) => {
    const { replies, troubles } = await asked(command(name, body), 3, patience)
    expect(replies.map(({ kind }) => kind)).toEqual(['trouble', 'trouble', 'given-up'])
    expect(replies[0]).toMatchObject({ says: expect.stringMatching(says) })
    expect(troubles).toBe(2)
  })

  test('only now and then is started again, and goes on', async () => {
    const body = `if (line.number % 2 === 0) process.exit(1); say({type:'answer',number:line.number,outputs:{}})`
    const { replies, troubles } = await asked(command('flaky', body), 5)
    expect(replies.map(({ kind }) => kind)).toEqual(['answer', 'trouble', 'answer', 'trouble', 'answer'])
    expect(troubles).toBe(2)
  })

  test.each([
    ['says no hello', command('mute', '', `say('hi')`), 'no hello of protocol 1: "hi"'],
    [
      'speaks another protocol',
      command('later', '', `say({type:'hello',protocol:2,name:'t',version:'',kinds:[]})`),
      'no hello of protocol 1',
    ],
    ['is not there', 'no-such-program-anywhere', 'it ended (exit code 127)'],
  ])('%s: it does not start', async (_, words, says) => {
    await expect(Shim.start({ command: words, patience: plenty })).rejects.toThrow(says)
  })

  test('keeps children of its own: they end with it', async ({ expect }) => {
    const body = `const child = require('node:child_process').spawn('sleep', ['60']); say({type:'answer',number:line.number,outputs:{pid:child.pid}})`
    const { replies } = await asked(command('parent', body), 1)
    const [reply] = replies
    const pid = reply?.kind === 'answer' && reply.answer.kind === 'outputs' ? Number(reply.answer.outputs['pid']) : 0
    expect(pid).toBeGreaterThan(1)
    await expect.poll(() => isRunning(pid)).toBe(false)
  })
})

/** A process that is dead and not yet waited for is not running. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync(`/proc/${pid}/stat`) || readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}
