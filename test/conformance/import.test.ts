// Other people's files: what becomes of each form, of what is outside of the catalogue, and of files that are none. The files themselves, as far
// as they are at hand: import-whole.test.ts.
import { describe, expect, test } from 'vitest'
import { readCavp } from '../../src/conformance/import/cavp.ts'
import { parseRsp } from '../../src/conformance/import/rsp.ts'
import { readWycheproof } from '../../src/conformance/import/wycheproof.ts'

describe('the form of CAVP', () => {
  test('headings start anew, fields before any heading hold for the file, fields between cases for those that follow', () => {
    const { comments, cases } = parseRsp(
      '# A\nTlen = 16\n\n[X]\n[Nlen = 7]\n\nKey = aa\n\nCount = 0\nP = 01\n\nKey = bb\n\nCount = 1\nP = 02\n[Y]\n\nCount = 2\n',
    )
    expect(comments).toEqual(['# A'])
    expect(cases.map(({ section, fields }) => ({ ...Object.fromEntries(section), ...Object.fromEntries(fields) }))).toEqual([
      { Tlen: '16', X: '', Nlen: '7', Key: 'aa', Count: '0', P: '01' },
      { Tlen: '16', X: '', Nlen: '7', Key: 'bb', Count: '1', P: '02' },
      { Tlen: '16', Y: '', Count: '2' },
    ])
  })

  test('AES-CCM: a nonce of 11 octets is salt and IV, others are left out by name', () => {
    const one = (nonceLength: number): string =>
      `# "CCM-VNT" information\nAlen = 0\nPlen = 0\nTlen = 8\n[Nlen = ${nonceLength}]\nKey = ${'0a'.repeat(16)}\n\nCount = 0\nNonce = ${'0b'.repeat(nonceLength)}\nAdata = 00\nPayload = 00\nCT = ${'0c'.repeat(8)}\n`
    const { files, outside } = readCavp('x.rsp', one(11))
    expect(files[0]?.cases.map(({ inputs, expected }) => [inputs['operation'], inputs['key'], inputs['iv'], expected.kind])).toEqual([
      ['open', '0a'.repeat(16) + '0b0b0b', '0b'.repeat(8), 'outputs'],
      ['seal', '0a'.repeat(16) + '0b0b0b', '0b'.repeat(8), 'outputs'],
    ])
    expect(outside).toEqual([])
    expect(readCavp('x.rsp', one(13)).outside).toEqual([{ suite: 'cavp', says: 'AES-CCM with a nonce of 13 octets', count: 1 }])
  })

  test('fields that are no octets are told with their line', () => {
    const { faults } = readCavp('x.rsp', '# test data for CBC\n\nCOUNT = 0\nKEY = xx\nIV = 00\nPLAINTEXT = 00\nCIPHERTEXT = 0\n')
    expect(faults).toEqual([{ file: 'x.rsp', path: 'line 3', says: 'KEY, CIPHERTEXT: no octets in hexadecimal' }])
  })

  test('a file of something else is one fault', () => {
    expect(readCavp('x.rsp', 'hello').faults).toHaveLength(1)
  })
})

describe("Wycheproof's form", () => {
  const file = (type: string, group: object, each: object, algorithm = 'AES-GCM'): string =>
    JSON.stringify({ algorithm, testGroups: [{ type, ...group, tests: [{ tcId: 7, result: 'valid', ...each }] }] })

  test('a nonce of 96 bits is salt and IV', () => {
    const aead = { key: '00'.repeat(16), iv: '0102030405060708090a0b0c', aad: '', msg: '61', ct: '62', tag: '63'.repeat(16) }
    const { files } = readWycheproof('x_test.json', file('AeadTest', { ivSize: 96, tagSize: 128, keySize: 128 }, aead))
    expect(files[0]?.cases[0]).toMatchObject({
      id: 'x-test-7',
      source: { imported: 'Wycheproof x_test.json', number: 7 },
      inputs: { operation: 'open', key: `${'00'.repeat(16)}01020304`, iv: '05060708090a0b0c', sealed: `62${'63'.repeat(16)}` },
    })
  })

  test('what is invalid must fail where the tag is', () => {
    const aead = { result: 'invalid', key: '00'.repeat(16), iv: '00'.repeat(12), aad: '', msg: '', ct: '', tag: '' }
    const { files } = readWycheproof('x_test.json', file('AeadTest', { ivSize: 96, tagSize: 128, keySize: 128 }, aead))
    expect(files[0]?.cases.map(({ result, expected }) => [result, expected])).toEqual([
      ['invalid', { kind: 'invalid', at: { layer: 'integrity', field: 'sealed' } }],
    ])
  })

  test('other algorithms and sizes are left out by name', () => {
    expect(readWycheproof('x_test.json', file('PbkdfTest', {}, {}, 'PBKDF2')).outside[0]?.says).toBe('PBKDF2 (PbkdfTest)')
    expect(readWycheproof('x_test.json', file('AeadTest', { ivSize: 64, tagSize: 128 }, {})).outside[0]?.says).toBe(
      'AES-GCM with a nonce of 64 bits',
    )
  })

  test.each(['', '{', '[]', '{"algorithm":1}', '{"algorithm":"X","testGroups":[{"type":"T","tests":[{"tcId":"1","result":"valid"}]}]}'])(
    'a file that is none is told: %s',
    (text) => {
      const { faults, files } = readWycheproof('x_test.json', text)
      expect(faults.length).toBeGreaterThan(0)
      expect(files).toEqual([])
    },
  )
})
