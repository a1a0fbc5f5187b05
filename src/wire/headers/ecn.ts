// The ECN field of both IP versions. RFC 3168 §5.

/** `Not-ECT`, `ECT(1)`, `ECT(0)`, `CE` */
export const ecnWords = (codepoint: number): string | undefined => words[codepoint]

const words: readonly string[] = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE']
