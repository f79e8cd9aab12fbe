export type { Message } from './model/contract.ts';
