// An RFC as its text is published: sections, their prose without page breaks, and the key words in it (RFC 2119).

export interface RfcSection {
  readonly number: string
  /** Blanks and line ends are one blank. */
  readonly prose: string
  /** Those that require: MUST, MUST NOT, SHALL, SHALL NOT, REQUIRED. */
  readonly words: readonly string[]
}

export function sectionsOf(text: string): readonly RfcSection[] {
  const lines = text.replaceAll(pageBreak, '\n').split('\n')
  const sections: { readonly number: string; readonly lines: string[] }[] = []
  for (const line of lines) {
    // The table of contents is indented.
    const number = /^(?:Appendix )?((?:\d+|[A-Z]\d*)(?:\.\d+)*)[.:]\s+\S/.exec(line)?.[1]
    if (number !== undefined) sections.push({ number, lines: [] })
    sections.at(-1)?.lines.push(line)
  }
  return sections.map(({ number, lines: some }) => {
    const prose = some.join(' ').replaceAll(/\s+/g, ' ')
    return { number, prose, words: prose.match(/\b(?:MUST(?: NOT)?|SHALL(?: NOT)?|REQUIRED)\b/g) ?? [] }
  })
}

const pageBreak = /\n[^\n]*\[Page \d+\]\n\f?\n?RFC \d+[^\n]*\n/g
