// `ikebana/crypto/node`: the provider for Node.
export { nodeProvider, type NodeProviderOptions } from '../../crypto/providers/node.ts'
