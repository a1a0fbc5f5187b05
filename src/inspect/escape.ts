// Text from a peer, made safe to print: what could steer a terminal or reorder a line is shown by its code point instead.

/**
 * The same text with control characters (C0, DEL, C1), bidirectional and other format characters, line and paragraph separators, and lone
 * surrogates written as `\x1b` or `\u{202e}`; the backslash is doubled, so that nothing can pass for an escape.
 */
export function escapeText(text: string): string {
  if (harmless.test(text)) return text
  let safe = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (character === '\\') safe += '\\\\'
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) safe += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code >= 0xa0 && hidden.test(character)) safe += `\\u{${code.toString(16)}}`
    else safe += character
  }
  return safe
}

/** The text of UTF-8 octets, escaped; octets that are not UTF-8 are written as `\xff`. */
export function escapeOctets(octets: Uint8Array): string {
  let safe = ''
  for (let at = 0; at < octets.length; ) {
    const { length, code } = decodeUtf8(octets, at)
    safe += code === undefined ? `\\x${(octets[at] ?? 0).toString(16).padStart(2, '0')}` : escapeText(String.fromCodePoint(code))
    at += length
  }
  return safe
}

/** Printable ASCII without the backslash: nearly all text there is. */
const harmless: RegExp = /^[ -[\]-~]*$/

// Cf: format characters (bidirectional controls, zero-width joiners, tags); Zl, Zp: separators; Cs: surrogates; Co, Cn: no agreed glyph.
const hidden: RegExp = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u

/** RFC 3629 §4: shortest forms only, no surrogates, nothing above U+10FFFF. `code` is `undefined` where an octet starts no character. */
function decodeUtf8(octets: Uint8Array, at: number): { readonly length: number; readonly code: number | undefined } {
  const first = octets[at] ?? 0
  if (first < 0x80) return { length: 1, code: first }
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0
  if (length === 0 || at + length > octets.length) return { length: 1, code: undefined }
  let code = first & (0xff >> (length + 1))
  for (let i = 1; i < length; i++) {
    const next = octets[at + i] ?? 0
    if (next >>> 6 !== 2) return { length: 1, code: undefined }
    code = (code << 6) | (next & 63)
  }
  const least = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return { length: 1, code: undefined }
  return { length, code }
}
