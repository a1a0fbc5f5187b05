// Where the bits of a part of a field are: `.... .1..`.
import type { BitSpan } from './span.ts'

/** The same few flags come again and again: their pictures are kept. */
const pictures = new Map<string, string>()
const mostPictures = 4096

/** `all`: bits of the whole field. Digits where the part is, dots elsewhere, in groups of four. */
export function bitPicture({ first, width, value }: BitSpan, all: number): string {
  const key = `${first} ${width} ${all} ${value}`
  const known = pictures.get(key)
  if (known !== undefined) return known
  const digits = Number.parseInt(value, 10).toString(2).padStart(width, '0')
  const whole = `${'.'.repeat(first)}${digits}${'.'.repeat(all - first - width)}`
  const drawn = whole.replace(/(.{4})(?=.)/g, '$1 ')
  if (pictures.size < mostPictures) pictures.set(key, drawn)
  return drawn
}
