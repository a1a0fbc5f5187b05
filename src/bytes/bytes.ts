// Plain octet-string operations. No Buffer, no TextEncoder: these run in any JavaScript.

/** `00` to `ff` */
const pairs: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal, two digits an octet. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  // Four at once: short strings are put together at once, long ones are left as chains that someone has to walk later.
  for (; at + 4 <= bytes.length; at += 4) {
    const quad = pair(bytes, at) + pair(bytes, at + 1) + pair(bytes, at + 2) + pair(bytes, at + 3)
    text += quad
  }
  for (; at < bytes.length; at++) text += pair(bytes, at)
  return text
}

const pair = (bytes: Uint8Array, at: number): string => pairs[bytes[at] ?? 0] ?? ''

/** Octets of a hexadecimal string; white space and colons between digits are allowed. `undefined` when it is not one. */
export function fromHex(text: string): Uint8Array | undefined {
  return fromDigits(text) ?? fromDigits(text.replace(/[\s:]+/g, ''))
}

/** Nothing but digits, an even number of them: as SPIs are, in each message. */
function fromDigits(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf(text.charCodeAt(2 * i))
    const low = digitOf(text.charCodeAt(2 * i + 1))
    if (high < 0 || low < 0) return undefined
    bytes[i] = (high << 4) | low
  }
  return bytes
}

/** -1 where it is none. */
function digitOf(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30
  const letter = character | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Equality of two public strings of octets; may stop early. For MACs and anything secret use `equalConstantTime`. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Equality whose running time depends on the lengths only. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

export function u32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** UTF-8 octets of a text (RFC 3629); lone surrogates become U+FFFD. */
export function utf8(text: string): Uint8Array {
  const out: number[] = []
  for (const character of text) {
    let code = character.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd
    if (code < 0x80) out.push(code)
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return Uint8Array.from(out)
}

/** The text of octets that are printable ASCII throughout; `undefined` otherwise. */
export function asciiText(bytes: Uint8Array): string | undefined {
  let text = ''
  for (const octet of bytes) {
    if (octet < 0x20 || octet > 0x7e) return undefined
    text += String.fromCharCode(octet)
  }
  return text
}
