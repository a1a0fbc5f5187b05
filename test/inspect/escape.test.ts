import { assert, property, string, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { escapeOctets, escapeText } from '../../src/inspect/escape.ts'

describe('text from a peer', () => {
  test('is left alone where it is plain', () => {
    expect(escapeText('vpn.example, Zürich, 東京, 🌸')).toBe('vpn.example, Zürich, 東京, 🌸')
  })
  test('cannot steer a terminal', () => {
    expect(escapeText('\u001b[2J\u0007\r\n\u009b31m\u007f')).toBe('\\x1b[2J\\x07\\x0d\\x0a\\x9b31m\\x7f')
  })
  test('cannot reorder a line or hide in it', () => {
    expect(escapeText('a\u202eb\u2066c\u200bd\u2028e\ufefff')).toBe('a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e\\u{feff}f')
  })
  test('cannot pass for an escape', () => {
    expect(escapeText('\\x1b')).toBe('\\\\x1b')
  })
  test('shows lone surrogates by number', () => {
    expect(escapeText('\ud800')).toBe('\\u{d800}')
  })
})

describe('octets from a peer', () => {
  test('that are UTF-8 read as text', () => {
    assert(
      property(string({ unit: 'grapheme' }), (text) => {
        expect(escapeOctets(utf8(text))).toBe(escapeText(text))
      }),
      { seed: 1, numRuns: 300 },
    )
  })
  test.each([
    ['a lone continuation', [0x80], '\\x80'],
    ['an overlong slash', [0xc0, 0xaf], '\\xc0\\xaf'],
    ['an overlong three-octet form', [0xe0, 0x80, 0xaf], '\\xe0\\x80\\xaf'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['a character cut off', [0x41, 0xe2, 0x82], 'A\\xe2\\x82'],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\\xf4\\x90\\x80\\x80'],
  ])('that are not UTF-8 are shown one by one: %s', (_, octets, text) => {
    expect(escapeOctets(Uint8Array.from(octets))).toBe(text)
  })
  test('never print a control character', () => {
    assert(
      property(uint8Array({ maxLength: 40 }), (octets) => {
        expect(escapeOctets(octets)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
      { seed: 2, numRuns: 1000 },
    )
  })
})
