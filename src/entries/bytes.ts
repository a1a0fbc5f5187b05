// `ikebana/bytes`: octet strings, results, secrets.
export { asciiText, concat, equal, equalConstantTime, fromHex, toHex, utf8 } from '../bytes/bytes.ts'
export { failed, ok, type Result } from '../bytes/result.ts'
export { dangerReveal, Secret, type SecretKeeper } from '../bytes/secret.ts'
