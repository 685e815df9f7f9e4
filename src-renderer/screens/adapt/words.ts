import { adaptationTitle } from '../../../src-main/contract/adaptation-stages.ts';
import type {
  AdaptationCandidate,
  AdaptationJudgement,
} from '../../../src-main/contract/adaptation-judgement.ts';

export const candidateName = ({ method, strength }: AdaptationCandidate): string =>
  method === null ? 'Not adapted' : `${adaptationTitle(method)}${strength === null ? '' : ` × ${strength}`}`;

export const verdictWord = ({ verdict }: AdaptationCandidate): string =>
  verdict === null
    ? ''
    : {
        worse: 'made it worse',
        better: 'helped',
        'no-difference': 'no difference found',
        unknown: 'cannot be told',
      }[verdict.state];

export const verdictTone = ({ verdict }: AdaptationCandidate): 'danger' | 'good' | 'plain' | 'warn' =>
  verdict === null
    ? 'plain'
    : ({ worse: 'danger', better: 'good', 'no-difference': 'plain', unknown: 'warn' } as const)[
        verdict.state
      ];

export const selectionWords: Record<AdaptationJudgement['selectedBy'], string> = {
  audit: 'the labels of the audit',
  'as-it-came': 'caution',
  'heap-accuracy': 'accuracy estimated without labels',
  'info-max': 'InfoMax',
  entropy: 'entropy',
  density: 'soft neighbourhood density',
  'weighted-risk': 'importance-weighted validation',
  'embedded-risk': 'deep embedded validation',
};

export const figure = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toPrecision(2)));
