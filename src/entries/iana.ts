// `ikebana/iana`: the registries that IKEv2 and IPsec use, numbers and names.
export {
  algorithmRequirements,
  algorithmStatus,
  compressionRequirements,
  deprecatedAlgorithms,
  type AlgorithmRequirement,
  type AlgorithmStatus,
  type AlgorithmUse,
  type DeprecatedAlgorithm,
  type LevelException,
  type RequirementLevel,
  type StatedLevel,
} from '../iana/algorithm-requirements.ts'
export { authMethod, authMethodName, authMethods } from '../iana/authentication.ts'
export { certificateEncoding, certificateEncodingName, certificateEncodings } from '../iana/certificates.ts'
export {
  configurationAttribute,
  configurationAttributeName,
  configurationAttributes,
  configurationType,
  configurationTypeName,
  configurationTypes,
} from '../iana/configuration.ts'
export { exchange, exchangeName, exchanges } from '../iana/exchanges.ts'
export { hashAlgorithm, hashAlgorithmName, hashAlgorithms } from '../iana/hash-algorithms.ts'
export { idType, idTypeName, idTypes } from '../iana/identification.ts'
export { ipProtocol, ipProtocolName, ipProtocols } from '../iana/ip-protocols.ts'
export { ipcompTransform, ipcompTransformName, ipcompTransforms } from '../iana/ipcomp.ts'
export { notifications, notify, notifyClass, notifyName } from '../iana/notify.ts'
export { payloadType, payloadTypeName, payloadTypeNotation, payloadTypes } from '../iana/payloads.ts'
export { protocol, protocolName, protocols } from '../iana/protocols.ts'
export type { Registry, RegistryEntry } from '../iana/registry.ts'
export { trafficSelectorType, trafficSelectorTypeName, trafficSelectorTypes } from '../iana/traffic-selectors.ts'
export { transformAttribute, transformAttributeName, transformAttributes } from '../iana/transform-attributes.ts'
export {
  encryption,
  encryptionIds,
  encryptionName,
  integrity,
  integrityIds,
  integrityName,
  keyExchange,
  keyExchangeIds,
  keyExchangeName,
  prf,
  prfIds,
  prfName,
  sequenceNumberIds,
  sequenceNumbers,
  sequenceNumbersName,
  transformIdName,
  transformIds,
  transformType,
  transformTypeName,
  transformTypeNotation,
  transformTypes,
} from '../iana/transforms.ts'
