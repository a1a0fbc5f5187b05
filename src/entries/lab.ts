// `ikebana/lab`: hosts on a virtual network with weather, NATs and a clock that jumps; scenarios, step by step and again. For tests: who
// knows the seed knows every key.
export { LabHost, type LabHostOptions } from '../lab/host.ts'
export { Nat, type NatOptions } from '../lab/nat.ts'
export type { Caution, ChildNames, Forecast, Span } from '../lab/forecast.ts'
export { EndlessRun, type Middlebox, mishapsOf, Network, type NetworkOptions } from '../lab/network.ts'
export { seededRandom, type Stream, stream } from '../lab/random.ts'
export { type Rehearsal, type RehearsalOutcome, rehearse, type Start } from '../lab/rehearsal.ts'
export type { Failure, Failures, RehearsalPair, RehearsalParty, Side } from '../lab/rehearsal-stage.ts'
export type { Consequence, Due, Renewal, RenewalResult, Renewed } from '../lab/renewal.ts'
export { formatRecording, parseRecording, type RecordedInput, type Recording, replay, type Replayed } from '../lab/replay.ts'
export { explainFailure, formatSchedule, ladderOf, mermaidOf } from '../lab/report.ts'
export { type Outcome, runScenario } from '../lab/run.ts'
export {
  type Action,
  describeAction,
  type Expectation,
  type Scenario,
  type ScenarioHost,
  type ScenarioLifetimes,
  type ScenarioLink,
  type ScenarioNat,
  type Step,
} from '../lab/scenario.ts'
export { formatScenario } from '../lab/scenario-files/format.ts'
export { playScenario, scenarioFileOf } from '../lab/scenario-files/play.ts'
export { type ReadScenario, readScenario, type ScenarioFile } from '../lab/scenario-files/read.ts'
export {
  type Diagnostic,
  type DiagnosticCode,
  diagnosticLines,
  type Excerpt,
  type Finding,
  type Severity,
} from '../documents/diagnostic.ts'
export { shrink, type Shrunk } from '../lab/shrink.ts'
export { type CastMember, setStage, type Stage, type World } from '../lab/stage.ts'
export { describeEvent, type Entry, formatEntry, formatTranscript, type Stop } from '../lab/transcript.ts'
export { Walk } from '../lab/walk.ts'
export { calm, formatMishap, type Mishap, randomSky, scriptedSky, type Sky, type Weather } from '../lab/weather.ts'
