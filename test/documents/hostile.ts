// What no file of ours should have in it, for tests of what reads files.

/** What means something in YAML, or steers a terminal. */
export const marks: readonly string[] = ['"', "'", '&a ', '*a', '!t ', '|', '>', '%', '?', '\\', '\u0000', '\u202e']

/** A few lines that become millions of words when aliases are followed; they stand under `key`. */
export const laughs = (key: string): string => {
  const names = 'abcdefgh'
  const lists = Array.from(names.slice(1), (name, i) => `${name}: &${name} [${Array(8).fill(`*${names[i]}`).join()}]`)
  return ['a: &a [x,x,x,x,x,x,x,x]', ...lists, `${key}: *h`].join('\n')
}
