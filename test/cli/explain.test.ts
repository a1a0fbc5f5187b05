// `explain CONFIG FLOW`: which policy decides about a flow, and why.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { CommandFailure, exitCodes } from '../../src/cli/exit-codes.ts'
import { explain } from '../../src/cli/explain.ts'
import { keyInFile } from '../config/samples.ts'
import { caught } from './caught.ts'

const folder = mkdtempSync(join(tmpdir(), 'explain-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = join(folder, 'office.yaml')
writeFileSync(
  file,
  `${keyInFile}policies:
  - { name: dns, action: bypass, direction: out, remote_ts: "192.0.2.53[udp/53]" }
  - { name: no-telnet, action: discard, remote_ts: "dynamic[tcp/23]" }
  - { name: office, action: protect, local_ts: dynamic, remote_ts: 192.0.2.0/24, pfp: [remote_port] }
`,
)
const plain = join(folder, 'plain.yaml')
writeFileSync(plain, keyInFile)

const told = async (flow: string, path = file): Promise<readonly string[]> => {
  const { code, stdout } = await caught(() => explain({ file: path, flow, output: 'text' }))
  expect(code).toBe(exitCodes.done)
  return stdout.trimEnd().split('\n')
}

describe('explain', () => {
  test('tells the policy, the child and what kept earlier policies from deciding', async () => {
    expect(await told('out tcp 192.0.2.1:80 192.0.2.7:443')).toEqual([
      'out tcp 192.0.2.1:80 192.0.2.7:443',
      `  "office" (${file}:16) decides: PROTECT, it is protected by office/data (SPD-S: dynamic ↔ 192.0.2.0/24)`,
      '    transport mode with 192.0.2.2, offering aes256gcm16-esn',
      '    its SA is for this remote port alone (pfp)',
      '  passed over:',
      '    "dns" (line 14): remote is 192.0.2.53/32[udp/53], and the flow has tcp',
      '    "no-telnet" (line 15): remote is dynamic[tcp/23], and the flow has port 443',
    ])
  })

  test('says where the selectors of the child leave the flow out', async () => {
    expect(await told('out tcp 192.0.2.1:81 192.0.2.7:443')).toContain(
      '    but local_ts of the child leaves this flow out: no SA of it carries it',
    )
    expect(await told('in tcp 192.0.2.7:443 192.0.2.1:81')).toContain('  came through an SA of office/data: dropped (selector-mismatch)')
  })

  test('tells of what comes in both what came through an SA and what came in clear', async () => {
    expect((await told('in tcp 192.0.2.7:443 192.0.2.1:80')).slice(4, 7)).toEqual([
      '  came through an SA of office/data: comes in',
      "  came through an SA that protects otherwise, or is another peer's: dropped (policy-mismatch)",
      '  came in clear: dropped (came-in-clear)',
    ])
    expect((await told('in tcp 192.0.2.7:23 192.0.2.1:9')).slice(2, 4)).toEqual([
      '  came through an SA: dropped (policy-mismatch)',
      '  came in clear: dropped (policy-discard)',
    ])
  })

  test('says that nothing matches, and that a file has no list', async () => {
    expect(await told('out gre 192.0.2.1 198.51.100.1')).toContain('  no policy matches: dropped')
    expect(await told('out mh/5 2001:db8::1 2001:db8::2')).toContain('out mh/5 2001:db8::1 2001:db8::2')
    expect(await told('out tcp 192.0.2.1:80 192.0.2.7:443', plain)).toEqual([
      'out tcp 192.0.2.1:80 192.0.2.7:443',
      `  ${plain} has no policies: what the selectors of its children cover is protected, the rest is dropped`,
      '  "office/data" decides: PROTECT, it is protected by office/data (SPD-S: dynamic[tcp/80] ↔ dynamic)',
      '    transport mode with 192.0.2.2, offering aes256gcm16-esn',
    ])
  })

  test('is JSON with the members that docs/command.md has', async () => {
    const { stdout } = await caught(() => explain({ file, flow: 'in icmp/8/0 192.0.2.7 192.0.2.1', output: 'json' }))
    const rule = { name: 'office', line: 16, direction: 'both', local: 'dynamic', remote: '192.0.2.0/24', action: 'PROTECT' }
    expect(JSON.parse(stdout)).toMatchObject({
      file,
      flow: { text: 'in icmp/8/0 192.0.2.7 192.0.2.1', direction: 'in', protocol: 1, protocolName: 'icmp', sourcePort: 2048 },
      policies: 'listed',
      action: 'PROTECT',
      part: 'SPD-S',
      rule,
      protection: {
        connection: 'office',
        child: 'data',
        mode: 'transport',
        peer: '192.0.2.2',
        suites: ['aes256gcm16-esn'],
        leftOutBy: ['local_ts'],
      },
      populate: ['remote-port'],
      arrivals: [
        { came: 'through-its-sa', fate: 'selector-mismatch' },
        { came: 'through-another-sa', fate: 'policy-mismatch' },
        { came: 'in-clear', fate: 'came-in-clear' },
      ],
      passedOver: [
        { name: 'dns', failed: 'direction', because: 'direction' },
        { name: 'no-telnet', failed: 'remote', because: 'protocol' },
      ],
    })
  })

  test('points at the wrong word of a flow, and exits with 2', () => {
    expect(() => explain({ file, flow: 'out tpc 192.0.2.1 192.0.2.2', output: 'text' })).toThrow(
      expect.objectContaining({
        exitCode: exitCodes.usage,
        message: 'FLOW: "tpc" is where a protocol such as tcp, udp, icmp/8/0 or 47 is expected; did you mean "tcp"?',
      }),
    )
  })

  test('takes a flow as one word or as several', () => {
    const options = { file: 'f.yaml', flow: 'out tcp 192.0.2.1:1 192.0.2.2:2', output: 'text' }
    expect(parseCommandLine(['explain', 'f.yaml', 'out', 'tcp', '192.0.2.1:1', '192.0.2.2:2'])).toEqual({ verb: 'explain', options })
    expect(parseCommandLine(['explain', 'f.yaml', 'out tcp 192.0.2.1:1 192.0.2.2:2'])).toEqual({ verb: 'explain', options })
    expect(() => parseCommandLine(['explain', 'f.yaml'])).toThrow(CommandFailure)
  })
})
