// The octets around a place, for a fault: `… 00 00 00 30 [00] 00 00 2c …`.

/** `offset` is marked; there are up to `reach` octets on either side. Behind the last octet the mark is empty. */
export function octetsAround(bytes: Uint8Array, offset: number, reach = 8): string {
  const at = Math.max(0, Math.min(offset, bytes.length))
  const first = Math.max(0, at - reach)
  const last = Math.min(bytes.length, at + reach + 1)
  const before = hexWords(bytes, first, at)
  const after = hexWords(bytes, at + 1, last)
  const marked = `[${at < bytes.length ? hexWords(bytes, at, at + 1) : ''}]`
  return [first > 0 ? '…' : '', before, marked, after, last < bytes.length ? '…' : ''].filter((part) => part !== '').join(' ')
}

function hexWords(bytes: Uint8Array, from: number, to: number): string {
  const words: string[] = []
  for (let i = from; i < to; i++) words.push((bytes[i] ?? 0).toString(16).padStart(2, '0'))
  return words.join(' ')
}
