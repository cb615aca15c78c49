/**
 * The locks of admission: what they must be asked about, and whether they are there.
 */
export { SECOND_LOCK, type LockPart } from './coverage.ts';
export { createAdmissionWatch, type AdmissionWatch } from './admission-watch.ts';
export { lockPieces, type LockPiece } from './lock.ts';
export { createLockWatch, type LockSettings, type LockWatch } from './lock-watch.ts';
export { LOCK_PERMISSIONS } from './permissions.ts';
