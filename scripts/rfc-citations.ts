// Citations of RFCs in source text: `RFC 7296 §2.1, §2.6`, `RFC 7296 §2.1 to §2.3; RFC 4303 §3.4.3`.

/** Every section that a text cites, as `RFC 7296 §2.1`. A range names all its sections that are on the same level. */
export function citationsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [, document, list] of text.matchAll(citation)) {
    for (const [, first, last] of (list ?? '').matchAll(sections)) {
      for (const section of last === undefined ? [first] : between(first ?? '', last)) found.add(`${document} §${section}`)
    }
  }
  return found
}

const citation = /(RFC \d+) (§[\d.]*\d(?:(?:, (?:and )?| and | to )§[\d.]*\d)*)/g
const sections = /§([\d.]*\d)(?: to §([\d.]*\d))?/g

/** `2.1` to `2.4`: with both ends. */
function between(first: string, last: string): readonly string[] {
  const parent = first.slice(0, first.lastIndexOf('.') + 1)
  const [from, to] = [Number(first.slice(parent.length)), Number(last.slice(parent.length))]
  if (!last.startsWith(parent) || !(from <= to)) return [first, last]
  return Array.from({ length: to - from + 1 }, (_, i) => `${parent}${from + i}`)
}
