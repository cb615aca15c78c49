/** The operator as a child process: see `operator-process.ts`. */
export { readCpuSeconds, readMemory } from './proc.ts';
export { startOperator, type Exit, type OperatorOptions, type OperatorProcess } from './operator-process.ts';
