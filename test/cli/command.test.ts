// The command as a user runs it, in processes of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { bundled } from '../programs/bundled.ts'

const root = new URL('../..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'command-'))
const program = bundled(folder, 'src/cli/main.ts')
const keyFile = join(folder, 'key')
writeFileSync(keyFile, 'not a secret, only a test\n')

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command; `says` waits for a text on stdout. */
function start(...words: readonly string[]): {
  says(text: RegExp): Promise<RegExpExecArray>
  interrupt(): void
  finished: Promise<Finished>
} {
  const child = spawn(process.execPath, [...program, ...words], { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
  running.push(child)
  let stdout = ''
  let stderr = ''
  let heard: () => void = () => {}
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString()
    heard()
  })
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    finished,
    interrupt: () => void child.kill('SIGINT'),
    says: (text) =>
      new Promise((resolve, reject) => {
        heard = () => {
          const found = text.exec(stdout)
          if (found !== null) resolve(found)
        }
        void finished.then(({ code }) => reject(new Error(`ended with ${code} before it said ${text}: ${stdout}${stderr}`)))
        heard()
      }),
  }
}

describe('demo', () => {
  test('brings two hosts up, loses no packet, and leaves a capture with its keys', async () => {
    const out = join(folder, 'demo')
    // What an earlier run left open to all is closed.
    mkdirSync(join(out, 'demo-keys'), { recursive: true })
    chmodSync(join(out, 'demo-keys'), 0o755)
    writeFileSync(join(out, 'demo-keys', 'esp_sa'), 'old\n')
    const { code, stdout, stderr } = await start('demo', '--json', '--out', out).finished
    expect({ code, stderr: stderr.replace(/^cannot bind .*\n/, '') }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const report: unknown = JSON.parse(stdout)
    expect(report).toEqual({
      established: true,
      sent: 2000,
      opened: 2000,
      lost: 0,
      dropped: {},
      suite: { ike: expect.objectContaining({ encryption: 'AES_GCM_16_256' }), esp: expect.objectContaining({ esn: false }) },
      elapsedMs: expect.any(Number),
    })
    expect(statSync(join(out, 'demo-keys')).mode & 0o777).toBe(0o700)
    for (const name of ['ikev2_decryption_table', 'esp_sa']) expect(statSync(join(out, 'demo-keys', name)).mode & 0o777).toBe(0o600)
    expect(
      readFileSync(join(out, 'demo-keys', 'esp_sa'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(2)
    expect(statSync(join(out, 'demo.pcapng')).size).toBeGreaterThan(2000 * 100)
  })
})

describe('ping and respond', () => {
  test('agree, exchange echoes, record them, and delete what they made', async () => {
    const responder = start('respond', '--psk-file', keyFile, '--local', '127.0.0.1:0:0', '--id', 'peer.example')
    const [, port, natPort] = await responder.says(/127\.0\.0\.1:(\d+), 127\.0\.0\.1:(\d+)/)
    const capture = join(folder, 'ping.pcapng')
    const keys = join(folder, 'ping-keys')
    const peer = ['127.0.0.1', '--psk-file', keyFile, '--port', `${port}`, '--nat-port', `${natPort}`]
    const recording = ['--capture', capture, '--danger-keys', keys]
    const ping = start('ping', ...peer, '--peer-id', 'peer.example', '-c', '2', '-i', '0.02', '--esp', 'aes128-sha256', ...recording)
    const pinged = await ping.finished
    expect(pinged.stderr).toContain('its final newline is not part of the key')
    expect(pinged.stderr).toContain('ESP AES_CBC_128 / HMAC_SHA2_256_128, no ESN')
    expect(pinged.stderr).toContain(`-d udp.port==${natPort},udpencap`)
    expect(pinged.stdout).toContain('64 octets from 127.0.0.1: seq=2 ttl=64 time=')
    expect(pinged.stdout).toContain('2 packets transmitted, 2 received, 0% packet loss')
    expect(pinged.code).toBe(0)
    expect(existsSync(capture)).toBe(true)
    expect(readFileSync(join(keys, 'esp_sa'), 'utf8')).toContain('"AES-CBC [RFC3602]"')

    const why = join(folder, 'why.html')
    const refused = await start('ping', ...peer, '--peer-id', 'other.example', '--json', '--why', why).finished
    expect(refused.stderr).toContain("the peer's identity peer.example is not the expected other.example")
    expect(JSON.parse(refused.stdout)).toMatchObject({ established: false, failure: { refusal: { kind: 'identity' } } })
    expect(readFileSync(why, 'utf8')).toContain('<summary>the peer&#39;s identity peer.example is not the expected other.example</summary>')
    expect(refused.code).toBe(1)

    responder.interrupt()
    const responded = await responder.finished
    expect(responded.stderr).toContain('IKE SA 1 closed: by the peer')
    expect(responded.stdout).toContain('2 packets opened, 2 sealed')
    expect(responded.code).toBe(0)
  })
})

describe('connection files', () => {
  test('are what ping and respond need; what is beside them on the command line counts more', async () => {
    const end = (who: string): string => `{ auth: psk, id: ${who}.example }`
    const file = (us: string, peer: string, secret: string): string => {
      const path = join(folder, `${us}.yaml`)
      const addresses = `local_addrs: 127.0.0.1\n    remote_addrs: 127.0.0.1\n    proposals: aes128-sha256-ecp256`
      const children = 'children: { echo: { esp_proposals: aes256gcm16-esn, mode: tunnel } }'
      const ends = `local: ${end(us)}\n    remote: ${end(peer)}`
      const text = `connections:\n  ${peer}:\n    ${addresses}\n    ${ends}\n    ${children}\nsecrets: { key: { ${secret} } }\n`
      writeFileSync(path, text, { mode: 0o600 })
      return path
    }
    chmodSync(keyFile, 0o640)
    const bobs = file('bob', 'alice', `id: alice.example, file: ${keyFile}`)
    const responder = start('respond', '--config', bobs, '--local', '127.0.0.1:0:0')
    const [, port, natPort] = await responder.says(/bob\.example listens on 127\.0\.0\.1:(\d+), 127\.0\.0\.1:(\d+)/)
    const alices = file('alice', 'bob', 'secret: "not a secret, only a test"')
    const ports = ['--port', `${port}`, '--nat-port', `${natPort}`]
    const ping = await start('ping', '--config', alices, '--conn', 'bob', ...ports, '-c', '1', '--mode', 'transport', '--json').finished
    expect(ping.stderr).toContain(`${alices}:9:27: warning: `)
    expect(ping.stderr).toContain(': warning: a key in this file: better in one of its own (file:)')
    expect(ping.stderr).not.toContain('only a test')
    // The file of the other side wants tunnel mode.
    expect(JSON.parse(ping.stdout)).toMatchObject({ established: false, failure: expect.anything() })
    expect(ping.code).toBe(1)
    const again = await start('ping', '--config', alices, ...ports, '-c', '1', '--json').finished
    expect(JSON.parse(again.stdout)).toMatchObject({
      established: true,
      received: 1,
      ikeSa: { localIdentity: { text: 'alice.example' }, remoteIdentity: { text: 'bob.example' }, suite: { encryption: 'AES_CBC_128' } },
      childSa: { mode: 'tunnel', suite: { encryption: 'AES_GCM_16_256', esn: true } },
    })
    expect(again.code).toBe(0)
    responder.interrupt()
    const { stderr, code } = await responder.finished
    expect(stderr).toContain(`${keyFile}: others on this machine can read the key: chmod 600`)
    expect(code).toBe(0)
  })
})

test('a key file that is empty is refused with one line and exit code 3', () => {
  const empty = join(folder, 'empty')
  writeFileSync(empty, '\n')
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, 'ping', '192.0.2.2', '--psk-file', empty], {
    cwd: root,
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: '', stderr: `ikebana: the pre-shared key: ${empty}: it is empty\n` })
})

test.each<[string, readonly string[], number]>([
  ['0 when all can be used', ['--proposal', 'aes256gcm16-prfsha384-ecp384', '--ah', 'sha256'], 0],
  ['3 when one is refused or weak', ['--proposal', 'aes256gcm16-prfsha256-ecp256', '--esp', 'aes128-sha1', '--json'], 3],
])('check exits with %s', (_, words, code) => {
  const { status, stderr } = spawnSync(process.execPath, [...program, 'check', ...words], { cwd: root, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: code, stderr: '' })
})
