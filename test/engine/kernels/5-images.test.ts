import { depthwiseCases } from './cases/depthwise.ts';
import { imageCases } from './cases/images.ts';
import { describeCases } from './describe-cases.ts';

describeCases('Depthwise convolutions', depthwiseCases);
describeCases('Pools and resizing', imageCases);
