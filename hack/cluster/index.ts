/**
 * A real Kubernetes on this machine, for tests and for the demo. `main.ts` is the same on the command line.
 */
export { startCluster, type Cluster, type ClusterOptions } from './cluster.ts';
export {
  startControlPlane,
  type ControlPlane,
  type ControlPlaneOptions,
} from './control-plane/stand-alone.ts';
export type { Identity } from './control-plane/files.ts';
export { ensurePrograms, kubernetesVersion, type ProgramName } from './binaries/index.ts';
export { downloadGoModule } from './binaries/go-module.ts';
export { findProgram, run, type RunOptions } from './exec.ts';
export { buildImage } from './images/build.ts';
export { aptInstall, requireAptGet } from './node/packages.ts';
export { freeInstance } from './node/free-instance.ts';
export { silentReporter, streamReporter, type Reporter } from './report.ts';
