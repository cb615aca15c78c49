import { describe } from 'vitest';
import { approvalContract } from '../testing/approval-contract.ts';
import { storeContract } from '../testing/contract.ts';
import { openInMemory } from './index.ts';

describe('the embedded store', () => {
  storeContract(openInMemory);
  describe('of approvals', () => approvalContract(openInMemory));
});
