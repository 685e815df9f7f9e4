import type { SelfSupervisedMethodName } from '../../contract/self-supervision.ts';
import { byol } from './byol.ts';
import type { SelfSupervisedMethod } from './method.ts';
import { simclr } from './simclr.ts';
import { vicreg } from './vicreg.ts';

const methods: Record<SelfSupervisedMethodName, SelfSupervisedMethod> = { simclr, byol, vicreg };

export const methodNamed = (name: SelfSupervisedMethodName): SelfSupervisedMethod => methods[name];
