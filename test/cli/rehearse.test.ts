// `ikebana rehearse`: what it says, and how it exits. That it says the truth: pairs.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { rehearse } from '../../src/cli/rehearse.ts'
import { type Caught, caught } from './caught.ts'

const folder = mkdtempSync(join(tmpdir(), 'rehearse-'))
afterAll(() => rmSync(folder, { recursive: true }))
const key = 'not a secret, only a rehearsal'
const keyFile = join(folder, 'key')
writeFileSync(keyFile, key, { mode: 0o600 })

interface Words {
  readonly id?: string
  readonly addresses?: string
  readonly more?: string
  readonly child?: string
}
function written(name: string, peer: string, { id = `${name}.example`, addresses = '', more = '', child = '' }: Words = {}): string {
  const path = join(folder, `${name}-${peer}.yaml`)
  const connection = `    local: { auth: psk, id: ${id} }\n    remote: { auth: psk, id: ${peer}.example }\n${more}    children: { data: { ${child} } }\n`
  writeFileSync(path, `connections:\n  ${peer}:\n${addresses}${connection}secrets: { key: { file: ${keyFile} } }\n`)
  return path
}
const run = (
  a: string,
  b: string,
  output: 'text' | 'json' = 'text',
  names: readonly [string | undefined, string | undefined] = [undefined, undefined],
): Promise<Caught> => caught(() => rehearse({ files: [a, b], names, output }))

const towards = (address: string): string => `    remote_addrs: "${address}"\n`

test('says on what two files agree, what becomes of it, and what to be careful of', async () => {
  const a = written('alice', 'bob', {
    addresses: towards('192.0.2.2'),
    child: 'mode: tunnel, local_ts: 10.1.0.0/16, remote_ts: 10.2.0.0/16',
  })
  const tunnel = 'mode: tunnel, local_ts: 10.2.0.0/16, remote_ts: 10.1.0.0/16, rekey_time: 30m, esp_proposals: aes256gcm16-esn'
  const b = written('bob', 'alice', { more: '    dpd_delay: 30s\n    reauth_time: 8h\n', child: tunnel })
  const { code, stdout } = await run(a, b)
  expect(stdout.split('\n')).toEqual([
    `A is ${a}, bob: alice.example at 192.0.2.1`,
    `B is ${b}, alice: bob.example at 192.0.2.2`,
    '',
    'A starts data: established',
    '  IKE SA    AES_GCM_16_256 / PRF_HMAC_SHA2_512 / ECP_256',
    '            alice.example with bob.example',
    '  Child SA  ESP AES_GCM_16_256, ESN, tunnel mode in UDP',
    '            10.1.0.0/16 ↔ 10.2.0.0/16',
    '  MTU       packets of 1438 octets fit into those of 1500',
    '  rekey of the Child SA by A, after 54m to 1h: done, without a key exchange of its own',
    '  rekey of the Child SA by B, after 27m to 30m: done, without a key exchange of its own',
    '  rekey of the IKE SA by A, after 3h36m to 4h: done',
    '  reauthentication as B wants it, after 6h24m to 7h12m: done',
    '',
    'Child SA data: A rekeys after 54m to 1h, ends after 1h6m; B rekeys after 27m to 30m, ends after 33m: B is first',
    'IKE SA: A rekeys after 3h36m to 4h, ends after 4h24m; B never rekeys, ends after 8h48m: A is first',
    '',
    'careful: A never asks whether the other side lives (dpd_delay: 0): that it is gone is noticed when something is rekeyed',
    '',
    'the two agree',
    '',
  ])
  expect(code).toBe(0)
})

test('says where two files part, as each side sees it', async () => {
  const a = written('alice', 'bob', { addresses: towards('192.0.2.2') })
  const b = written('bob', 'alice', { id: 'robert.example', addresses: towards('192.0.2.1') })
  const { code, stdout } = await run(a, b)
  expect(stdout).toContain("A says: the peer's identity robert.example is not the expected bob.example\n      got robert.example\n")
  expect(stdout).toContain('B says: the peer alice.example did not accept our authentication')
  expect(stdout).toMatch(/the two do not agree\n$/)
  expect(code).toBe(1)
})

test('rehearses AH, which neither goes in UDP nor encrypts: with the raw path that both need in life', async () => {
  const a = written('alice', 'bob', {
    addresses: towards('192.0.2.2'),
    child: 'ah_proposals: "sha512, sha256-esn", esp_proposals: aes256gcm16',
  })
  const b = written('bob', 'alice', { child: 'ah_proposals: sha256-esn' })
  const { code, stdout } = await run(a, b)
  expect(stdout.split('\n').slice(3, 11)).toEqual([
    'A starts data: established',
    '  IKE SA    AES_GCM_16_256 / PRF_HMAC_SHA2_512 / ECP_256',
    '            alice.example with bob.example',
    '  Child SA  AH HMAC_SHA2_256_128, ESN, transport mode',
    '            authenticated only, not encrypted',
    '            192.0.2.1/32 ↔ 192.0.2.2/32',
    // 12 octets of header and 16 of ICV.
    '  MTU       packets of 1472 octets fit into those of 1500',
    '  rekey of the Child SA by A, after 54m to 1h: done, without a key exchange of its own',
  ])
  expect(stdout).toContain('careful: the Child SA data is AH that does not go in UDP: each side needs a raw path (Linux, root)\n')
  expect(code).toBe(0)
  const { stdout: json } = await run(a, b, 'json')
  expect(JSON.parse(json)).toMatchObject({
    starts: [{ childSa: { suite: { protocol: 'AH', encryption: null, integrity: 'HMAC_SHA2_256_128', esn: true, encrypted: false } } }],
    cautions: expect.arrayContaining([{ kind: 'not-in-udp', sa: 'child-sa', child: 'data', protocol: 'AH', sides: [] }]),
  })
})

test('--json is one object', async () => {
  const a = written('alice', 'bob', { addresses: towards('2001:db8::2') })
  const b = written('bob', 'alice', { child: 'rekey_time: 0, life_time: 30m', addresses: towards('gw.example') })
  const { code, stdout } = await run(a, b, 'json')
  expect(JSON.parse(stdout)).toMatchObject({
    agree: true,
    a: { file: a, connection: 'bob', address: '2001:db8::1', identity: { text: 'alice.example' }, starts: true },
    b: { file: b, connection: 'alice', address: '2001:db8::2', starts: true },
    starts: [
      {
        by: 'a',
        child: 'data',
        established: true,
        linkMtu: 1500,
        mtu: 1458,
        retries: 0,
        failures: null,
        ikeSa: { suite: { keyExchange: 'ECP_256' } },
        childSa: { mode: 'transport' },
        renewals: [
          {
            of: 'child-sa',
            by: 'a',
            due: { kind: 'time', earliestMs: 3_240_000, latestMs: 3_600_000 },
            result: 'renewed',
            keyExchange: 'none',
          },
          { of: 'child-sa', by: 'b', due: { kind: 'never' }, result: 'never' },
          { of: 'ike-sa', by: 'a', result: 'renewed' },
          { of: 'ike-sa', by: 'b', result: 'renewed' },
          { of: 'reauthentication', by: 'a', result: 'never' },
          { of: 'reauthentication', by: 'b', result: 'never' },
        ],
      },
      { by: 'b', established: true, renewals: [] },
    ],
    childSas: [{ child: 'data', endMs: { a: 3_960_000, b: 1_800_000 }, first: 'a' }],
    ikeSa: { first: 'either' },
    cautions: [
      { kind: 'ends-before-rekey', sa: 'child-sa', child: 'data', sides: ['b'], endMs: 1_800_000 },
      { kind: 'dead-peer-unnoticed', sides: ['a', 'b'] },
    ],
    remarks: [
      'B reaches the other side by name: gw.example was not looked up, and taken to be 2001:db8::1',
      'the Child SA data is ended by B after 30m, before anyone gives it new keys for its age',
      expect.stringContaining('neither side asks'),
    ],
  })
  expect(stdout.trim().split('\n')).toHaveLength(1)
  expect(stdout).not.toContain(key)
  expect(code).toBe(0)
})

test('needs two files that are right, with a connection of that name', async () => {
  const a = written('alice', 'bob')
  expect((await run(a, join(folder, 'none.yaml'))).code).toBe(3)
  const { code, stderr } = await run(a, a, 'text', [undefined, 'bobby'])
  expect({ code, stderr }).toEqual({ code: 3, stderr: `${a}: there is no connection bobby; did you mean bob?` })
})

test('two IP versions never meet', async () => {
  const a = written('alice', 'bob', { addresses: '    local_addrs: 192.0.2.1\n' })
  const b = written('bob', 'alice', { addresses: '    local_addrs: "2001:db8::1"\n' })
  expect(await run(a, b)).toMatchObject({ code: 1, stderr: '2001:db8::1 cannot be reached from 192.0.2.1: one is IPv4, the other IPv6' })
})
