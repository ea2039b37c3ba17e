/**
 * The contract with the engine, mirrored by hand from the crate `api` until its bindings are generated.
 * What the interface needs beyond it stands apart, in `contract/wanted.ts`.
 */
export type * from './contract/command';
export type * from './contract/event';
export type * from './contract/view';
export type * from './contract/wanted';
export { ERROR_CODES, type ErrorCode, type CommandError } from './contract/error';
