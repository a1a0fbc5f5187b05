// `ikebana check`: its text and its JSON, whole.
import { expect, test } from 'vitest'
import { checkJson, checkLines } from '../../src/cli/check.ts'
import type { WrittenProposal } from '../../src/cli/check-options.ts'
import { lintProposal } from '../../src/policy/lint-proposal.ts'

const checked = (use: WrittenProposal['use'], option: WrittenProposal['option'], text: string) => ({
  use,
  option,
  text,
  report: lintProposal(text, use),
})

test('the caret stands under the word, the clause and what to write behind it', () => {
  expect(checkLines(checked('IKE', '--proposal', 'aes128-sha1-x25519'))).toEqual([
    'IKE:',
    '  aes128-sha1-x25519',
    '         ^^^^',
    '  weak: "sha1" (AUTH_HMAC_SHA1_96) is MUST-, on its way out (RFC 8247 §2.3); write sha256',
    '  aes128-sha1-x25519',
    '              ^^^^^^',
    '  unusual: "x25519" (Curve25519) is not rated, and so no more than MAY (RFC 8247 §1.3)',
    '  suggestion: --proposal aes128-sha256-x25519',
  ])
})

test('what is missing is pointed at behind the end', () => {
  expect(checkLines(checked('IKE', '--proposal', 'aes128gcm16-prfsha256'))).toEqual([
    'IKE:',
    '  aes128gcm16-prfsha256',
    '                       ^',
    '  refused: a proposal for IKE needs a key exchange (RFC 7296 §3.3.3); add ecp256',
    '  suggestion: --proposal aes128gcm16-prfsha256-ecp256',
  ])
})

test('what is good says so, and what is worth knowing does not stand in the way', () => {
  expect(checkLines(checked('ESP', '--esp', 'aes256gcm16-esn'))).toEqual(['ESP: good', '  aes256gcm16-esn'])
  expect(checkLines(checked('AH', '--ah', 'aesxcbc'))[0]).toBe('AH: can be used')
})

test('of several lines only the one in question is shown, and nothing steers the terminal', () => {
  expect(checkLines(checked('ESP', '--esp', 'aes128gcm16,\n\u{1b}[31m-md5'))).toEqual([
    'ESP:',
    '  \\x1b[31m-md5',
    '  ^^^^^^^^',
    '  refused: "\\x1b[31m" is no algorithm',
    '  \\x1b[31m-md5',
    '           ^^^',
    '  refused: "md5" (AUTH_HMAC_MD5_96) is MUST NOT (RFC 8221 §6); write sha256',
    '  suggestion: --esp aes128gcm16,aes256-sha256',
  ])
})

test('the JSON is what docs/command.md describes', () => {
  expect(checkJson([checked('ESP', '--esp', 'aes128-md5'), checked('AH', '--ah', 'sha256')])).toEqual({
    ok: false,
    proposals: [
      {
        use: 'ESP',
        option: '--esp',
        text: 'aes128-md5',
        findings: [
          {
            severity: 'refused',
            code: 'forbidden',
            word: 'md5',
            offset: 7,
            line: 1,
            column: 8,
            message: '"md5" (AUTH_HMAC_MD5_96) is MUST NOT',
            rfc: 'RFC 8221 §6',
            instead: 'sha256',
          },
        ],
        suggestion: 'aes128-sha256',
      },
      { use: 'AH', option: '--ah', text: 'sha256', findings: [], suggestion: null },
    ],
  })
})
