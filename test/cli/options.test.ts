import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { keyOfFile } from '../../src/cli/options.ts'
import { connectionOf, policiesOf, responderPorts } from '../../src/cli/connection.ts'
import { parseCommandLine, type PingOptions } from '../../src/cli/command-line.ts'
import { formatProposal } from '../../src/policy/proposal-words.ts'
import { address } from '../inspect/samples.ts'

describe('the key in a file', () => {
  test.each([
    ['abc', 'abc', 'none'],
    ['abc\n', 'abc', 'stripped'],
    ['abc\r\n', 'abc', 'stripped'],
    ['abc\n\n', 'abc\n', 'stripped'],
    ['abc\r', 'abc\r', 'none'],
    ['\n', '', 'stripped'],
    ['', '', 'none'],
    ['ab\nc', 'ab\nc', 'none'],
  ])('%j is %j', (file, key, newline) => {
    expect(keyOfFile(utf8(file))).toEqual({ key: utf8(key), newline })
  })
})

function pingOptions(...words: readonly string[]): PingOptions {
  const request = parseCommandLine(['ping', '192.0.2.2', '--psk-file', 'k', ...words])
  if (request.verb !== 'ping') throw new Error(request.verb)
  return request.options
}
const self = { type: 2, value: utf8('us.example') }

describe('dummies', () => {
  test('are as many as asked for, none unasked, and then the peer is asked whether it lives', () => {
    const dummiesOf = ({ children: [child], terms }: PingOptions) => [child.dummies, terms.livenessDelay]
    expect(dummiesOf(pingOptions())).toEqual([undefined, undefined])
    expect(dummiesOf(pingOptions('--dummies', '0'))).toEqual([undefined, undefined])
    expect(dummiesOf(pingOptions('--dummies', '10/s'))).toEqual([{ interval: 100, octets: undefined }, 30_000])
  })

  test.each([
    [['10'], /--dummies 10: "10" is no rate: .* did you mean "10\/s"/],
    [['10/s', '--ah', 'sha256'], /there can be no dummies: AH has no dummy packets/],
    [['10/s', '--esp', 'aes128gcm16,null-sha256'], /there can be no dummies: null does not encrypt/],
  ] as const)('%j are refused', (words, why) => {
    expect(() => pingOptions('--dummies', ...words)).toThrow(why)
  })
})

describe('the connection that options describe', () => {
  test('starts on the IKE port and knows where to float to', () => {
    const options = pingOptions()
    const host = responderPorts(address('192.0.2.2'), options)
    expect(connectionOf(options, self, host)).toMatchObject({
      localIdentity: self,
      remoteIdentity: { kind: 'any' },
      remote: { kind: 'exactly', start: 'ike', host: { address: '192.0.2.2', ikePort: 500, natPort: 4500 } },
      encapsulation: 'force',
    })
  })
  test('starts on the NAT traversal port where there is one port for both', () => {
    const options = pingOptions('--port', '4500')
    const host = responderPorts(address('192.0.2.2'), options)
    expect(host).toEqual({ address: '192.0.2.2', ikePort: undefined, natPort: 4500 })
    expect(connectionOf(options, self, host).remote).toMatchObject({ start: 'nat-t' })
  })
  test('offers AH behind ESP, and forces nothing into UDP then', () => {
    const proposalsOf = (...words: readonly string[]) => {
      const { encapsulation, children } = connectionOf(pingOptions(...words), self, undefined)
      return [encapsulation, ...children.flatMap(({ proposals }) => proposals.map(formatProposal))]
    }
    expect(proposalsOf('--ah', 'sha256,aes128gmac-esn')).toEqual(['when-needed', 'sha256-noesn', 'aes_128_gmac-esn'])
    expect(proposalsOf('--ah', 'sha512', '--esp', 'null-sha256')).toEqual(['when-needed', 'null-sha256-noesn', 'sha512-noesn'])
    expect(proposalsOf('--esp', 'aes128gmac')).toEqual(['force', 'aes128gmac-noesn'])
  })
  test('takes the identities from the options', () => {
    const options = pingOptions('--id', 'a.example', '--peer-id', 'b.example')
    expect(connectionOf(options, self, undefined)).toMatchObject({
      localIdentity: { value: utf8('a.example') },
      remoteIdentity: { kind: 'exactly', identity: { value: utf8('b.example') } },
      remote: { kind: 'any' },
    })
  })
  test('protects every pair of its selectors, and nothing else', () => {
    const selectors = ['--ts-local', '10.1.0.0/24,10.2.0.0/24', '--ts-remote', '10.3.0.0/24']
    const policies = policiesOf(connectionOf(pingOptions(...selectors), self, undefined))
    expect(policies.map(({ local, remote, action }) => [local.addresses, remote.addresses, action.kind])).toMatchObject([
      [{ start: '10.1.0.0' }, { start: '10.3.0.0' }, 'PROTECT'],
      [{ start: '10.2.0.0' }, { start: '10.3.0.0' }, 'PROTECT'],
    ])
  })
})
