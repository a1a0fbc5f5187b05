// What to say of faults of YAML: our own words, since those of the library quote the text, which may be a secret.

/** `code` is one of the library's; those that we do not know are "no YAML". */
export function syntaxWords(code: string): string {
  return words[code] ?? 'this is no YAML'
}

const words: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias has no anchor and no tag of its own',
  BAD_ALIAS: 'this is no name of an anchor or an alias',
  BAD_DIRECTIVE: 'lines that start with % are directives of YAML, and this is none',
  BAD_DQ_ESCAPE: 'this escape is none that YAML knows: write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: 'the indentation is wrong: words of one map start in one column, and what is inside starts further right',
  BAD_PROP_ORDER: 'anchors and tags come before what they are for',
  BAD_SCALAR_START: 'no word starts with this character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a colon is one too many here: put the text in quotes, or start a new line',
  BLOCK_IN_FLOW: 'inside of { } and [ ] there are no words in lines of their own: separate them by commas',
  IMPOSSIBLE: 'this is no YAML',
  KEY_OVER_1024_CHARS: 'a word before a colon has 1024 characters at most',
  MISSING_CHAR: 'a character is missing: a closing quote or bracket, a comma, a colon, or the space behind one of them',
  MULTILINE_IMPLICIT_KEY: 'a word before a colon is on one line: is the colon behind it, or the indentation, wrong?',
  MULTIPLE_ANCHORS: 'one anchor is enough',
  MULTIPLE_DOCS: 'there is one document in a file: leave out the line ---',
  MULTIPLE_TAGS: 'one tag is enough',
  NON_STRING_KEY: 'a word is expected before the colon',
  RESOURCE_EXHAUSTION: 'maps and lists are too deep',
  TAB_AS_INDENT: 'lines are indented by spaces, not by tabs',
  TAG_RESOLVE_FAILED: 'tags are not used here: leave out what starts with !',
  UNEXPECTED_TOKEN: 'this is not expected here: is a quote, a bracket, a comma or the indentation wrong?',
  BAD_COLLECTION_TYPE: 'tags are not used here: leave out what starts with !',
}
