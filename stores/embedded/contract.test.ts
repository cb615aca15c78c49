import { describe } from 'vitest';
import { storeContract } from '../testing/contract.ts';
import { openInMemory } from './index.ts';

describe('the embedded store', () => {
  storeContract(openInMemory);
});
