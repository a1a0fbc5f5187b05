// `ikebana/crypto/portable`: the provider for any JavaScript.
export { portableProvider, type PortableProviderOptions } from '../../crypto/providers/portable.ts'
