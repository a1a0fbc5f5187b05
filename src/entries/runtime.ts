// `ikebana/runtime`: drives a host on Node: UDP sockets, the clock, operations.
export { openRawPath, type RawPath, type RawPathOptions } from '../runtime/raw/raw-path.ts'
export { type RawPathObstacle, RawPathUnavailable } from '../runtime/raw/unavailable.ts'
export { type Runtime, type RuntimeOptions, startRuntime } from '../runtime/runtime.ts'
export { answerPing, answerUdpEcho, type Service, serviceOf } from '../runtime/services/echo-responder.ts'
export { type BindAddress, BindFailure, type SendFailure } from '../runtime/sockets.ts'
export { systemRandom } from '../runtime/system-random.ts'
