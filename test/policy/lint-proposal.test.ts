// What the linter says of proposals: of each word with its place and the clause, and what is nearest and good.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlgorithmUse } from '../../src/iana/algorithm-requirements.ts'
import { encryptionIds, integrityIds, keyExchangeIds, prfIds } from '../../src/iana/transforms.ts'
import { algorithmWords } from '../../src/policy/algorithm-words.ts'
import { lintProposal } from '../../src/policy/lint-proposal.ts'
import { defaultEspProposals, defaultIkeProposals, formatProposal, parseProposals } from '../../src/policy/proposal-words.ts'

/** Severity, code, word, column, clause; and what to write instead, after an arrow. */
type Row = readonly [use: AlgorithmUse, text: string, suggestion: string | undefined, findings: readonly string[]]

const rows: readonly Row[] = [
  // nothing to say
  ['IKE', 'aes256gcm16-prfsha512-ecp256', undefined, []],
  ['IKE', 'aes128-sha256-modp2048', undefined, []],
  ['IKE', 'AES_GCM_16_128-PRF_HMAC_SHA2_256-ECP_256', undefined, []],
  ['ESP', 'aes128gcm16-aes256gcm16-chacha20poly1305-esn-noesn', undefined, []],
  ['ESP', 'ENCR_AES_CBC/256-AUTH_HMAC_SHA2_512_256-esn', undefined, []],
  ['ESP', 'aes256-sha256-modp2048', undefined, []],
  ['AH', 'sha256-sha512-esn', undefined, []],
  // worth knowing
  ['IKE', 'aes256gcm16-prfsha256-x25519', undefined, ['unusual unusual x25519 23 RFC 8247 §1.3']],
  [
    'IKE',
    'aes256gcm16-prfsha384-ecp384',
    undefined,
    ['unusual unusual prfsha384 13 RFC 8247 §1.3', 'unusual unusual ecp384 23 RFC 8247 §1.3'],
  ],
  ['IKE', 'aes192-sha512-ecp256', undefined, ['unusual unusual aes192 1 RFC 8247 §2.1']],
  ['IKE', 'aes128ctr-sha256-ecp256', undefined, ['unusual unusual aes128ctr 1 RFC 8247 §2.5']],
  [
    'IKE',
    'aes128ccm8-prfaesxcbc-ecp256',
    undefined,
    ['unusual unusual aes128ccm8 1 RFC 8247 §2.1', 'unusual unusual prfaesxcbc 12 RFC 8247 §2.2'],
  ],
  ['ESP', 'aes256gcm8', undefined, ['unusual unusual aes256gcm8 1 RFC 9395 §1']],
  ['ESP', 'null-sha256', undefined, ['unusual unusual null 1 RFC 8221 §5']],
  ['ESP', 'aes256gmac', undefined, ['unusual unusual aes256gmac 1 RFC 8221 §6']],
  ['ESP', 'aes128gcm16iiv-esn', undefined, ['unusual unusual aes128gcm16iiv 1 RFC 9395 §1']],
  ['ESP', 'aes128-aesxcbc', undefined, ['unusual unusual aesxcbc 8 RFC 8221 §6']],
  ['AH', 'aesxcbc', undefined, ['unusual unusual aesxcbc 1 RFC 8221 §6']],
  ['ESP', 'aes128-aes-sha256', undefined, ['unusual duplicate aes 8 RFC 7296 §3.3']],
  ['IKE', 'aes128gcm16-sha256-ecp256', undefined, ['unusual integrity-beside-aead sha256 13 RFC 5282 §8 → prfsha256']],
  [
    'IKE',
    'aes128gcm16-aes128-sha256-ecp256',
    'aes128gcm16-prfsha256-ecp256,aes128-sha256-ecp256',
    ['unusual mixed-ciphers aes128 13 RFC 7296 §3.3'],
  ],
  ['ESP', 'aes128-sha256-aes128gcm16', 'aes128-sha256,aes128gcm16', ['unusual mixed-ciphers aes128gcm16 15 RFC 7296 §3.3']],
  // strongSwan: what ipsec.conf has by default, and what it had before 5.4.0
  ['IKE', 'aes128-sha256-modp3072', undefined, ['unusual unusual modp3072 15 RFC 8247 §1.3']],
  ['ESP', 'aes128-sha256', undefined, []],
  ['IKE', 'aes128-sha1-modp2048', 'aes128-sha256-modp2048', ['weak weak sha1 8 RFC 8247 §2.3 → sha256']],
  ['ESP', 'aes128-sha1', 'aes128-sha256', ['weak weak sha1 8 RFC 8221 §6 → sha256']],
  // from its manual: swanctl.conf, ipsec.conf
  ['IKE', 'aes256-sha512-modp4096', undefined, ['unusual unusual modp4096 15 RFC 8247 §1.3']],
  ['ESP', 'aes256-sha256-modp4096', undefined, ['unusual unusual modp4096 15 RFC 8247 §1.3']],
  ['AH', 'sha256-modp2048', undefined, []],
  // weak or forbidden
  [
    'IKE',
    'aes128-sha1-modp1024',
    'aes128-sha256-modp2048',
    [
      'weak weak sha1 8 RFC 8247 §2.3 → sha256',
      'weak weak modp1024 13 RFC 8247 §2.4 → modp2048',
      'refused not-implemented modp1024 13 - → modp2048',
    ],
  ],
  [
    'IKE',
    'des-md5-modp768',
    'aes128-sha256-modp2048',
    [
      'refused forbidden des 1 RFC 8247 §2.1 → aes128',
      'refused forbidden md5 5 RFC 8247 §2.3 → sha256',
      'refused forbidden modp768 9 RFC 8247 §2.4 → modp2048',
    ],
  ],
  [
    'IKE',
    'blowfish256-sha512-modp2048s256',
    'aes256-sha512-modp2048',
    [
      'weak weak blowfish256 1 RFC 9395 §7 → aes256',
      'refused not-implemented blowfish256 1 - → aes256',
      'weak weak modp2048s256 20 RFC 8247 §2.4 → modp2048',
      'refused not-implemented modp2048s256 20 - → modp2048',
    ],
  ],
  [
    'IKE',
    'cast128-sha256-modp1024s160',
    'aes128-sha256-modp2048',
    [
      'weak weak cast128 1 RFC 9395 §7 → aes128',
      'refused not-implemented cast128 1 - → aes128',
      'refused forbidden modp1024s160 16 RFC 8247 §2.4 → modp2048',
    ],
  ],
  [
    'IKE',
    'aes128-prfmd5-sha256-modp2048s224',
    'aes128-sha256-prfsha256-modp2048',
    [
      'refused forbidden prfmd5 8 RFC 8247 §2.2 → prfsha256',
      'weak weak modp2048s224 22 RFC 8247 §2.4 → modp2048',
      'refused not-implemented modp2048s224 22 - → modp2048',
    ],
  ],
  [
    'IKE',
    'aes128gcm16-prfsha1-modp1536',
    'aes128gcm16-prfsha256-modp2048',
    ['weak weak prfsha1 13 RFC 8247 §2.2 → prfsha256', 'weak weak modp1536 21 RFC 8247 §2.4 → modp2048'],
  ],
  [
    'IKE',
    'aes128gcm16-sha1-ecp256',
    'aes128gcm16-prfsha256-ecp256',
    ['unusual integrity-beside-aead sha1 13 RFC 5282 §8 → prfsha256', 'weak weak sha1 13 RFC 8247 §2.2 → prfsha256'],
  ],
  [
    'IKE',
    'ENCR_IDEA-PRF_HMAC_TIGER-AUTH_HMAC_SHA1_160-ECP_256',
    'aes128-sha256-prfsha256-ECP_256',
    [
      'weak weak ENCR_IDEA 1 RFC 9395 §7 → aes128',
      'refused not-implemented ENCR_IDEA 1 - → aes128',
      'weak weak PRF_HMAC_TIGER 11 RFC 9395 §7 → prfsha256',
      'refused not-implemented PRF_HMAC_TIGER 11 - → prfsha256',
      'weak weak AUTH_HMAC_SHA1_160 26 RFC 9395 §7 → sha256',
      'refused not-implemented AUTH_HMAC_SHA1_160 26 - → sha256',
    ],
  ],
  [
    'IKE',
    'ENCR_DES_IV64-AUTH_DES_MAC-PRF_HMAC_SHA2_256-MODP_2048',
    'aes128-sha256-PRF_HMAC_SHA2_256-MODP_2048',
    [
      'weak weak ENCR_DES_IV64 1 RFC 9395 §7 → aes128',
      'refused not-implemented ENCR_DES_IV64 1 - → aes128',
      'refused forbidden AUTH_DES_MAC 15 RFC 8247 §2.3 → sha256',
    ],
  ],
  ['ESP', 'des-md5', 'aes128-sha256', ['refused forbidden des 1 RFC 8221 §5 → aes128', 'refused forbidden md5 5 RFC 8221 §6 → sha256']],
  ['ESP', 'blowfish128-sha256', 'aes128-sha256', ['refused forbidden blowfish128 1 RFC 8221 §5 → aes128']],
  [
    'ESP',
    'ENCR_RC5-AUTH_HMAC_MD5_128',
    'aes128-sha256',
    [
      'weak weak ENCR_RC5 1 RFC 9395 §7 → aes128',
      'refused not-implemented ENCR_RC5 1 - → aes128',
      'weak weak AUTH_HMAC_MD5_128 10 RFC 9395 §7 → sha256',
      'refused not-implemented AUTH_HMAC_MD5_128 10 - → sha256',
    ],
  ],
  [
    'ESP',
    'ENCR_3IDEA-AUTH_KPDK_MD5',
    'aes128-sha256',
    ['refused forbidden ENCR_3IDEA 1 RFC 8221 §5 → aes128', 'refused forbidden AUTH_KPDK_MD5 12 RFC 8221 §6 → sha256'],
  ],
  ['ESP', 'aes256-sha256-modp1024s160', 'aes256-sha256-modp2048', ['refused forbidden modp1024s160 15 RFC 8247 §2.4 → modp2048']],
  ['AH', 'md5', 'sha256', ['refused forbidden md5 1 RFC 8221 §6 → sha256']],
  ['AH', 'sha1-esn', 'sha256-esn', ['weak weak sha1 1 RFC 8221 §6 → sha256']],
  // without authentication
  ['ESP', 'aes128', 'aes128-sha256', ['refused unauthenticated aes128 1 RFC 8221 §4 → aes128-sha256']],
  ['ESP', 'null', 'null-sha256', ['unusual unusual null 1 RFC 8221 §5', 'refused unauthenticated null 1 RFC 8221 §6 → null-sha256']],
  [
    'ESP',
    'aes128ctr-esn',
    'aes128ctr-sha256-esn',
    ['unusual unusual aes128ctr 1 RFC 8221 §8', 'refused unauthenticated aes128ctr 1 RFC 8221 §4 → aes128ctr-sha256'],
  ],
  ['IKE', 'aes256-prfsha256-ecp256', 'aes256-sha256-prfsha256-ecp256', ['refused unauthenticated aes256 1 RFC 8247 §2.1 → aes256-sha256']],
  ['AH', 'esn', 'sha256-esn', ['refused unauthenticated 4 RFC 7296 §3.3.3 → sha256']],
  ['IKE', 'aes128-none-prfsha256-ecp256', 'aes128-sha256-prfsha256-ecp256', ['refused forbidden none 8 RFC 7296 §5 → sha256']],
  // integrity beside a combined-mode cipher
  ['ESP', 'aes128gcm16-sha256', 'aes128gcm16', ['refused integrity-beside-aead sha256 13 RFC 5282 §8']],
  ['IKE', 'aes128gcm16-sha256-prfsha256-ecp256', 'aes128gcm16-prfsha256-ecp256', ['refused integrity-beside-aead sha256 13 RFC 5282 §8']],
  ['ESP', 'chacha20poly1305-auth_none', 'chacha20poly1305', ['refused integrity-beside-aead auth_none 18 RFC 7296 §3.3']],
  // not for this
  ['IKE', 'null-sha256-modp2048', 'aes128-sha256-modp2048', ['refused misplaced null 1 RFC 7296 §5 → aes128']],
  ['IKE', 'aes128gmac-prfsha256-ecp256', 'aes128gcm16-prfsha256-ecp256', ['refused misplaced aes128gmac 1 RFC 4543 §5.1 → aes128gcm16']],
  [
    'IKE',
    'aes256gcm16iiv-prfsha256-ecp256',
    'aes256gcm16-prfsha256-ecp256',
    ['refused misplaced aes256gcm16iiv 1 RFC 8750 §7 → aes256gcm16'],
  ],
  [
    'IKE',
    'chacha20poly1305iiv-prfsha256-ecp256',
    'chacha20poly1305-prfsha256-ecp256',
    ['refused misplaced chacha20poly1305iiv 1 RFC 8750 §7 → chacha20poly1305'],
  ],
  ['IKE', 'aes128-sha256-ecp256-esn', 'aes128-sha256-ecp256', ['refused misplaced esn 22 RFC 7296 §3.3.3']],
  [
    'IKE',
    'aes128-AUTH_AES_128_GMAC-prfsha256-ecp256',
    'aes128-sha256-prfsha256-ecp256',
    ['refused misplaced AUTH_AES_128_GMAC 8 RFC 4543 §5.1 → sha256'],
  ],
  ['IKE', 'aes128-sha256-modpnone', 'aes128-sha256-ecp256', ['refused misplaced modpnone 15 RFC 7296 §3.3.3 → ecp256']],
  ['ESP', 'aes256gcm16-prfsha256', 'aes256gcm16', ['refused misplaced prfsha256 13 RFC 7296 §3.3.3']],
  [
    'ESP',
    'null-AUTH_AES_256_GMAC',
    'null-sha256',
    ['unusual unusual null 1 RFC 8221 §5', 'refused misplaced AUTH_AES_256_GMAC 6 RFC 4543 §5.3 → sha256'],
  ],
  ['AH', 'aes128-sha256', 'sha256', ['refused misplaced aes128 1 RFC 7296 §3.3.3']],
  ['AH', 'sha256-prfsha256', 'sha256', ['refused misplaced prfsha256 8 RFC 7296 §3.3.3']],
  // key lengths
  ['ESP', 'ENCR_AES_CBC-sha256', 'aes256-sha256', ['refused key-length ENCR_AES_CBC 1 RFC 7296 §3.3.5 → aes256']],
  ['ESP', 'aesgcm16', 'aes256gcm16', ['refused key-length aesgcm16 1 RFC 7296 §3.3.5 → aes256gcm16']],
  ['ESP', 'aes512gcm16', 'aes256gcm16', ['refused key-length aes512gcm16 1 RFC 4106 → aes256gcm16']],
  ['ESP', 'ENCR_AES_GCM_16/64', 'aes128gcm16', ['refused key-length ENCR_AES_GCM_16/64 1 RFC 4106 → aes128gcm16']],
  [
    'ESP',
    'ENCR_CHACHA20_POLY1305_256',
    'chacha20poly1305',
    ['refused key-length ENCR_CHACHA20_POLY1305_256 1 RFC 7296 §3.3.5 → chacha20poly1305'],
  ],
  [
    'ESP',
    'aes128-AUTH_HMAC_SHA2_256_128/256',
    'aes128-sha256',
    ['refused key-length AUTH_HMAC_SHA2_256_128/256 8 RFC 7296 §3.3.5 → sha256'],
  ],
  // something is missing
  ['IKE', 'sha256-ecp256', 'aes256-sha256-ecp256', ['refused missing-cipher 14 RFC 7296 §3.3.3 → aes256']],
  [
    'IKE',
    'aes128gcm16',
    'aes128gcm16-prfsha256-ecp256',
    ['refused missing-prf 12 RFC 7296 §3.3.3 → prfsha256', 'refused missing-key-exchange 12 RFC 7296 §3.3.3 → ecp256'],
  ],
  ['ESP', 'sha256', 'aes256-sha256', ['refused missing-cipher 7 RFC 7296 §3.3.3 → aes256']],
  ['ESP', 'esn', 'aes256gcm16-esn', ['refused missing-cipher 4 RFC 7296 §3.3.3 → aes256gcm16']],
  ['IKE', 'aes128--sha256-ecp256', 'aes128-sha256-ecp256', ['refused missing-word 8 -']],
  ['ESP', '', 'aes256gcm16', ['refused missing-word 1 -']],
  // no such word
  [
    'IKE',
    'aes265gcm16-prfsha384-ecp384',
    'aes256gcm16-prfsha384-ecp384',
    [
      'refused key-length aes265gcm16 1 RFC 4106 → aes256gcm16',
      'unusual unusual prfsha384 13 RFC 8247 §1.3',
      'unusual unusual ecp384 23 RFC 8247 §1.3',
    ],
  ],
  [
    'IKE',
    'aes128-sha265-x2551',
    'aes128-sha256-x25519',
    ['refused unknown-word sha265 8 - → sha256', 'refused unknown-word x2551 15 - → x25519'],
  ],
  ['ESP', 'ENCR_AES_CBC_12-sha256', 'aes128-sha256', ['refused key-length ENCR_AES_CBC_12 1 RFC 3602 → aes128']],
  ['ESP', 'rot13', 'aes256gcm16', ['refused unknown-word rot13 1 -']],
  // other implementations have it
  [
    'ESP',
    'twofish256-sha2_256_96',
    'aes256-sha256',
    ['refused not-implemented twofish256 1 - → aes256', 'refused not-implemented sha2_256_96 12 - → sha256'],
  ],
  [
    'IKE',
    'serpent128-sha256-ecp192',
    'aes128-sha256-ecp256',
    ['refused not-implemented serpent128 1 - → aes128', 'refused not-implemented ecp192 19 - → ecp256'],
  ],
]

function said(text: string, use: AlgorithmUse): readonly string[] {
  return lintProposal(text, use).findings.map(({ severity, code, word, column, rfc, instead }) =>
    [severity, code, ...(word === '' ? [] : [word]), column, rfc ?? '-', ...(instead === undefined ? [] : ['→', instead])].join(' '),
  )
}

test.each(rows)('%s %s', (use, text, suggestion, findings) => {
  expect(said(text, use)).toEqual(findings)
  expect(lintProposal(text, use).suggestion).toBe(suggestion)
})

describe('a finding', () => {
  test('is one line that names the word, the algorithm and what is thought of it', () => {
    expect(lintProposal('aes128-sha256-modp1024s160', 'IKE').findings.map(({ message }) => message)).toEqual([
      '"modp1024s160" (1024-bit MODP Group with 160-bit Prime Order Subgroup) is MUST NOT',
    ])
    expect(lintProposal('blowfish', 'IKE').findings[1]).toMatchObject({
      code: 'not-implemented',
      message: '"blowfish" (ENCR_BLOWFISH_128) of RFC 2451 is not implemented here',
    })
  })

  test('has its place in the whole text, also on a later line of it', () => {
    const text = 'aes256gcm16-prfsha256-ecp256,\n  aes128 - md5 - ecp256'
    expect(lintProposal(text, 'IKE').findings).toMatchObject([{ word: 'md5', offset: 41, line: 2, column: 12 }])
    expect(text.slice(41, 44)).toBe('md5')
  })
})

test('3DES is weak in ESP and no more than MAY in IKE: what strongSwan had by default before 5.4.0', () => {
  expect(said('aes128-sha1,3des-sha1', 'ESP')).toContain('weak weak 3des 13 RFC 8221 §5 → aes128')
  expect(lintProposal('aes128-sha1,3des-sha1', 'ESP').suggestion).toBe('aes128-sha256')
  expect(
    lintProposal('aes128-sha1-modp2048,3des-sha1-modp1536', 'IKE').findings.filter(({ severity }) => severity === 'weak'),
  ).toMatchObject([
    { word: 'sha1', column: 8 },
    { word: 'sha1', column: 27 },
    { word: 'modp1536', column: 32 },
  ])
})

test('the word of GMAC is a cipher in ESP and an integrity algorithm in AH (RFC 4543 §5.3)', () => {
  expect(lintProposal('aes128gmac', 'ESP').findings[0]?.message).toContain('(ENCR_NULL_AUTH_AES_GMAC_128) does not encrypt')
  expect(lintProposal('aes128gmac', 'AH').findings[0]?.message).toContain('(AUTH_AES_128_GMAC)')
})

test('an additional key exchange is known by its place (RFC 9370 §2.2.1)', () => {
  expect(said('aes256gcm16-prfsha256-ecp256-ke1_modp768', 'IKE')).toEqual(['refused forbidden ke1_modp768 30 RFC 8247 §2.4'])
  expect(lintProposal('aes256gcm16-prfsha256-ecp256-ke1_modp768', 'IKE').suggestion).toBe('aes256gcm16-prfsha256-ecp256')
})

test('every word of strongSwan 5.9.8 is known, and so is every name of the registries', () => {
  const ciphers =
    '3des cast128 blowfish blowfish128 blowfish192 blowfish256 serpent serpent128 serpent192 serpent256 twofish twofish128 twofish192 twofish256'
  const camellia = [128, 192, 256].flatMap((bits) =>
    ['', 'ctr', 'ccm8', 'ccm12', 'ccm16', 'ccm64', 'ccm96', 'ccm128'].map((mode) => `camellia${bits}${mode}`),
  )
  const others =
    'md5 md5_128 sha1_160 sha256_96 sha2_256_96 camelliaxcbc prfmd5 prfcamelliaxcbc modp768 modp1024 modp1024s160 modp2048s224 modp2048s256'
  const groups = 'modpnone modpnull modpcustom ecp192 ecp224 ecp224bp ntru112 ntru128 ntru192 ntru256 newhope128'
  const names = [encryptionIds, prfIds, integrityIds, keyExchangeIds].flatMap(({ entries }) => entries.map(({ notation }) => notation))
  const words = [...`${ciphers} ${others} ${groups} camellia`.split(' '), ...camellia, ...names]
  expect(words.filter((word) => said(word, 'ESP').some((line) => line.includes('unknown-word')))).toEqual([])
})

test('there is nothing to say of the defaults', () => {
  expect(defaultIkeProposals.flatMap((each) => said(formatProposal(each), 'IKE'))).toEqual([])
  expect(defaultEspProposals.flatMap((each) => said(formatProposal(each), 'ESP'))).toEqual([])
})

describe('whatever is written,', () => {
  const names = [encryptionIds, prfIds, integrityIds, keyExchangeIds].flatMap(({ entries }) => entries.map(({ notation }) => notation))
  const foreign =
    'des 3des md5 blowfish256 camellia192 camellia256ccm8 modp1024 modp2048s224 ecp192 prfmd5 twofish256 sha256_96 modpnone'.split(' ')
  const spoilt = [
    '',
    'aes512',
    'aesgcm',
    'sha265',
    'rot13',
    'ENCR_AES_CBC/256',
    'ENCR_AES_CCM_8_64',
    'ke2_ecp384',
    'ENCR_3DES/168',
    'esn',
    'noesn',
  ]
  const word = fc.oneof(fc.constantFrom(...algorithmWords.flatMap(({ words }) => words)), fc.constantFrom(...names, ...foreign, ...spoilt))
  const one = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join('-'))
  const several = fc.array(one, { minLength: 1, maxLength: 3 }).map((proposals) => proposals.join(','))
  const use = fc.constantFrom<AlgorithmUse>('IKE', 'ESP', 'AH')
  const protocols = { IKE: 1, AH: 2, ESP: 3 }

  test('what is suggested is good, can be configured, and is not improved upon', () => {
    fc.assert(
      fc.property(several, use, (text, which) => {
        const { suggestion } = lintProposal(text, which)
        if (suggestion === undefined) return
        const again = lintProposal(suggestion, which)
        expect({ text, suggestion, again: again.suggestion }).toEqual({ text, suggestion, again: undefined })
        expect(again.findings.filter(({ severity }) => severity !== 'unusual')).toEqual([])
        expect(parseProposals(suggestion, protocols[which])).toMatchObject({ ok: true })
      }),
      { seed: 8221, numRuns: 300 },
    )
  })

  test('what is not refused can be configured, and what cannot be is refused with a reason of its own', () => {
    fc.assert(
      fc.property(several, use, (text, which) => {
        const refused = lintProposal(text, which).findings.filter(({ severity }) => severity === 'refused')
        const parsed = parseProposals(text, protocols[which])
        if (refused.length === 0) expect(parsed).toMatchObject({ ok: true })
        if (!parsed.ok) expect(refused.map(({ message }) => message)).not.toContain(parsed.fault.message)
      }),
      { seed: 8247, numRuns: 300 },
    )
  })

  test('every finding stands where it says', () => {
    fc.assert(
      fc.property(several, use, (text, which) => {
        for (const { word: found, offset, line, column } of lintProposal(text, which).findings) {
          expect([text.slice(offset, offset + found.length), line, column]).toEqual([found, 1, offset + 1])
        }
      }),
      { seed: 9395, numRuns: 100 },
    )
  })
})
